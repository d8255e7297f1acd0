import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detectMs, drawJitter, receiveMs, transmitMs } from './intervals.ts'
import { bfdSession } from './session.ts'
import { nextDeadline } from './step.ts'
import { bench, benchIn, CONFIG, feed, hear, middle, pass, peerPacket } from './testing/peer-packet.ts'
import { NEXT, type BfdState } from './transition.ts'

const STATES: readonly BfdState[] = ['adminDown', 'down', 'init', 'up']
/** RFC 5880 section 6.8.6, by hand. */
const TABLE: Readonly<Record<BfdState, readonly [BfdState, BfdState, BfdState, BfdState]>> = {
  adminDown: ['adminDown', 'adminDown', 'adminDown', 'adminDown'],
  down: ['down', 'init', 'up', 'down'],
  init: ['down', 'init', 'up', 'up'],
  up: ['down', 'down', 'up', 'up'],
}

describe('a session', () => {
  for (const ours of STATES) {
    for (const [at, theirs] of STATES.entries()) {
      const next = TABLE[ours][at] ?? 'down'
      it(`that is ${ours} and hears ${theirs} is ${next}, and says so at once when that is new`, () => {
        const on = benchIn(ours)
        pass(on, 1)
        on.sent.splice(0)
        hear(on, { state: theirs })
        assert.equal(on.session.state, next)
        assert.equal(NEXT[ours][theirs], next)
        assert.deepEqual(
          on.sent.map(({ state }) => state),
          next === ours ? [] : [next],
        )
      })
    }
  }

  it('brings itself and its peer up by three packets, with the diagnostic gone', () => {
    const on = bench()
    pass(on, 1)
    hear(on, { state: 'down' })
    hear(on, { state: 'up' })
    assert.deepEqual(
      on.sent.map(({ state, yourDiscriminator, diagnostic }) => [state, yourDiscriminator, diagnostic]),
      [
        ['down', 0, 0],
        ['init', 9, 0],
        ['up', 9, 0],
      ],
    )
    assert.equal(on.session.ups, 1)
  })

  it('that hears nothing for the detection time goes down, says why, and forgets the peer', () => {
    const on = benchIn('up')
    pass(on, 149)
    assert.equal(on.session.state, 'up')
    pass(on, 1)
    assert.equal(on.session.state, 'down')
    assert.equal(on.session.lastDown, 'no packet from 192.0.2.1 for 150 ms')
    const last = on.sent.at(-1)
    assert.deepEqual([last?.state, last?.diagnostic, last?.yourDiscriminator], ['down', 1, 0])
    assert.equal(on.session.downs, 1)
  })

  it('is judged silent only as of the moment until which everything was read', () => {
    const on = benchIn('up')
    on.now = 2000
    feed(on, { kind: 'tick', readUntil: 149 })
    assert.equal(on.session.state, 'up')
    hear(on, { state: 'up' })
    feed(on, { kind: 'tick', readUntil: 2000 })
    assert.equal(on.session.state, 'up')
  })

  const OUTAGES: readonly (readonly [BfdState, number, string])[] = [
    ['down', 0, 'the peer went down'],
    ['down', 1, 'the peer went down: control detection time expired'],
    ['down', 3, 'the peer went down: neighbour signalled session down'],
    ['down', 17, 'the peer went down: diagnostic 17'],
    ['adminDown', 7, 'the peer is administratively down'],
  ]
  for (const [state, diagnostic, sentence] of OUTAGES) {
    it(`that hears ${state} with diagnostic ${diagnostic} says: ${sentence}`, () => {
      const on = benchIn('up')
      hear(on, { state, diagnostic })
      assert.equal(on.session.lastDown, sentence)
      assert.equal(on.sent.at(-1)?.diagnostic, 3)
    })
  }

  it('that never was up has no last outage', () => {
    const on = benchIn('init')
    pass(on, 4000)
    assert.equal(on.session.state, 'down')
    assert.deepEqual([on.session.lastDown, on.session.downs], [undefined, 0])
  })

  it('sends once a second at most until it is up, then as negotiated', () => {
    const on = bench()
    pass(on, 10_000)
    // 87.5 % of a second each, which is the middle of the jitter.
    assert.equal(on.sent.length, 12)
    assert.ok(on.sent.every(({ desiredMinTxUs }) => desiredMinTxUs === 1_000_000))
    hear(on, { state: 'down' })
    hear(on, { state: 'up', requiredMinRxUs: 100_000 })
    assert.equal(on.sent.at(-1)?.desiredMinTxUs, 50_000)
    on.sent.splice(0)
    for (let round = 0; round < 10; round++) {
      pass(on, 100)
      hear(on, { state: 'up', requiredMinRxUs: 100_000 })
    }
    assert.ok(on.sent.length >= 11 && on.sent.length <= 13, `${on.sent.length} packets at 100 ms in a second`)
  })

  it('detects by the peer’s multiplier and the slower of what it sends and we require', () => {
    const on = benchIn('up')
    hear(on, { state: 'up', multiplier: 5, desiredMinTxUs: 200_000 })
    assert.equal(detectMs(on.session), 1000)
    hear(on, { state: 'up', multiplier: 5, desiredMinTxUs: 10_000 })
    assert.equal(detectMs(on.session), 250)
  })

  it('sends at once when the peer asks for shorter intervals and the last packet is longer ago', () => {
    const on = benchIn('up')
    hear(on, { state: 'up', requiredMinRxUs: 10_000_000, desiredMinTxUs: 1_000_000 })
    pass(on, 500)
    on.sent.splice(0)
    hear(on, { state: 'up' })
    assert.equal(on.sent.length, 1)
  })

  it('sends no periodic packets to a peer that requires none', () => {
    const on = benchIn('up')
    hear(on, { state: 'up', requiredMinRxUs: 0, desiredMinTxUs: 10_000_000 })
    on.sent.splice(0)
    pass(on, 5000)
    assert.equal(on.sent.length, 0)
  })

  for (const [multiplier, most] of [
    [1, 0.9],
    [3, 1],
  ] as const) {
    it(`with a multiplier of ${multiplier} waits 75 to ${most * 100} % of the interval`, () => {
      const session = bfdSession(1, { ...CONFIG, multiplier }, 0, middle)
      assert.equal(
        drawJitter(session, () => 0),
        0.75,
      )
      assert.ok(Math.abs(drawJitter(session, () => 1) - most) < 1e-9)
    })
  }

  it('answers a poll at once, in whatever state it is, and never polls in that answer', () => {
    for (const state of ['down', 'init', 'up'] as const) {
      const on = benchIn(state)
      pass(on, 1)
      on.sent.splice(0)
      hear(on, { state: state === 'up' ? 'up' : 'down', poll: true })
      assert.deepEqual([on.sent[0]?.final, on.sent[0]?.poll], [true, false], state)
    }
  })

  it('that is passive says nothing until it hears the peer, nor once it hears it no more', () => {
    const on = bench({ passive: true })
    pass(on, 5000)
    assert.equal(on.sent.length, 0)
    hear(on, { state: 'down', yourDiscriminator: 0 })
    assert.equal(on.sent.at(-1)?.state, 'init')
    hear(on, { state: 'up' })
    assert.equal(on.session.state, 'up')
    pass(on, 200)
    on.sent.splice(0)
    pass(on, 5000)
    assert.equal(on.session.state, 'down')
    assert.equal(on.sent.length, 0)
  })

  it('ceases to send at intervals when the peer demands it and both are up, but for a poll', () => {
    const on = benchIn('up')
    hear(on, { state: 'up', demand: true, desiredMinTxUs: 10_000_000 })
    on.sent.splice(0)
    pass(on, 1000)
    assert.equal(on.sent.length, 0)
    hear(on, { state: 'up', demand: true, desiredMinTxUs: 10_000_000, poll: true })
    assert.equal(on.sent.at(-1)?.final, true)
    feed(on, { kind: 'configure', config: { ...CONFIG, transmitMs: 100 } })
    pass(on, 200)
    assert.ok(on.sent.filter(({ poll }) => poll).length >= 3)
    hear(on, { state: 'up', demand: true, desiredMinTxUs: 10_000_000, final: true })
    on.sent.splice(0)
    pass(on, 1000)
    assert.equal(on.sent.length, 0)
  })

  it('that is switched off tells the peer and heeds it no more, until it is switched on', () => {
    const on = benchIn('up')
    feed(on, { kind: 'disable' })
    assert.deepEqual([on.sent.at(-1)?.state, on.sent.at(-1)?.diagnostic], ['adminDown', 7])
    hear(on, { state: 'down' })
    assert.equal(on.session.state, 'adminDown')
    feed(on, { kind: 'enable' })
    assert.equal(on.session.state, 'down')
    hear(on, { state: 'down' })
    assert.equal(on.session.state, 'init')
  })

  it('tells of changes of state, of the peer’s state and of intervals, and of nothing else', () => {
    const on = benchIn('up')
    const changes = (): number => on.effects.splice(0).filter(({ kind }) => kind === 'changed').length
    changes()
    hear(on, { state: 'up' })
    assert.equal(changes(), 0)
    hear(on, { state: 'up', multiplier: 4 })
    assert.equal(changes(), 1)
    hear(on, { state: 'down' })
    assert.equal(changes(), 1)
    hear(on, peerPacket({ state: 'adminDown' }))
    assert.equal(changes(), 1)
  })

  it('is never due before its deadline', () => {
    const on = benchIn('up')
    for (let round = 0; round < 200; round++) {
      on.now = nextDeadline(on.session) - 0.001
      assert.deepEqual(feed(on, { kind: 'tick', readUntil: on.now }), [])
      on.now += 0.001
      assert.ok(feed(on, { kind: 'tick', readUntil: on.now }).length > 0)
    }
  })
})

