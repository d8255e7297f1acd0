import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { parseDuration } from './duration.ts'

const CASES: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['1500ms', 1500],
  ['1.5s', 1500],
  ['1h0m0s', 3_600_000],
  ['0s', 0],
  ['0', 0],
  ['1.1s', 1100],
  ['100us', 0.1],
  ['100µs', 0.1],
  ['1ns', 1e-6],
  ['30s1m', 90_000],
  ['', undefined],
  ['90', undefined],
  ['s', undefined],
  ['-3s', undefined],
  ['+3s', undefined],
  ['3 s', undefined],
  [' 3s', undefined],
  ['3s ', undefined],
  ['3sec', undefined],
  ['3S', undefined],
  ['1d', undefined],
  ['.5s', undefined],
  ['5.s', undefined],
  ['1e3s', undefined],
  ['0x1s', undefined],
  ['1m30', undefined],
  ['∞', undefined],
]

describe('parseDuration', () => {
  for (const [text, ms] of CASES) {
    it(`takes "${text}" for ${ms === undefined ? 'no duration' : `${ms} ms`}`, () =>
      assert.equal(parseDuration(text), ms))
  }

  it('reads what Go writes, to the millisecond', () => {
    const parts = fc.record({
      h: fc.integer({ min: 0, max: 100 }),
      m: fc.integer({ min: 0, max: 59 }),
      ms: fc.integer({ min: 0, max: 59_999 }),
    })
    fc.assert(
      fc.property(parts, ({ h, m, ms }) => {
        assert.equal(parseDuration(`${h}h${m}m${ms / 1000}s`), (h * 60 + m) * 60_000 + ms)
      }),
    )
  })

  it('is quick about a long text that is none', () => {
    assert.equal(parseDuration(`${'1'.repeat(100_000)}x`), undefined)
    assert.equal(parseDuration(`${'1s'.repeat(50_000)}x`), undefined)
  })
})
