import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LARGEST_COUNTER } from './constants.ts'
import { acceptCounter, replayWindow } from './replay-window.ts'

describe('the replay window', () => {
  const table: [name: string, before: number[], counter: number, isAccepted: boolean][] = [
    ['takes the first counter, whatever it is', [], 900, true],
    ['takes the counter 0', [], 0, true],
    ['refuses what it has just seen', [5], 5, false],
    ['takes what was overtaken', [5, 7], 6, true],
    ['takes it once', [5, 7, 6], 6, false],
    ['takes what is 127 behind', [200], 73, true],
    ['takes that once', [200, 73], 73, false],
    ['refuses what is 128 behind, though it never came', [200], 72, false],
    ['refuses what is far behind', [1000], 1, false],
    ['does not take a counter for seen because one 128 before it was', [1, 130], 129, true],
    ['knows nothing of old places after a leap', [1, 2, 3, 1000], 1000 - 128 + 3, true],
    ['knows the last one before a leap of less than its width', [100, 150], 100, false],
    ['takes the largest counter', [1], LARGEST_COUNTER, true],
    ['and refuses it again', [1, LARGEST_COUNTER], LARGEST_COUNTER, false],
  ]
  for (const [name, before, counter, isAccepted] of table) {
    it(name, () => {
      const window = replayWindow()
      for (const seen of before) acceptCounter(window, seen)
      assert.equal(acceptCounter(window, counter), isAccepted)
    })
  }

  it('decides as a set of all that was ever seen would, in any order', () => {
    const step = fc.oneof(fc.integer({ min: -140, max: 3 }), fc.integer({ min: 1, max: 300 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const window = replayWindow()
        const seen = new Set<number>()
        let highest = 1000
        for (const by of steps) {
          const counter = Math.max(0, highest + by)
          const isNew = !seen.has(counter) && (seen.size === 0 || counter > Math.max(...seen) - 128)
          assert.equal(acceptCounter(window, counter), isNew, `${counter}`)
          if (isNew) seen.add(counter)
          highest = Math.max(highest, counter)
        }
      }),
      { numRuns: 60 },
    )
  })
})
