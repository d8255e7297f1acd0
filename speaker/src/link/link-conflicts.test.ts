import { encodeEthernet, encodeNdp, ETHERTYPE, groupMac, solicitedNodeGroup } from '@steelyard/arp-lib'
import { formatAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nextDeadline } from './decide/step.ts'
import { addForeignHost } from './memory-foreign-host.ts'
import { addNic, address, arpRequest, frameInWords, mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'
import type { LinkDesired } from './messages.ts'

const V4 = '192.0.2.99'
const V6 = '2001:db8::99'
const FOREIGN = '02:00:00:00:00:66'

type Scene = Partial<Omit<LinkDesired, 'addresses'>> & { readonly ips?: readonly string[] }

const desire = (lan: MemoryLan, { ips = [V4, V6], ...rest }: Scene = {}): void =>
  lan.desire({ addresses: ips.map((ip) => ({ ip, interfaces: 'all' })), excludeInterfaces: [], ...rest })

/** A node that has announced for long enough to be quiet. */
function settled(scene?: Scene): MemoryLan {
  const lan = memoryLan()
  addNic(lan, 'eth0', '01')
  desire(lan, scene)
  lan.run(6000)
  lan.heard.splice(0)
  return lan
}
/** What it says of its addresses; its looks at who else has them say nothing. */
const ours = (lan: MemoryLan): string[] =>
  lan.heard.map(({ text }) => text).filter((text) => text.startsWith('01 > ') && !LOOK.test(text))
const LOOK = /arp request 0\.0\.0\.0 |:: > ff02::1:ff00:99 who has/

const DEFENCE: Readonly<Record<string, string[]>> = {
  [V4]: [
    `01 > ff:ff:ff:ff:ff:ff arp request ${V4} at 01 to ${V4} at ff:ff:ff:ff:ff:ff`,
    `01 > ff:ff:ff:ff:ff:ff arp reply ${V4} at 01 to ${V4} at ff:ff:ff:ff:ff:ff`,
  ],
  [V6]: [`01 > 33:33:00:00:00:01 ${V6} > ff02::1 ${V6} at 01 -O`],
}

describe('a foreign machine that announces an address of ours', () => {
  for (const ip of [V4, V6]) {
    it(`is told, and answered by one announcement, for ${ip}`, () => {
      const lan = settled()
      const foreign = addForeignHost(lan, '66', ip)
      foreign.announce(ip)
      lan.run(10)
      assert.deepEqual(ours(lan), DEFENCE[ip])
      const form = ip === V4 ? 'arp-announcement' : 'advertisement'
      const expected = { kind: 'conflict', ip, mac: FOREIGN, interface: 'eth0', form, times: 1, whose: 'foreign' }
      assert.deepEqual(told(lan, 'conflict'), [expected])
      foreign.addresses.clear()
      lan.run(125_000)
      assert.deepEqual(
        told(lan, 'conflictEnded').map(({ ip: of, mac: by }) => [of, by]),
        [[ip, FOREIGN]],
      )
    })
  }

  it('again and again is answered each ten seconds at most, and told each minute', () => {
    const lan = settled({ ips: [V4] })
    const foreign = addForeignHost(lan, '66', V4)
    for (let second = 0; second < 40; second++) {
      foreign.announce(V4)
      lan.run(1000)
    }
    assert.equal(ours(lan).length, 2 * 4)
    assert.equal(told(lan, 'conflict').length, 1)
  })

  it('that defends as well is not shouted at for ever', () => {
    const lan = settled({ ips: [V4] })
    const foreign = addForeignHost(lan, '66', V4)
    // It answers each announcement of ours by one of its own.
    lan.segment.plug({
      deliver: (frame) => {
        if (frameInWords(frame).startsWith(`01 > ff:ff:ff:ff:ff:ff arp request ${V4}`)) foreign.announce(V4)
      },
    })
    foreign.announce(V4)
    lan.run(35_000)
    assert.equal(ours(lan).length, 2)
  })

  it('is told but not answered when the policy says so', () => {
    const lan = settled({ ips: [V4], defend: false })
    addForeignHost(lan, '66', V4).announce(V4)
    lan.run(1000)
    assert.deepEqual([ours(lan), told(lan, 'conflict').length], [[], 1])
  })

  it('and asks for an address of ours from another one is answered, told, and told off', () => {
    const lan = settled({ ips: [V4, '192.0.2.98'] })
    lan.client.send(arpRequest('192.0.2.98', { from: mac('66'), senderIp: V4 }))
    lan.run(10)
    assert.deepEqual(ours(lan), [`01 > 66 arp reply 192.0.2.98 at 01 to ${V4} at 66`, ...DEFENCE[V4]!])
    assert.equal(told(lan, 'conflict')[0]?.ip, V4)
  })

  it('has ended when nothing was heard of it for two minutes, to the millisecond', () => {
    const lan = settled({ ips: [V4] })
    addForeignHost(lan, '66').announce(V4)
    lan.run(119_990)
    assert.deepEqual(told(lan, 'conflictEnded'), [])
    assert.ok(nextDeadline(lan.loop.state, lan.loop.world.config) - lan.clock.now() <= 10, 'the loop wakes for it')
    lan.run(20)
    assert.equal(told(lan, 'conflictEnded').length, 1)
  })

  it('is no conflict of ours once the address has gone', () => {
    const lan = settled({ ips: [V4] })
    const foreign = addForeignHost(lan, '66', V4)
    foreign.announce(V4)
    lan.run(10)
    desire(lan, { ips: [] })
    lan.run(10)
    assert.equal(told(lan, 'conflictEnded').length, 1)
    foreign.announce(V4)
    lan.run(10)
    assert.equal(told(lan, 'conflict').length, 1)
  })
})

describe('a peer that announces an address of ours', () => {
  const peer = { ips: [V4], peerMacs: [FOREIGN] }

  it('for a moment is neither told nor answered, but counted', () => {
    const lan = settled(peer)
    addForeignHost(lan, '66').announce(V4)
    lan.run(1500)
    assert.deepEqual([ours(lan), told(lan, 'conflict')], [[], []])
    assert.equal(told(lan, 'counters').at(-1)?.addresses[0]?.claims, 2)
  })

  it('before it was known as one was told: that has ended with the knowledge', () => {
    const lan = settled({ ips: [V4] })
    addForeignHost(lan, '66').announce(V4)
    lan.run(10)
    desire(lan, peer)
    lan.run(10)
    assert.deepEqual(
      told(lan, 'conflictEnded').map(({ mac: by }) => by),
      [FOREIGN],
    )
  })

  it('for more than a second is told', () => {
    const lan = settled(peer)
    const other = addForeignHost(lan, '66')
    for (let round = 0; round < 4; round++) {
      other.announce(V4)
      lan.run(500)
    }
    assert.deepEqual(
      told(lan, 'conflict').map(({ whose, mac: by }) => [whose, by]),
      [['peer', FOREIGN]],
    )
    assert.deepEqual(ours(lan), [])
  })
})

describe('who asks for an IPv6 address of another node', () => {
  const solicitor = (lan: MemoryLan): void => {
    const target = address(V6)
    const destination = solicitedNodeGroup(target)
    const source = address('fe80::c')
    const payload = encodeNdp({ kind: 'solicitation', source, destination, target, sourceLinkLayer: mac('0c') })
    const to = { destination: groupMac(destination), source: mac('0c'), etherType: ETHERTYPE.ipv6 }
    lan.client.send(encodeEthernet({ ...to, payload }))
  }

  it('is known here when the address moves here, if it was said that it might', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, {
      ips: [],
      standby: [
        { ip: V6, interfaces: 'all' },
        { ip: V4, interfaces: 'all' },
      ],
    })
    lan.run(10)
    assert.deepEqual(eth0.groups(), [formatAddress(solicitedNodeGroup(address(V6)))])
    solicitor(lan)
    lan.run(1000)
    assert.equal(lan.heard.length, 0)
    desire(lan, { ips: [V6] })
    lan.run(1000)
    const direct = lan.heard
      .filter(({ text }) => text.startsWith('01 > 0c '))
      .map(({ at, text }) => `${at - 1010} ${text}`)
    assert.deepEqual(
      direct,
      [0, 750].map((at) => `${at} 01 > 0c ${V6} > fe80::c ${V6} at 01 -O`),
    )
  })

  it('is not heard without: a network card lets only joined groups through', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    desire(lan, { ips: [] })
    lan.run(10)
    solicitor(lan)
    lan.run(10)
    assert.equal(lan.loop.state.talkers.size, 0)
  })

  it('costs a bounded number of groups, which are left again; one in use stays joined', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    const many = Array.from({ length: 1000 }, (_, index) => ({
      ip: `2001:db8::1:${index.toString(16)}`,
      interfaces: 'all' as const,
    }))
    desire(lan, { ips: [V6], standby: many })
    lan.run(10)
    assert.equal(eth0.groups().length, 1 + 128)
    desire(lan, { ips: [many[0]!.ip], standby: [{ ip: V6, interfaces: 'all' }] })
    lan.run(10)
    assert.deepEqual([...eth0.groups()].sort(), ['ff02::1:ff00:99', 'ff02::1:ff01:0'])
    desire(lan, { ips: [] })
    lan.run(10)
    assert.deepEqual(eth0.groups(), [])
  })
})

