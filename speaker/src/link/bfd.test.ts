import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { desire, factOf, faultsOf, states, two, watch } from './bfd-pair.ts'
import { memberLan, toldBy } from './member-lan.ts'
import { address, mac } from './memory-lan.ts'

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

  it('over several hops sends no echoes, and says so', () => {
    const both = two({}, { multihop: true, echoIntervalMs: 50 })
    assert.deepEqual(states(both), ['up', 'up'])
    assert.equal(factOf(both.one)?.echoMs, undefined)
    assert.deepEqual(faultsOf(both.one), ['BFD with 192.0.2.2: echo mode is for one hop and is ignored over several'])
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

  it('with one address is two sessions, within a device and without: each goes its own way', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    const [plain, bound] = [watch('192.0.2.2', { key: 'plain' }), watch('192.0.2.2', { key: 'bound', device: 'eth0' })]
    const keys = (): unknown =>
      toldBy(one, 'bfd')
        .at(-1)
        ?.sessions.map(({ key, state }) => [key, state])
    desire(one, plain)
    desire(other, watch('192.0.2.1'))
    lan.run(3000)
    desire(one, plain, bound)
    lan.run(100)
    // The memory's device is no VRF, so that all packets of the peer come in there: to the session of the device.
    assert.deepEqual(faultsOf(one), [])
    assert.deepEqual([one.loop.bfd.receivers.size, one.loop.bfd.senders.size], [2, 2])
    desire(one, bound)
    lan.run(5000)
    assert.deepEqual(keys(), [['bound', 'up']])
    assert.equal(one.loop.bfd.receivers.size, 1)
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

  it('is shared by several that want the same, and goes on while one of them does', () => {
    const both = two()
    desire(both.one, watch('192.0.2.2'), watch('192.0.2.2', { key: 'second' }))
    both.lan.run(100)
    assert.deepEqual([factOf(both.one, '192.0.2.2')?.state, factOf(both.one, 'second')?.state], ['up', 'up'])
    desire(both.one, watch('192.0.2.2', { key: 'second', detectMultiplier: 5 }))
    both.lan.run(1000)
    assert.deepEqual(
      toldBy(both.one, 'bfd')
        .at(-1)
        ?.sessions.map(({ key, state, downs }) => [key, state, downs]),
      [['second', 'up', 0]],
    )
    assert.equal(factOf(both.two)?.detectMs, 250)
    assert.equal(factOf(both.two)?.downs, 0)
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
