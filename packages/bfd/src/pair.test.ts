import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { detectMs, transmitMs } from './intervals.ts'
import { CONFIG } from './testing/peer-packet.ts'
import { pair } from './testing/pair.ts'

describe('two sessions', () => {
  it('are up within two seconds, whoever begins, and send what they agreed on', () => {
    const both = pair(seededRandom(1), { b: { receiveMs: 100 }, delayMs: 1 })
    both.run(2000)
    assert.deepEqual([both.a.state, both.b.state], ['up', 'up'])
    assert.deepEqual([transmitMs(both.a), transmitMs(both.b)], [100, 50])
    assert.deepEqual([detectMs(both.a), detectMs(both.b)], [150, 300])
    assert.deepEqual([both.a.poll, both.b.poll], [undefined, undefined])
  })

  it('stay up for an hour of jitter and delay, at 75 to 100 % of their intervals', () => {
    const both = pair(seededRandom(2), { delayMs: 20 })
    both.run(2000)
    both.sent.a = 0
    both.run(600_000)
    assert.deepEqual([both.a.downs, both.b.downs], [0, 0])
    const mean = 600_000 / both.sent.a
    assert.ok(mean > 43 && mean < 44.5, `a packet each ${mean} ms`)
  })

  it('stay up at a multiplier of 1 as long as nothing is lost', () => {
    const both = pair(seededRandom(3), { a: { multiplier: 1 }, b: { multiplier: 1 }, delayMs: 2 })
    both.run(60_000)
    assert.deepEqual([both.a.ups, both.a.downs, both.b.downs], [1, 0, 0])
  })

  it('come up again by themselves over a wire that loses a third, and end up when it loses nothing', () => {
    const both = pair(seededRandom(4), { loss: 0.33, delayMs: 10 })
    both.run(300_000)
    assert.ok(both.a.downs > 10 && both.a.ups >= both.a.downs)
    both.loss = 0
    both.run(5000)
    assert.deepEqual([both.a.state, both.b.state, transmitMs(both.a), transmitMs(both.b)], ['up', 'up', 50, 50])
  })

  it('both know within the detection time when the wire is cut', () => {
    const both = pair(seededRandom(5))
    both.run(5000)
    both.loss = 1
    const cut = both.now
    both.run(151)
    assert.deepEqual([both.a.state, both.b.state], ['down', 'down'])
    assert.ok(both.a.since - cut <= 150 && both.b.since - cut <= 150)
  })

  it('are retuned a hundred times at random without going down, and end as they were told last', () => {
    const random = seededRandom(6)
    const both = pair(random, { delayMs: 5, loss: 0.02 })
    both.run(3000)
    const draw = (): number => 50 + Math.floor(random() * 500)
    for (let round = 0; round < 100; round++) {
      const config = { ...CONFIG, transmitMs: draw(), receiveMs: draw(), multiplier: 5 + Math.floor(random() * 4) }
      both.feed(random() < 0.5 ? 'a' : 'b', { kind: 'configure', config })
      both.run(random() * 2000)
    }
    both.loss = 0
    both.run(10_000)
    assert.deepEqual([both.a.downs, both.b.downs], [0, 0])
    assert.equal(transmitMs(both.a), Math.max(both.a.config.transmitMs, both.b.config.receiveMs))
    assert.equal(transmitMs(both.b), Math.max(both.b.config.transmitMs, both.a.config.receiveMs))
  })

  it('of which one is passive come up, and two passive ones never speak', () => {
    const one = pair(seededRandom(7), { a: { passive: true } })
    one.run(3000)
    assert.deepEqual([one.a.state, one.b.state], ['up', 'up'])
    const two = pair(seededRandom(8), { a: { passive: true }, b: { passive: true } })
    two.run(10_000)
    assert.deepEqual([two.sent, two.a.state], [{ a: 0, b: 0 }, 'down'])
  })

  it('of which one is switched off and on again are down, and up again', () => {
    const both = pair(seededRandom(9))
    both.run(3000)
    both.feed('a', { kind: 'disable' })
    both.run(1000)
    assert.deepEqual([both.a.state, both.b.state, both.b.remote.state], ['adminDown', 'down', 'adminDown'])
    assert.equal(both.b.lastDown, 'the peer is administratively down')
    both.feed('a', { kind: 'enable' })
    both.run(3000)
    assert.deepEqual([both.a.state, both.b.state], ['up', 'up'])
  })
})
