import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from './random.ts'

const take = (seed: number, count: number): number[] => Array.from({ length: count }, seededRandom(seed))

describe('seededRandom', () => {
  it('repeats itself with one seed', () => assert.deepEqual(take(42, 100), take(42, 100)))
  it('differs with another', () => assert.notDeepEqual(take(42, 5), take(43, 5)))
  it('stays from 0 to below 1', () => assert.ok(take(7, 10_000).every((value) => value >= 0 && value < 1)))
  it('fills the tenths evenly enough', () => {
    const counts = Array.from({ length: 10 }, () => 0)
    for (const value of take(1, 100_000)) counts[Math.floor(value * 10)]! += 1
    assert.ok(Math.min(...counts) > 9_500 && Math.max(...counts) < 10_500, counts.join(' '))
  })
  it('has no two equal among many, from any seed', () => {
    for (const seed of [0, 1, -1, 2 ** 31, 2 ** 32, 0.5]) assert.ok(new Set(take(seed, 1000)).size > 995, String(seed))
  })
})
