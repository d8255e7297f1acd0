import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sameValue } from './same-value.ts'

const ROWS: readonly (readonly [a: unknown, b: unknown, same: boolean])[] = [
  [1, 1, true],
  [1, '1', false],
  [null, null, true],
  [null, {}, false],
  [undefined, null, false],
  [[], {}, false],
  [[1, 2], [1, 2], true],
  [[1, 2], [2, 1], false],
  [[1], [1, undefined], false],
  [{ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, false],
  [{ a: undefined }, { b: undefined }, false],
  [{ toString: 1 }, {}, false],
]

describe('two values', () => {
  for (const [a, b, same] of ROWS) {
    it(`${JSON.stringify(a)} and ${JSON.stringify(b)} are ${same ? '' : 'not '}the same`, () => {
      assert.equal(sameValue(a, b), same)
      assert.equal(sameValue(b, a), same)
    })
  }
})
