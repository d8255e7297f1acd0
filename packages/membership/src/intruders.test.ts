import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyring } from './seal.ts'
import { countersOf } from './tally.ts'
import { advance, hand, membersOf, room, seatOf, settledRoom, sit, tell } from './testing/room.ts'

describe('what comes from nobody who lives', () => {
  it('with another key is only counted', () => {
    const both = room()
    sit(both, 'a', ['a', 'b'])
    sit(both, 'b', ['a', 'b'], keyring([new Uint8Array(32).fill(8)]))
    advance(both, 1500)
    assert.deepEqual(membersOf(both, 'a'), { b: 'unknown' })
    assert.ok((countersOf(seatOf(both, 'a').state).dropped['WrongKey'] ?? 0) > 0)
  })
  it('twice is only counted', () => {
    const two = settledRoom(['a', 'b'])
    const seen = two.overheard.filter(({ to }) => to === 'a')
    const last = seen.slice(-1)
    two.seats.delete('b')
    for (let times = 0; times < 100; times++) {
      advance(two, 10)
      for (const { bytes } of last) hand(two, 'a', bytes)
    }
    assert.equal(membersOf(two, 'a')['b'], 'dead')
    assert.ok((countersOf(seatOf(two, 'a').state).dropped['Replayed'] ?? 0) >= 99)
  })
  it('from an earlier life of a node is only counted, and asked about by nobody', () => {
    const two = settledRoom(['a', 'b'])
    const former = two.overheard.filter(({ to }) => to === 'a')
    sit(two, 'b', ['a', 'b'])
    advance(two, 300)
    const sent = countersOf(seatOf(two, 'a').state).sent
    for (const { bytes } of former) hand(two, 'a', bytes)
    const after = countersOf(seatOf(two, 'a').state)
    assert.equal(after.dropped['Retired'], former.length)
    assert.equal(after.sent, sent)
  })
  it('from a life that a new process has never seen earns one challenge an interval at most, and that goes to the node itself', () => {
    const two = settledRoom(['a', 'b'])
    const former = two.overheard.filter(({ to }) => to === 'a')
    two.seats.clear()
    two.flights = []
    const fresh = sit(two, 'a', ['a', 'b'])
    const before = countersOf(fresh.state).sent
    for (const { bytes } of former) hand(two, 'a', bytes)
    assert.ok(countersOf(fresh.state).sent - before <= 3, 'a challenge, and a proof with a beat for a replayed one')
    advance(two, 900)
    assert.deepEqual(membersOf(two, 'a'), { b: 'unknown' })
  })
  it('makes nothing grow', () => {
    const two = settledRoom(['a', 'b'])
    const { state } = seatOf(two, 'a')
    for (let byte = 0; byte < 2000; byte++) hand(two, 'a', new Uint8Array(byte % 1500).fill(byte))
    assert.equal(state.peers.size, 1)
    assert.ok(state.tally.dropped.size < 10)
    assert.equal(state.transfers.size, 0)
  })
  it('with a key that was changed on all is heard again', () => {
    const two = settledRoom(['a', 'b'])
    const [old, next] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(9)]
    for (const secrets of [[old, next], [next, old], [next]]) {
      for (const name of ['a', 'b']) tell(two, name, { kind: 'keys', keyring: keyring(secrets) })
      advance(two, 1000)
      assert.equal(membersOf(two, 'a')['b'], 'alive')
    }
  })
})
