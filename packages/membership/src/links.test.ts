import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { advance, lastOf, membersOf, type Room, seatOf, settledRoom, tell } from './testing/room.ts'

function linked(names: readonly string[]): Room {
  const all = settledRoom(names)
  for (const name of names) tell(all, name, { kind: 'links', names: ['eth0', 'eth1'] })
  advance(all, 500)
  return all
}

const deafOf = (room: Room, node: string): readonly string[] => lastOf(seatOf(room, node), 'deafLinks')?.names ?? []

describe('a link', () => {
  const cuts: [name: string, isCut: (from: string, to: string) => boolean][] = [
    ['that hears nobody and is heard by nobody', (from, to) => from === 'a' || to === 'a'],
    ['that hears nobody', (_from, to) => to === 'a'],
    ['that nobody hears', (from) => from === 'a'],
  ]
  for (const [name, isCut] of cuts) {
    it(`${name} is deaf, although its node is well, until it is heard both ways again`, () => {
      const three = linked(['a', 'b', 'c'])
      three.cuts = (from, to, link) => link === 'eth1' && isCut(from, to)
      advance(three, 350)
      assert.deepEqual(deafOf(three, 'a'), [])
      advance(three, 350)
      assert.deepEqual(deafOf(three, 'a'), ['eth1'])
      assert.deepEqual([deafOf(three, 'b'), deafOf(three, 'c')], [[], []])
      assert.deepEqual(membersOf(three, 'b'), { a: 'alive', c: 'alive' })
      three.cuts = () => false
      advance(three, 350)
      assert.deepEqual(deafOf(three, 'a'), [])
    })
  }
  it('is not deaf by what one peer says: that one may have failed itself', () => {
    const two = linked(['a', 'b'])
    two.cuts = (_from, _to, link) => link === 'eth1'
    advance(two, 2000)
    assert.deepEqual(deafOf(two, 'a'), [])
  })
  it('is not deaf because all others died', () => {
    const three = linked(['a', 'b', 'c'])
    three.seats.delete('b')
    three.seats.delete('c')
    advance(three, 2000)
    assert.deepEqual(deafOf(three, 'a'), [])
  })
  it('is not deaf when one of the others comes back to it', () => {
    const three = linked(['a', 'b', 'c'])
    // At another moment of the interval each time.
    for (let times = 0; times < 10; times++) {
      tell(three, 'c', { kind: 'links', names: [] })
      advance(three, 1000 + 10 * times)
      tell(three, 'c', { kind: 'links', names: ['eth0', 'eth1'] })
      advance(three, 1000)
    }
    for (const name of ['a', 'b', 'c']) assert.equal(lastOf(seatOf(three, name), 'deafLinks'), undefined, name)
  })
  it('that is no more is not deaf', () => {
    const three = linked(['a', 'b', 'c'])
    three.cuts = (from, to, link) => link === 'eth1' && (from === 'a' || to === 'a')
    advance(three, 700)
    tell(three, 'a', { kind: 'links', names: ['eth0'] })
    tell(three, 'a', { kind: 'tick', lagMs: 0 })
    assert.deepEqual(deafOf(three, 'a'), [])
  })
  it('carries signs of life: a node whose own path is cut lives', () => {
    const three = linked(['a', 'b', 'c'])
    three.cuts = (_from, _to, link) => link === undefined
    advance(three, 3000)
    assert.deepEqual(membersOf(three, 'a'), { b: 'alive', c: 'alive' })
  })
})
