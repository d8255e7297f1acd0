import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { array, assert as assertProperty, boolean, integer, property, record } from 'fast-check'
import { addItem, firstItem, firstNotIn, isEmptySet, itemsFrom, removeItem, sortedSet } from './sorted-set.ts'

const byNumber = (a: number, b: number): number => a - b

describe('a sorted set', () => {
  it('behaves as a sorted array without doubles, whatever is added and removed', () => {
    const change = record({ add: boolean(), item: integer({ min: 0, max: 400 }) })
    assertProperty(
      property(array(change, { maxLength: 2000, size: 'max' }), integer({ min: -1, max: 401 }), (changes, from) => {
        const set = sortedSet(byNumber)
        const model = new Set<number>()
        for (const { add, item } of changes) {
          if (add) addItem(set, item)
          else assert.equal(removeItem(set, item), model.has(item))
          if (add) model.add(item)
          else model.delete(item)
        }
        const expected = [...model].sort(byNumber)
        assert.deepEqual([...itemsFrom(set)], expected)
        assert.deepEqual(
          [...itemsFrom(set, from)],
          expected.filter((item) => item >= from),
        )
        assert.equal(firstItem(set), expected[0])
        assert.equal(isEmptySet(set), expected.length === 0)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps its pieces short when a hundred thousand items come in order', () => {
    const set = sortedSet(byNumber)
    for (let item = 0; item < 100_000; item++) addItem(set, item)
    assert.ok(set.pieces.every((piece) => piece.length <= 128))
    assert.ok(set.pieces.length < 2000)
  })

  it('has no empty piece left after everything was removed', () => {
    const set = sortedSet(byNumber)
    for (let item = 0; item < 1000; item++) addItem(set, item)
    for (let item = 999; item >= 0; item--) removeItem(set, item)
    assert.deepEqual(set.pieces, [])
  })

  it('finds the first item that a part of it has not', () => {
    const items = array(integer({ min: 0, max: 400 }), { maxLength: 400, size: 'max' })
    assertProperty(
      property(items, items, integer({ min: -1, max: 401 }), boolean(), (some, others, from, mostly) => {
        const all = [...new Set(some)].sort(byNumber)
        // Either few are left out, so that there are long runs to leap over, or about half.
        const left = new Set(mostly ? others.slice(0, 3) : others)
        const part = all.filter((item) => !left.has(item))
        const [set, subset] = [sortedSet(byNumber), sortedSet(byNumber)]
        for (const item of all) addItem(set, item)
        for (const item of part) addItem(subset, item)
        assert.equal(
          firstNotIn(set, subset, from),
          all.find((item) => item >= from && !part.includes(item)),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('does not compare one by one what a part has and has not', () => {
    let compared = 0
    const counting = (a: number, b: number): number => {
      compared++
      return a - b
    }
    const [set, subset] = [sortedSet(counting), sortedSet(counting)]
    for (let item = 0; item < 10_000; item++) addItem(set, item)
    for (let item = 0; item < 9_999; item++) addItem(subset, item)
    compared = 0
    assert.equal(firstNotIn(set, subset, 0), 9_999)
    assert.ok(compared < 100, `${compared}`)
  })
})
