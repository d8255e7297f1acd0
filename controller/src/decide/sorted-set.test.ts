import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { array, assert as assertProperty, boolean, integer, property, record } from 'fast-check'
import { addItem, firstItem, hasItem, isEmptySet, itemsFrom, removeItem, sortedSet } from './sorted-set.ts'

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
        assert.equal(hasItem(set, from), model.has(from))
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
})