describe('a retuned session', () => {
  it('that shall send more seldom goes on as before until the peer has confirmed it', () => {
    const on = benchIn('up')
    feed(on, { kind: 'configure', config: { ...CONFIG, transmitMs: 400 } })
    assert.deepEqual([on.sent.at(-1)?.poll, on.sent.at(-1)?.desiredMinTxUs], [true, 400_000])
    assert.equal(transmitMs(on.session), 50)
    hear(on, { state: 'up', final: true })
    assert.equal(transmitMs(on.session), 400)
    assert.equal(on.session.poll, undefined)
  })

  it('that shall send more often does so at once, and polls', () => {
    const on = benchIn('up')
    feed(on, { kind: 'configure', config: { ...CONFIG, transmitMs: 20 } })
    hear(on, { state: 'up', requiredMinRxUs: 20_000 })
    assert.equal(transmitMs(on.session), 20)
    assert.equal(on.sent.at(-1)?.poll, true)
  })

  it('that requires more waits as long as before until the peer has confirmed it', () => {
    const on = benchIn('up', { receiveMs: 300 })
    feed(on, { kind: 'configure', config: { ...CONFIG, receiveMs: 100 } })
    assert.deepEqual([receiveMs(on.session), detectMs(on.session)], [300, 900])
    hear(on, { state: 'up', final: true })
    assert.deepEqual([receiveMs(on.session), detectMs(on.session)], [100, 300])
  })

  it('that requires less waits longer at once', () => {
    const on = benchIn('up')
    feed(on, { kind: 'configure', config: { ...CONFIG, receiveMs: 500 } })
    assert.equal(detectMs(on.session), 1500)
  })

  it('again while it polls has the second change polled after the first', () => {
    const on = benchIn('up')
    feed(on, { kind: 'configure', config: { ...CONFIG, transmitMs: 400 } })
    feed(on, { kind: 'configure', config: { ...CONFIG, transmitMs: 800 } })
    hear(on, { state: 'up', final: true })
    assert.equal(transmitMs(on.session), 50)
    assert.deepEqual([on.sent.at(-1)?.poll, on.sent.at(-1)?.desiredMinTxUs], [true, 800_000])
    hear(on, { state: 'up', final: true })
    assert.equal(transmitMs(on.session), 800)
  })

  it('says its new multiplier at once and needs no poll for it', () => {
    const on = benchIn('up')
    on.sent.splice(0)
    feed(on, { kind: 'configure', config: { ...CONFIG, multiplier: 5 } })
    assert.deepEqual(
      on.sent.map(({ multiplier, poll }) => [multiplier, poll]),
      [[5, false]],
    )
  })

  it('with a final that nobody asked for changes nothing', () => {
    const on = benchIn('up')
    hear(on, { state: 'up', final: true })
    assert.deepEqual([transmitMs(on.session), on.session.state], [50, 'up'])
  })
})
