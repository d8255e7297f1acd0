import { readUdpFrame, udpFrame } from '@steelyard/arp-lib'
import { ECHO_PORT } from '@steelyard/bfd'
import { formatAddress } from '@steelyard/net'
import { SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressOf, memberLan, type MemberLan, type MemberLanOptions, type MemberNode, toldBy } from './member-lan.ts'
import { address, mac } from './memory-lan.ts'
import type { BfdFact, DesiredBfd } from './messages.ts'

const watch = (peer: string, change: Partial<DesiredBfd> = {}): DesiredBfd => ({
  key: peer,
  peer,
  multihop: false,
  transmitIntervalMs: 50,
  receiveIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  passive: false,
  ...change,
})
const desire = (node: MemberNode, ...bfd: readonly DesiredBfd[]): void =>
  node.desire({ addresses: [], excludeInterfaces: [], bfd }, 'off')
const factOf = (node: MemberNode, key?: string): BfdFact | undefined =>
  toldBy(node, 'bfd')
    .at(-1)
    ?.sessions.find((one) => key === undefined || one.key === key)
const faultsOf = (node: MemberNode): string[] => toldBy(node, 'fault').map(({ message }) => message)

type Two = { readonly lan: MemberLan; readonly one: MemberNode; readonly two: MemberNode }
/** Two nodes that watch over each other and are up. */
function two(options: MemberLanOptions = {}, change: Partial<DesiredBfd> = {}): Two {
  const lan = memberLan(2, options)
  const [one, other] = lan.nodes
  assert.ok(one !== undefined && other !== undefined)
  lan.run(10)
  desire(one, watch('192.0.2.2', change))
  desire(other, watch('192.0.2.1', change))
  lan.run(3000)
  return { lan, one, two: other }
}
const states = ({ one, two: other }: Two): (string | undefined)[] => [factOf(one)?.state, factOf(other)?.state]

