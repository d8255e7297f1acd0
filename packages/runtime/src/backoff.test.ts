import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { backoffMs } from './backoff.ts'
import { seededRandom } from './random.ts'

const BACKOFF = { firstMs: 100, maxMs: 5000 }
const LEAST = (): number => 0
const ALMOST_ONE = (): number => 1 - 2 ** -32

describe('backoffMs', () => {
  const CASES: readonly (readonly [failures: number, least: number, most: number])[] = [
    [1, 50, 100],
    [2, 100, 200],
    [3, 200, 400],
    [6, 1600, 3200],
    [7, 2500, 5000],
    [8, 2500, 5000],
    [1_000_000, 2500, 5000],
  ]
  for (const [failures, least, most] of CASES) {
    it(`waits from ${least} to ${most} ms after failure ${failures}`, () => {
      assert.equal(backoffMs(failures, BACKOFF, LEAST), least)
      assert.ok(Math.abs(backoffMs(failures, BACKOFF, ALMOST_ONE) - most) < 0.001)
    })
  }

  it('never waits longer than the longest, nor less than half of the first', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(), (failures, seed) => {
        const wait = backoffMs(failures, BACKOFF, seededRandom(seed))
        assert.ok(wait >= BACKOFF.firstMs / 2 && wait <= BACKOFF.maxMs)
      }),
    ))
})
