import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grouped } from './grouped.ts'

type Thing = { readonly of?: string; readonly size: number }
const fresh = () => grouped<Thing>(({ of }) => of)

describe('grouped', () => {
  it('finds the things of a group', () => {
    const things = fresh()
    assert.deepEqual(things.take('1', { of: 'a', size: 1 }), ['a'])
    assert.deepEqual(things.take('2', { of: 'a', size: 2 }), ['a'])
    assert.deepEqual(
      things.of('a').map(({ size }) => size),
      [1, 2],
    )
    assert.deepEqual(things.of('b'), [])
  })
  it('names both groups when a thing moves, and one when it changes', () => {
    const things = fresh()
    things.take('1', { of: 'a', size: 1 })
    assert.deepEqual(things.take('1', { of: 'b', size: 1 }), ['a', 'b'])
    assert.deepEqual(things.take('1', { of: 'b', size: 2 }), ['b'])
    assert.deepEqual([...things.groups()], ['b'])
  })
  it('forgets things that are gone or belong nowhere', () => {
    const things = fresh()
    things.take('1', { of: 'a', size: 1 })
    assert.deepEqual(things.take('1', { size: 1 }), ['a'])
    assert.deepEqual(things.take('1', undefined), [])
    assert.deepEqual([...things.groups()], [])
  })
})
