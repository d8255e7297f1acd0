import { encodeEthernet, encodeNdp, ETHERTYPE, groupMac, solicitedNodeGroup } from '@steelyard/arp-lib'
import type { Mac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, address, arpRequest, type Heard, mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { DesiredAddress } from './messages.ts'

const CLIENT = mac('0c')
const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

const everywhere = (...ips: string[]): DesiredAddress[] => ips.map((ip) => ({ ip, interfaces: 'all' as const }))
const on = (ip: string, ...interfaces: string[]): DesiredAddress => ({ ip, interfaces })

function desire(lan: MemoryLan, addresses: DesiredAddress[], excludeInterfaces: string[] = []): void {
  lan.desire({ addresses, excludeInterfaces })
}

const whoHas = (ip: string, to?: Mac): Uint8Array =>
  arpRequest(ip, { from: CLIENT, ...(to === undefined ? {} : { to }) })

function solicit(ip: string): Uint8Array {
  const target = address(ip)
  const destination = solicitedNodeGroup(target)
  const source = address('fe80::c')
  const payload = encodeNdp({ kind: 'solicitation', source, destination, target, sourceLinkLayer: CLIENT })
  return encodeEthernet({ destination: groupMac(destination), source: CLIENT, etherType: ETHERTYPE.ipv6, payload })
}

const texts = (heard: readonly Heard[]): string[] => heard.map(({ text }) => text)
/** Empties what was heard, so that what follows stands alone. */
const hush = (lan: MemoryLan): void => void lan.heard.splice(0)
const interfacesOf = (lan: MemoryLan): unknown => told(lan, 'interfaces').at(-1)?.interfaces

const times = (lan: MemoryLan, pattern: RegExp, from = 0): number[] =>
  lan.heard.filter(({ text }) => pattern.test(text)).map(({ at }) => at - from)

describe('the link worker answers', () => {
  it('an ARP request for an address of its own, once, and no other', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99'))
    lan.run(6000)
    hush(lan)
    lan.client.send(whoHas('192.0.2.99'))
    lan.client.send(whoHas('192.0.2.98'))
    lan.run(10)
    assert.deepEqual(texts(lan.heard), ['01 > 0c arp reply 192.0.2.99 at 01 to 192.0.2.12 at 0c'])
  })

  it('a unicast ARP request to its MAC, and none to another', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99'))
    lan.run(6000)
    hush(lan)
    lan.client.send(whoHas('192.0.2.99', mac('01')))
    lan.client.send(whoHas('192.0.2.99', mac('55')))
    lan.run(10)
    assert.equal(lan.heard.length, 1)
  })

  it('a solicitation in the group that it has joined', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('2001:db8::99'))
    lan.run(6000)
    hush(lan)
    lan.client.send(solicit('2001:db8::99'))
    lan.run(10)
    assert.deepEqual(texts(lan.heard), ['01 > 0c 2001:db8::99 > fe80::c 2001:db8::99 at 01 SO'])
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
  })

  it('nothing any more for an address that it lost, from that moment and without a goodbye', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99', '2001:db8::99'))
    lan.run(100)
    hush(lan)
    desire(lan, [])
    lan.client.send(whoHas('192.0.2.99'))
    lan.client.send(solicit('2001:db8::99'))
    lan.run(90_000)
    assert.deepEqual(lan.heard, [])
    assert.deepEqual(eth0.groups(), [])
  })
})

describe('a solicited-node group', () => {
  it('is left with the last of the addresses that share it', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('2001:db8::99', '2001:db8:1::99'))
    lan.run(10)
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
    desire(lan, everywhere('2001:db8:1::99'))
    lan.run(10)
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
    desire(lan, [])
    lan.run(10)
    assert.deepEqual(eth0.groups(), [])
  })
})

describe('the link worker announces', () => {
  it('each address by a burst: request and reply for IPv4, an advertisement for IPv6', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    lan.run(20)
    desire(lan, everywhere('192.0.2.99', '2001:db8::99'))
    lan.run(30_000)
    assert.deepEqual(times(lan, /arp request 192.0.2.99 at 01 to 192.0.2.99 at ff:ff:ff:ff:ff:ff/, 20), BURST_MS)
    assert.deepEqual(times(lan, /arp reply 192.0.2.99 at 01 to 192.0.2.99 at ff:ff:ff:ff:ff:ff/, 20), BURST_MS)
    assert.deepEqual(times(lan, /33:33:00:00:00:01 2001:db8::99 > ff02::1 2001:db8::99 at 01 -O/, 20), BURST_MS)
    assert.equal(lan.heard.length, 3 * BURST_MS.length + 2, 'and a look at each address')
  })

  it('nothing anew when the same is desired again', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99'))
    lan.run(6000)
    hush(lan)
    desire(lan, everywhere('192.0.2.99'))
    lan.run(20_000)
    assert.deepEqual(lan.heard, [])
  })

  it('anew after a carrier has come back', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99', '2001:db8::99'))
    lan.run(6000)
    eth0.change({ carrier: false })
    lan.run(1000)
    assert.deepEqual(interfacesOf(lan), [])
    hush(lan)
    eth0.change({ carrier: true })
    lan.run(10_000)
    assert.deepEqual(times(lan, /arp request 192.0.2.99/, 7000), BURST_MS)
    assert.deepEqual(times(lan, /ff02::1 2001:db8::99/, 7000), BURST_MS)
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
  })

  it('anew with the new MAC when an interface gets another', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99'))
    lan.run(6000)
    hush(lan)
    eth0.change({ mac: mac('77') })
    lan.run(10_000)
    assert.deepEqual(times(lan, /^77 > .* arp request 192.0.2.99 at 77/, 6000), BURST_MS)
    hush(lan)
    lan.client.send(whoHas('192.0.2.99'))
    lan.run(10)
    assert.deepEqual(texts(lan.heard), ['77 > 0c arp reply 192.0.2.99 at 77 to 192.0.2.12 at 0c'])
  })

  it('to those who asked for it lately as well, each by a frame of its own, whoever had it then', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    lan.run(10)
    lan.client.send(whoHas('192.0.2.99'))
    lan.run(1000)
    desire(lan, everywhere('192.0.2.99'))
    lan.run(10_000)
    assert.deepEqual(times(lan, /^01 > 0c arp reply 192.0.2.99 at 01 to 192.0.2.12 at 0c/, 1010), [0, 750])
  })
})

