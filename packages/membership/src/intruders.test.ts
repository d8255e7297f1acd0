import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyring } from './seal.ts'
import { countersOf } from './tally.ts'
import { advance, hand, membersOf, room, seatOf, settledRoom, sit, standingOf, tell } from './testing/room.ts'

describe('while the secret is being replaced', () => {
  const [OLD, NEW] = [7, 9].map((byte) => new Uint8Array(32).fill(byte))
  it('a member that starts with the new one alone is met by all, who still seal with the former among themselves', () => {
    const three = room()
    const names = ['a', 'b', 'c']
    for (const name of ['a', 'b']) sit(three, name, names, keyring([OLD!, NEW!]))
    advance(three, 1500)
    sit(three, 'c', names, keyring([NEW!]))
    advance(three, 300)
    for (const name of names) {
      const others = names.filter((other) => other !== name).map((other) => [other, 'alive'])
      assert.deepEqual(membersOf(three, name), Object.fromEntries(others))
    }
    assert.equal(standingOf(three, 'c'), 'settled')
    for (const name of ['a', 'b']) tell(three, name, { kind: 'keys', keyring: keyring([NEW!, OLD!]) })
    advance(three, 1000)
    assert.deepEqual(membersOf(three, 'a'), { b: 'alive', c: 'alive' })
    assert.deepEqual(membersOf(three, 'c'), { a: 'alive', b: 'alive' })
  })
  it('members that exchange it one after the other never lose each other', () => {
    const two = room()
    for (const name of ['a', 'b']) sit(two, name, ['a', 'b'], keyring([OLD!]))
    advance(two, 1500)
    const steps: [name: string, secrets: Uint8Array[]][] = [
      ['a', [OLD!, NEW!]],
      ['b', [OLD!, NEW!]],
      ['a', [NEW!, OLD!]],
      ['b', [NEW!, OLD!]],
      ['a', [NEW!]],
      ['b', [NEW!]],
    ]
    for (const [name, secrets] of steps) {
      tell(two, name, { kind: 'keys', keyring: keyring(secrets) })
      for (let ms = 0; ms < 2000; ms += 100) {
        advance(two, 100)
        assert.deepEqual([membersOf(two, 'a'), membersOf(two, 'b')], [{ b: 'alive' }, { a: 'alive' }])
      }
    }
  })
})

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
