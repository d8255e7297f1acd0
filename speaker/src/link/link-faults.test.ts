import { encodeArp, encodeEthernet, ETHERTYPE } from '@steelyard/arp-lib'
import { type Address, type Mac, parseAddress, parseMac } from '@steelyard/net'
import { type LinkIo, type MemoryInterface, SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MemoryLan, memoryLan } from './memory-lan.ts'
import type { LinkFact } from './messages.ts'

const address = (text: string): Address => parseAddress(text)!
const mac = (last: string): Mac => parseMac(`02:00:00:00:00:${last}`)!

function nic(lan: MemoryLan, name: string, last: string): MemoryInterface {
  const added = lan.host.addInterface({ name, mac: mac(last), segment: lan.segment })
  added.addAddress({ address: address(`fe80::${last}`), prefixLength: 64, scope: 'link' })
  return added
}
const desire = (lan: MemoryLan, ...ips: string[]): void =>
  lan.desire({ addresses: ips.map((ip) => ({ ip, interfaces: 'all' })), excludeInterfaces: [] })

const arpFrom = (sender: Mac, senderIp: string, targetIp: string): Uint8Array => {
  const payload = encodeArp({
    operation: 'request',
    senderMac: sender,
    senderIp: address(senderIp),
    targetMac: new Uint8Array(6),
    targetIp: address(targetIp),
  })
  const destination = parseMac('ff:ff:ff:ff:ff:ff')!
  return encodeEthernet({ destination, source: sender, etherType: ETHERTYPE.arp, payload })
}

type Told<Kind extends LinkFact['kind']> = Extract<LinkFact, { kind: Kind }>
const told = <Kind extends LinkFact['kind']>(lan: MemoryLan, kind: Kind): Told<Kind>[] =>
  lan.facts.filter((fact): fact is Told<Kind> => fact.kind === kind)
const namesOf = (lan: MemoryLan): string[] => (told(lan, 'interfaces').at(-1)?.interfaces ?? []).map(({ name }) => name)

/** Refuses a call while `on` says so. */
const refusing = <Args extends unknown[], Result>(
  call: (...args: Args) => Result,
  refusal: (...args: Args) => SystemCallError | undefined,
): ((...args: Args) => Result) => {
  return (...args) => {
    const error = refusal(...args)
    if (error !== undefined) throw error
    return call(...args)
  }
}

describe('a fault', () => {
  it('of one interface does not stop the others, is told, and heals by itself', () => {
    let isBroken = true
    const lan = memoryLan((io) => ({
      openPacket: refusing(io.openPacket, ({ ifindex }) =>
        isBroken && ifindex === 1 ? new SystemCallError('bind', 'ENOMEM', 'packet socket') : undefined,
      ),
    }))
    nic(lan, 'eth0', '01')
    nic(lan, 'eth1', '02')
    desire(lan, '192.0.2.99')
    lan.run(5000)
    assert.deepEqual(namesOf(lan), ['eth1'])
    assert.deepEqual(told(lan, 'fault'), [
      {
        kind: 'fault',
        interface: 'eth0',
        call: 'bind',
        errno: 'ENOMEM',
        message: 'bind: ENOMEM (packet socket)',
        times: 1,
      },
    ])
    isBroken = false
    lan.heard.splice(0)
    lan.run(10_000)
    assert.deepEqual(namesOf(lan), ['eth0', 'eth1'])
    assert.ok(lan.heard.filter(({ text }) => text.startsWith('01 > ')).length >= 16, 'the burst follows')
  })

  it('that goes on is retried ever more slowly and told again each minute, with how often it happened', () => {
    let calls = 0
    const lan = memoryLan(() => ({
      openPacket: () => {
        calls += 1
        throw new SystemCallError('socket', 'EPERM')
      },
    }))
    nic(lan, 'eth0', '01')
    lan.run(130_000)
    const faults = told(lan, 'fault')
    assert.equal(faults.length, 3)
    assert.ok((faults[1]?.times ?? 0) > 5)
    assert.ok(calls > 20 && calls < 80, `${calls} calls in 130 s for two sockets`)
    assert.deepEqual(namesOf(lan), [])
  })

  it('of a membership is retried by the next rescan, and the address is announced meanwhile', () => {
    let isBroken = true
    const openGroups =
      (io: LinkIo): LinkIo['openGroups'] =>
      (options) => {
        const socket = io.openGroups(options)
        return {
          ...socket,
          fd: socket.fd,
          join: refusing(socket.join, () => (isBroken ? new SystemCallError('setsockopt', 'ENOBUFS') : undefined)),
        }
      }
    const lan = memoryLan((io) => ({ openGroups: openGroups(io) }))
    const eth0 = nic(lan, 'eth0', '01')
    desire(lan, '2001:db8::99')
    lan.run(100)
    assert.deepEqual([eth0.groups(), lan.heard.length], [[], 2])
    assert.equal(told(lan, 'fault')[0]?.errno, 'ENOBUFS')
    isBroken = false
    lan.run(10_000)
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
  })

  it('of a dump, or of opening netlink, is retried until the interfaces are known', () => {
    let refusals = 5
    const lan = memoryLan((io) => ({
      openNetlink: refusing(io.openNetlink, () =>
        refusals-- > 0 ? new SystemCallError('socket', 'EMFILE') : undefined,
      ),
    }))
    nic(lan, 'eth0', '01')
    lan.run(1000)
    assert.deepEqual(told(lan, 'ready'), [])
    lan.run(1000)
    assert.deepEqual(namesOf(lan), ['eth0'])
    assert.equal(told(lan, 'ready').length, 1)
    assert.equal(told(lan, 'fault').length, 1)
  })

  it('of sending is told, and what was not sent is not counted', () => {
    let isBroken = true
    const openPacket =
      (io: LinkIo): LinkIo['openPacket'] =>
      (options) => {
        const socket = io.openPacket(options)
        const send = refusing(socket.send, () => (isBroken ? new SystemCallError('sendto', 'ENOBUFS') : undefined))
        return {
          ...socket,
          get fd() {
            return socket.fd
          },
          send,
        }
      }
    const lan = memoryLan((io) => ({ openPacket: openPacket(io) }))
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(40)
    isBroken = false
    lan.run(10_000)
    const counters = told(lan, 'counters').at(-1)?.addresses[0]
    assert.equal(counters?.gratuitous, 16, 'the first of nine rounds was lost')
    assert.equal(told(lan, 'fault').length, 1)
  })

  it('of an interface that goes down is none: netlink has told already, or will', () => {
    const lan = memoryLan()
    const eth0 = nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99', '2001:db8::99')
    lan.run(6000)
    eth0.change({ up: false })
    lan.run(100)
    assert.deepEqual(namesOf(lan), [])
    eth0.change({ up: true })
    lan.run(100)
    assert.deepEqual(namesOf(lan), ['eth0'])
    assert.deepEqual(told(lan, 'fault'), [])
  })

  it('of a socket that fails to read replaces it', () => {
    let isBroken = false
    const openPacket =
      (io: LinkIo): LinkIo['openPacket'] =>
      (options) => {
        const socket = io.openPacket(options)
        const receive = refusing(socket.receive, () => (isBroken ? new SystemCallError('recvmsg', 'EIO') : undefined))
        return {
          ...socket,
          get fd() {
            return socket.fd
          },
          receive,
        }
      }
    const lan = memoryLan((io) => ({ openPacket: openPacket(io) }))
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    isBroken = true
    lan.client.send(arpFrom(mac('0c'), '192.0.2.12', '192.0.2.99'))
    lan.run(5)
    isBroken = false
    assert.deepEqual(told(lan, 'interfaces').at(-1)?.interfaces, [{ name: 'eth0', arp: false, ndp: true }])
    lan.run(2000)
    assert.deepEqual(told(lan, 'interfaces').at(-1)?.interfaces, [{ name: 'eth0', arp: true, ndp: true }])
    lan.heard.splice(0)
    lan.client.send(arpFrom(mac('0c'), '192.0.2.12', '192.0.2.99'))
    lan.run(5)
    assert.equal(lan.heard.length, 1)
  })

  it('that is a bug of ours goes up and ends the worker', () => {
    const lan = memoryLan(() => ({
      openPacket: () => {
        throw new RangeError('a bug')
      },
    }))
    nic(lan, 'eth0', '01')
    assert.throws(() => lan.run(1), /a bug/)
    const other = memoryLan()
    desire(other, 'not-an-address')
    assert.throws(() => other.run(1), /desired address "not-an-address" is not an IP address/)
  })
})