describe('the link worker does not tell twice', () => {
  it('who asked since the address is here got his answer, and no frame beside', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    lan.run(10)
    desire(lan, everywhere('192.0.2.99'))
    lan.run(100)
    lan.client.send(whoHas('192.0.2.99'))
    lan.run(10_000)
    assert.equal(times(lan, /^01 > 0c/).length, 1)
  })
})

describe('interfaces come and go', () => {
  it('a new one is announced on at once, its groups joined', () => {
    const lan = memoryLan()
    desire(lan, everywhere('192.0.2.99', '2001:db8::99'))
    lan.run(500)
    const late = addNic(lan, 'eth7', '07')
    lan.run(1)
    assert.deepEqual(interfacesOf(lan), [{ name: 'eth7', arp: true, ndp: true }])
    assert.deepEqual(late.groups(), ['ff02::1:ff00:99'])
    assert.equal(lan.heard[0]?.at, 500)
    assert.equal(lan.heard.length, 3)
  })

  it('NDP begins once the link-local address has passed duplicate address detection, and ends with it', () => {
    const lan = memoryLan()
    const eth0 = lan.host.addInterface({ name: 'eth0', mac: mac('01'), segment: lan.segment })
    const linkLocal = { address: address('fe80::1'), prefixLength: 64, scope: 'link' } as const
    eth0.addAddress({ ...linkLocal, tentative: true })
    desire(lan, everywhere('2001:db8::99'))
    lan.run(1000)
    assert.deepEqual([interfacesOf(lan), lan.heard], [[{ name: 'eth0', arp: true, ndp: false }], []])
    eth0.addAddress(linkLocal)
    lan.run(10)
    assert.deepEqual([interfacesOf(lan), lan.heard.length], [[{ name: 'eth0', arp: true, ndp: true }], 1])
    eth0.removeAddress(linkLocal.address)
    lan.run(10)
    assert.deepEqual(interfacesOf(lan), [{ name: 'eth0', arp: true, ndp: false }])
  })

  it('one that is removed is forgotten, and nothing stays open', () => {
    const lan = memoryLan()
    lan.run(10)
    const before = lan.host.openDescriptors()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, everywhere('192.0.2.99', '2001:db8::99'))
    lan.run(100)
    assert.equal(lan.host.openDescriptors(), before + 3)
    eth0.remove()
    lan.run(5000)
    assert.equal(lan.host.openDescriptors(), before)
    assert.deepEqual([interfacesOf(lan), lan.loop.state.schedule.entries.size], [[], 0])
    assert.deepEqual(told(lan, 'fault'), [])
  })

  it('a new name selects other addresses', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, [on('192.0.2.1', 'eth0'), on('192.0.2.2', 'wan0'), on('192.0.2.3', 'eth0', 'wan0')])
    lan.run(4000)
    assert.deepEqual(new Set(texts(lan.heard).map((text) => text.split(' ')[5])), new Set(['192.0.2.1', '192.0.2.3']))
    hush(lan)
    eth0.change({ name: 'wan0' })
    lan.run(10)
    assert.deepEqual(interfacesOf(lan), [{ name: 'wan0', arp: true, ndp: true }])
    assert.deepEqual(new Set(texts(lan.heard).map((text) => text.split(' ')[5])), new Set(['192.0.2.2']))
  })

  it('what is lost in the noise of events is found by the dump that follows', () => {
    const lan = memoryLan()
    lan.run(10)
    desire(lan, everywhere('192.0.2.99'))
    addNic(lan, 'eth0', '01')
    lan.host.loseEvents()
    lan.run(1)
    assert.deepEqual(interfacesOf(lan), [{ name: 'eth0', arp: true, ndp: true }])
  })
})

describe('interfaces are selected', () => {
  it('an address goes out only where it is wanted, the desires for it united', () => {
    const lan = memoryLan()
    for (const [name, last] of [
      ['eth0', '01'],
      ['eth1', '02'],
      ['eth2', '03'],
    ] as const)
      addNic(lan, name, last)
    desire(lan, [on('192.0.2.99', 'eth0'), on('192.0.2.99', 'eth2')])
    lan.run(40)
    hush(lan)
    lan.client.send(whoHas('192.0.2.99'))
    lan.run(5)
    assert.deepEqual(
      texts(lan.heard)
        .map((text) => text.slice(0, 2))
        .sort(),
      ['01', '03'],
    )
  })

  it('an excluded one does not exist, even when it is listed; a bad pattern excludes nothing and is told', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    addNic(lan, 'veth12', '02')
    desire(lan, [on('192.0.2.99', 'veth12', 'eth0')], ['^veth.*', '['])
    lan.run(2000)
    assert.deepEqual(interfacesOf(lan), [{ name: 'eth0', arp: true, ndp: true }])
    assert.ok(texts(lan.heard).every((text) => text.startsWith('01')))
    const faults = told(lan, 'fault')
    assert.equal(faults.length, 1)
    assert.match(faults[0]!.message, /"\[" is not a regular expression/)
  })
})