describe('BFD in the link worker', () => {
  it('comes up on both sides, with the intervals that both agreed on, and says so by facts', () => {
    const both = two()
    assert.deepEqual(states(both), ['up', 'up'])
    const { since, ...fact } = factOf(both.one) ?? { since: 0 }
    assert.ok(since > 0 && since < 2000)
    assert.deepEqual(fact, {
      key: '192.0.2.2',
      state: 'up',
      remoteState: 'up',
      transmitMs: 50,
      receiveMs: 50,
      detectMs: 150,
      ups: 1,
      downs: 0,
    })
    const facts = toldBy(both.one, 'bfd').length
    both.lan.run(10_000)
    assert.equal(toldBy(both.one, 'bfd').length, facts)
  })

  it('tells within the detection time that the link is cut, and comes up again by itself', () => {
    const both = two()
    const cutAt = both.lan.clock.now()
    both.two.port.isShut = true
    both.lan.run(200)
    assert.deepEqual(states(both), ['down', 'down'])
    assert.equal(factOf(both.one)?.lastDown, 'no packet from 192.0.2.2 for 150 ms')
    const since = factOf(both.one)?.since ?? 0
    assert.ok(since - cutAt <= 152, `${since - cutAt} ms after the cut`)
    both.two.port.isShut = false
    both.lan.run(3000)
    assert.deepEqual(states(both), ['up', 'up'])
    assert.deepEqual([factOf(both.one)?.ups, factOf(both.one)?.downs], [2, 1])
  })

  it('holds while this node is silent as a member, and needs no membership', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    one.desire({ bfd: [watch('192.0.2.2')] })
    desire(other, watch('192.0.2.1'))
    lan.run(3000)
    assert.equal(factOf(one)?.state, 'up')
  })

  it('does not take for silence what waits in the sockets while the worker is held up', () => {
    const both = two()
    // The peer waits a second for this node, and this node 150 ms for the peer.
    desire(both.one, watch('192.0.2.2', { detectMultiplier: 20 }))
    both.lan.run(500)
    both.one.isFrozen = true
    both.lan.run(600)
    both.one.isFrozen = false
    both.lan.run(500)
    assert.deepEqual([factOf(both.one)?.downs, factOf(both.two)?.downs], [0, 0])
    // Longer than the detection time: the peer has given up, but what it says comes first.
    both.one.isFrozen = true
    both.lan.run(3000)
    both.one.isFrozen = false
    both.lan.run(100)
    assert.match(factOf(both.one)?.lastDown ?? '', /^the peer went down: control detection time expired/)
  })

  it('is retuned without going down, and both sides go by the new intervals', () => {
    const both = two()
    desire(both.one, watch('192.0.2.2', { transmitIntervalMs: 200, receiveIntervalMs: 100, detectMultiplier: 5 }))
    both.lan.run(2000)
    assert.deepEqual([factOf(both.one)?.transmitMs, factOf(both.one)?.receiveMs], [200, 100])
    assert.deepEqual([factOf(both.two)?.receiveMs, factOf(both.two)?.detectMs], [200, 1000])
    assert.deepEqual([factOf(both.one)?.downs, factOf(both.two)?.downs], [0, 0])
  })

  it('that is not wanted any more tells the peer, leaves no socket, and no fact', () => {
    const both = two()
    const open = both.one.host.openDescriptors()
    desire(both.one)
    both.lan.run(5000)
    assert.deepEqual(toldBy(both.one, 'bfd').at(-1)?.sessions, [])
    assert.equal(factOf(both.two)?.lastDown, 'the peer is administratively down')
    assert.equal(both.one.host.openDescriptors(), open - 2)
    assert.deepEqual([both.one.loop.bfd.receivers.size, both.one.loop.bfd.senders.size], [0, 0])
    desire(both.one, watch('192.0.2.2'))
    both.lan.run(3000)
    assert.deepEqual(states(both), ['up', 'up'])
  })

  it('comes up over several hops, on a port of its own', () => {
    assert.deepEqual(states(two({}, { multihop: true })), ['up', 'up'])
  })

  it('tells that packets over several hops arrive with too low a TTL', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('192.0.2.2', { multihop: true, minimumTtl: 256 }))
    desire(other, watch('192.0.2.1', { multihop: true }))
    lan.run(3000)
    assert.equal(factOf(one)?.state, 'down')
    assert.deepEqual(faultsOf(one), [
      'BFD with 192.0.2.2: its packets arrive with TTL 255, which is too low: they are dropped',
    ])
  })

  it('comes up with a link-local peer, and begins when its interface is there', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    lan.run(10)
    desire(one, watch('fe80::2', { interface: 'eth0' }), watch('fe80::9', { interface: 'eth9' }))
    desire(other, watch('fe80::1', { interface: 'eth0' }))
    lan.run(3000)
    assert.equal(factOf(one, 'fe80::2')?.state, 'up')
    assert.equal(factOf(one, 'fe80::9')?.state, 'down')
    assert.deepEqual(faultsOf(one), ['BFD with fe80::9: interface eth9 does not exist'])
    const eth9 = one.host.addInterface({ name: 'eth9', mac: mac('99'), segment: one.port.segment })
    eth9.addAddress({ address: address('fe80::99'), prefixLength: 64, scope: 'link' })
    lan.run(100)
    assert.equal(one.loop.state.bfd.byDiscriminator.size, 2)
  })

  it('of one session can fail without stopping another: its address comes later', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('192.0.2.2'), watch('192.0.2.2', { key: 'later', local: '192.0.2.77', multihop: true }))
    desire(other, watch('192.0.2.1'), watch('192.0.2.77', { multihop: true }))
    lan.run(3000)
    assert.deepEqual([factOf(one, '192.0.2.2')?.state, factOf(one, 'later')?.state], ['up', 'down'])
    assert.deepEqual(faultsOf(one), ['BFD with 192.0.2.2: bind: EADDRNOTAVAIL (UDP socket)'])
    one.eth0.addAddress({ address: address('192.0.2.77'), prefixLength: 24 })
    lan.run(12_000)
    assert.deepEqual([factOf(one, '192.0.2.2')?.downs, factOf(one, 'later')?.state], [0, 'up'])
  })

  it('with what are not two addresses is told and stops no other', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('router'), watch('192.0.2.2'), watch('192.0.2.9', { local: '2001:db8::1' }))
    desire(other, watch('192.0.2.1'))
    lan.run(3000)
    assert.deepEqual(faultsOf(one), ['BFD with router from any: not two addresses of one family'])
    assert.equal(factOf(one, '192.0.2.2')?.state, 'up')
  })

  it('of one device that does not exist is told and tried again', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    desire(one, watch('192.0.2.2', { device: 'red' }))
    lan.run(3000)
    assert.ok(faultsOf(one).some((text) => text === 'BFD with 192.0.2.2: setsockopt: ENODEV (SO_BINDTODEVICE)'))
    assert.ok(faultsOf(one).length <= 2, 'folded for a minute')
  })

  it('tries another source port where one is taken', () => {
    let taken = 3
    const both = two({
      change: (io) => ({
        openUdp: (options) => {
          if (options.port >= 49_152 && taken-- > 0) throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
          return io.openUdp(options)
        },
      }),
    })
    assert.deepEqual(states(both), ['up', 'up'])
    assert.deepEqual(faultsOf(both.one), [])
  })

  it('asks whether another program has the port, and goes on once it is free', () => {
    const isTaken = { port: true }
    const both = two({
      change: (io, node) => ({
        openUdp: (options) => {
          if (node === 'n1' && isTaken.port && options.port < 49_152)
            throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
          return io.openUdp(options)
        },
      }),
    })
    assert.deepEqual(states(both), ['down', 'init'])
    assert.match(faultsOf(both.one).join('; '), /^BFD \(one hop\) cannot be heard on port \d+: .*another BFD program/)
    isTaken.port = false
    both.lan.run(12_000)
    assert.deepEqual(states(both), ['up', 'up'])
  })

  it('whose passive side speaks only when it is spoken to comes up', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('192.0.2.2', { passive: true }))
    lan.run(3000)
    assert.equal(factOf(one)?.remoteState, undefined)
    desire(other, watch('192.0.2.1'))
    lan.run(3000)
    assert.equal(factOf(one)?.state, 'up')
  })

  it('tells all that changed in one turn by one fact', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    const many = Array.from({ length: 50 }, (_, at) => watch(`198.51.100.${at}`))
    desire(one, ...many)
    lan.run(100)
    assert.equal(toldBy(one, 'bfd').length, 1)
    assert.equal(toldBy(one, 'bfd')[0]?.sessions.length, 50)
  })
})

