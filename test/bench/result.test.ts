import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatResults, quantile } from './result.ts'

describe('the figures of a benchmark', () => {
  const quantiles: [name: string, samples: number[], q: number, expected: number][] = [
    ['the median of three is the middle one', [9, 1, 5], 0.5, 5],
    ['the smallest is quantile 0', [9, 1, 5], 0, 1],
    ['the largest is quantile 1', [9, 1, 5], 1, 9],
    ['p99 of a hundred is the 99th', Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  ]
  for (const [name, samples, q, expected] of quantiles) it(name, () => assert.equal(quantile(samples, q), expected))

  it('prints a row per figure with three significant digits', () => {
    assert.equal(
      formatResults([{ name: 'create to address', unit: 'ms', samples: [1.23456, 2, 1000.4] }]),
      'figure             unit  runs   min  median   p99   max\ncreate to address  ms       3  1.23       2  1000  1000',
    )
  })
})