describe('the counters', () => {
  it('tell what happened to each address, at most each second and only when it changed', () => {
    const lan = memoryLan()
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99', '192.0.2.98')
    lan.run(6000)
    lan.facts.splice(0)
    for (let asked = 0; asked < 5; asked++) lan.client.send(arpFrom(mac('0c'), '192.0.2.12', '192.0.2.99'))
    lan.client.send(arpFrom(mac('66'), '192.0.2.99', '192.0.2.99'))
    lan.client.send(arpFrom(mac('0c'), '192.0.2.12', '192.0.2.50'))
    lan.run(3000)
    assert.deepEqual(
      told(lan, 'counters').map(({ addresses, ignored }) => ({ addresses, ignored })),
      [
        {
          addresses: [
            { ip: '192.0.2.99', requests: 5, responses: 5, gratuitous: 18, claims: 1, claimedBy: '02:00:00:00:00:66' },
          ],
          ignored: { NotAnnounced: 1 },
        },
      ],
    )
  })

  it('come no faster than each second under load', () => {
    const lan = memoryLan()
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    for (let turn = 0; turn < 100; turn++) {
      lan.client.send(arpFrom(mac('0c'), '192.0.2.12', '192.0.2.99'))
      lan.run(50)
    }
    const reports = told(lan, 'counters').length
    assert.ok(reports >= 5 && reports <= 6, `${reports} reports in 5 s`)
  })

  it('begin anew for an address that went and came back', () => {
    const lan = memoryLan()
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    desire(lan)
    lan.run(2000)
    desire(lan, '192.0.2.99')
    lan.run(2000)
    assert.equal(told(lan, 'counters').at(-1)?.addresses[0]?.gratuitous, 12)
  })

  it('do not take another interface of this machine for a foreign claimant', () => {
    const lan = memoryLan()
    nic(lan, 'eth0', '01')
    nic(lan, 'eth1', '02')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    assert.ok(told(lan, 'counters').every(({ addresses }) => addresses.every(({ claims }) => claims === 0)))
  })

  it('tell the worst lag when it matters', () => {
    let stallMs = 0
    const lan = memoryLan((io) => ({
      poll: (fds, timeoutMs) => {
        const ready = io.poll(fds, timeoutMs)
        lan.clock.advance(stallMs)
        stallMs = 0
        return ready
      },
    }))
    nic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(1000)
    stallMs = 1300
    lan.run(5000)
    assert.equal(Math.max(...told(lan, 'counters').map(({ worstLagMs }) => worstLagMs)), 1300)
    assert.equal(told(lan, 'counters').at(-1)?.worstLagMs, 0, 'each report begins anew')
  })
})
