import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { advance, membersOf, room, seatOf, settledRoom, sit, standingOf, tell } from './testing/room.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

describe('joining', () => {
  it('makes all members of all within an interval', () => {
    const five = settledRoom(NAMES)
    assert.deepEqual(membersOf(five, 'a'), { b: 'alive', c: 'alive', d: 'alive', e: 'alive' })
    for (const name of NAMES) assert.equal(standingOf(five, name), 'settled')
  })
  it('waits a second at most for those who do not come', () => {
    const lonely = room()
    sit(lonely, 'a', ['a', 'b'])
    advance(lonely, 990)
    assert.equal(standingOf(lonely, 'a'), 'settling')
    advance(lonely, 20)
    assert.equal(standingOf(lonely, 'a'), 'settled')
    assert.deepEqual(membersOf(lonely, 'a'), { b: 'unknown' })
  })
  it('is for nodes of the roster only', () => {
    const two = settledRoom(['a', 'b'])
    sit(two, 'x', ['a', 'b', 'x'])
    advance(two, 1000)
    assert.deepEqual(membersOf(two, 'a'), { b: 'alive' })
    assert.ok((seatOf(two, 'a').state.tally.dropped.get('UnknownSender') ?? 0) > 0)
  })
  it('ends when the node is off the roster', () => {
    const three = settledRoom(['a', 'b', 'c'])
    tell(three, 'a', { kind: 'roster', nodes: ['b'] })
    advance(three, 500)
    assert.deepEqual(membersOf(three, 'a'), { b: 'alive' })
  })
})

describe('a process that is gone', () => {
  const deaths: [name: string, members: number, atLeast: number, atMost: number][] = [
    ['is dead for the one other after four intervals and the wait for its answer', 2, 400, 510],
    ['is dead by the word of three when five were there, without that wait', 5, 300, 420],
    ['is dead by the word of a majority among ten', 10, 300, 420],
    ['is dead for all where each is watched by eight only', 40, 300, 520],
  ]
  for (const [name, members, atLeast, atMost] of deaths) {
    it(name, () => {
      const names = Array.from({ length: members }, (_, index) => `n${index}`)
      const all = settledRoom(names)
      all.seats.delete('n1')
      const others = names.filter((other) => other !== 'n1')
      advance(all, atLeast - 100)
      assert.ok(others.every((other) => membersOf(all, other)['n1'] !== 'dead'))
      advance(all, atMost - atLeast + 100)
      for (const other of others) assert.equal(membersOf(all, other)['n1'], 'dead', other)
    })
  }
  it('is a new life when it comes back before anybody missed it', () => {
    const three = settledRoom(['a', 'b', 'c'])
    sit(three, 'b', ['a', 'b', 'c'])
    advance(three, 200)
    assert.equal(membersOf(three, 'a')['b'], 'alive')
    assert.equal(standingOf(three, 'b'), 'settled')
    assert.equal(seatOf(three, 'a').state.peers.get('b')?.retired.length, 1)
  })
  it('is a member again when it comes back after its death', () => {
    const three = settledRoom(['a', 'b', 'c'])
    three.seats.delete('b')
    advance(three, 2000)
    assert.equal(membersOf(three, 'a')['b'], 'dead')
    sit(three, 'b', ['a', 'b', 'c'])
    advance(three, 200)
    assert.equal(membersOf(three, 'a')['b'], 'alive')
  })
})

describe('a goodbye', () => {
  for (const members of [3, 40]) {
    it(`is known to all of ${members} at once`, () => {
      const names = Array.from({ length: members }, (_, index) => `n${index}`)
      const all = settledRoom(names)
      tell(all, 'n1', { kind: 'leave' })
      advance(all, 5)
      for (const name of names) if (name !== 'n1') assert.equal(membersOf(all, name)['n1'], 'left', name)
      advance(all, 1000)
      assert.equal(membersOf(all, 'n0')['n1'], 'left')
    })
  }
})

describe('when not everybody hears everybody', () => {
  it('a member that the others hear lives', () => {
    const five = settledRoom(NAMES)
    five.cuts = (from, to) => from === 'b' && to === 'a'
    advance(five, 3000)
    assert.equal(membersOf(five, 'a')['b'], 'alive, indirect')
    assert.equal(membersOf(five, 'b')['a'], 'alive')
    five.cuts = () => false
    advance(five, 200)
    assert.equal(membersOf(five, 'a')['b'], 'alive')
  })
  it('a member that only one of four hears is dead to the three', () => {
    const five = settledRoom(NAMES)
    five.cuts = (from, to) => from === 'b' && to !== 'c'
    advance(five, 700)
    for (const name of ['a', 'd', 'e']) assert.equal(membersOf(five, name)['b'], 'dead', name)
    assert.equal(membersOf(five, 'c')['b'], 'alive')
  })
  it('a member that was dead to the others objects, and lives', () => {
    const five = settledRoom(NAMES)
    five.cuts = (from) => from === 'b'
    advance(five, 700)
    assert.equal(membersOf(five, 'a')['b'], 'dead')
    const { state } = seatOf(five, 'b')
    assert.equal(state.incarnation, 1)
    five.cuts = () => false
    advance(five, 150)
    for (const name of ['a', 'c', 'd', 'e']) assert.equal(membersOf(five, name)['b'], 'alive', name)
  })
  it('two halves that meet again are one within a second and a half', () => {
    const five = settledRoom(NAMES)
    five.cuts = (from, to) => 'ab'.includes(from) !== 'ab'.includes(to)
    advance(five, 5000)
    assert.deepEqual(membersOf(five, 'a'), { b: 'alive', c: 'dead', d: 'dead', e: 'dead' })
    five.cuts = () => false
    advance(five, 1500)
    for (const name of NAMES) {
      assert.deepEqual(new Set(Object.values(membersOf(five, name))), new Set(['alive']), name)
      assert.equal(standingOf(five, name), 'settled')
    }
  })
})