/** A router's forwarding: what is for somebody else goes back to where it lives. */
function forwardEchoes(lan: MemberLan, node: MemberNode, isOn: () => boolean): void {
  const ownMac = mac(`0${node.name.slice(1)}`)
  const plug = node.port.segment.plug({
    deliver: (frame) => {
      const datagram = readUdpFrame(frame)
      if (datagram?.port !== ECHO_PORT || !isOn() || datagram.ttl !== 255) return
      const to = lan.nodes.find(({ name }) => addressOf(name) === formatAddress(datagram.destination))
      if (to === undefined || to === node) return
      plug.send(udpFrame({ from: ownMac, to: mac(`0${to.name.slice(1)}`) }, { ...datagram, ttl: 254 }))
    },
  })
}

describe('BFD echoes of the link worker', () => {
  it('watch over the path while the router forwards them, and control packets become rare', () => {
    const both = two({}, { echoIntervalMs: 50 })
    let isOn = true
    forwardEchoes(both.lan, both.two, () => isOn)
    // As the kernel learns it when control packets are sent.
    both.one.eth0.setNeighbour(address('192.0.2.2'), mac('02'))
    desire(both.one, watch('192.0.2.2', { echoIntervalMs: 40 }))
    both.lan.run(3000)
    assert.deepEqual([factOf(both.one)?.echoMs, factOf(both.one)?.receiveMs], [50, 1000])
    isOn = false
    const stopped = both.lan.clock.now()
    both.lan.run(400)
    assert.equal(factOf(both.one)?.lastDown, 'no echo came back from 192.0.2.2 for 150 ms')
    assert.ok((factOf(both.one)?.since ?? 0) - stopped < 160)
  })

  it('that do not come back are told, and cost no outage', () => {
    const both = two({}, { echoIntervalMs: 50 })
    both.one.eth0.setNeighbour(address('192.0.2.2'), mac('02'))
    both.lan.run(10_000)
    assert.deepEqual(states(both), ['up', 'up'])
    assert.equal(factOf(both.one)?.downs, 0)
    assert.match(faultsOf(both.one).join('; '), /^BFD with 192.0.2.2: echoes do not come back.*ip_forward/)
  })
})