describe('a carrier that was gone for less time than it takes to notice', () => {
  it('is noticed all the same: everything is announced again', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan)
    lan.run(6000)
    lan.heard.splice(0)
    eth0.change({ carrier: false })
    eth0.change({ carrier: true })
    lan.run(5000)
    assert.equal(ours(lan).length, 9 * 3)
    assert.equal(told(lan, 'interfaces').length, 1)
  })
})

describe('the pace of announcing', () => {
  const refreshes = (lan: MemoryLan, ms: number): number => {
    lan.heard.splice(0)
    lan.run(ms)
    return lan.heard.filter(({ text }) => text.includes(`arp request ${V4}`)).length
  }

  it('can be changed while it runs, without a burst, and back', () => {
    const lan = settled({ ips: [V4] })
    const slow = refreshes(lan, 600_000)
    assert.ok(slow >= 8 && slow <= 13, `${slow} refreshes in ten minutes`)
    desire(lan, { ips: [V4], schedule: { refreshMs: 10_000, framesPerSecond: 100 } })
    const fast = refreshes(lan, 600_000)
    assert.ok(fast >= 48 && fast <= 80, `${fast} refreshes in ten minutes`)
    desire(lan, { ips: [V4] })
    const again = refreshes(lan, 600_000)
    assert.ok(again >= 8 && again <= 13, `${again} refreshes in ten minutes`)
  })

  it('is in force at once, not after the wait of the old one', () => {
    const lan = settled({ ips: [V4] })
    desire(lan, { ips: [V4], schedule: { refreshMs: 1000, framesPerSecond: 100 } })
    assert.ok(refreshes(lan, 1250) >= 1)
  })

  it('keeps to the frames a second that were chosen', () => {
    const lan = memoryLan()
    addNic(lan, 'eth0', '01')
    const ips = Array.from({ length: 200 }, (_, index) => `192.0.2.${index}`)
    desire(lan, { ips, schedule: { refreshMs: 60_000, framesPerSecond: 100 } })
    lan.run(10_000)
    assert.ok(lan.heard.length > 900 && lan.heard.length < 1030, `${lan.heard.length} frames in 10 s`)
  })

  it('that is none is a bug of the main thread, and ends the worker', () => {
    for (const schedule of [
      { refreshMs: 0, framesPerSecond: 1 },
      { refreshMs: 1, framesPerSecond: Number.NaN },
    ]) {
      const lan = memoryLan()
      desire(lan, { ips: [V4], schedule })
      assert.throws(() => lan.run(1), /desired (refreshMs|framesPerSecond) is (0|NaN), not a positive number/)
    }
  })
})
