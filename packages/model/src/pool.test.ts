import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type Address, parseAddress, parseRange, rangeContains, rangeToPrefixes } from '@steelyard/net'
import type { Pool } from './config.ts'
import { isUsable, poolAt, poolIndex, poolOf } from './pool.ts'

const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)

function poolOfRanges(name: string, ...texts: readonly string[]): Pool {
  const entries = texts.map((text) => {
    const range = parseRange(text)
    return { text, prefixes: 'problem' in range ? assert.fail(text) : rangeToPrefixes(range) }
  })
  return { name, entries, autoAssign: true, avoidBuggyIPs: false }
}

const POOLS = [
  poolOfRanges('a', '10.0.0.5-10.0.0.20', '2001:db8::1-2001:db8::ff'),
  poolOfRanges('b', '10.0.0.0-10.0.0.4', '10.0.0.21-10.0.0.40'),
]
const CASES: readonly (readonly [address: string, pool: string | undefined])[] = [
  ['10.0.0.0', 'b'],
  ['10.0.0.4', 'b'],
  ['10.0.0.5', 'a'],
  ['10.0.0.20', 'a'],
  ['10.0.0.21', 'b'],
  ['10.0.0.40', 'b'],
  ['10.0.0.41', undefined],
  ['9.255.255.255', undefined],
  ['255.255.255.255', undefined],
  ['2001:db8::', undefined],
  ['2001:db8::1', 'a'],
  ['2001:db8::ff', 'a'],
  ['2001:db8::100', undefined],
  ['::10.0.0.5', undefined],
]

describe('the pool of an address', () => {
  for (const [text, pool] of CASES) {
    it(`${text} is in ${pool ?? 'none'}`, () => {
      assert.equal(poolOf(POOLS, address(text))?.name, pool)
      assert.equal(poolAt(poolIndex(POOLS), address(text))?.name, pool)
    })
  }

  it('is none without pools', () => {
    assert.equal(poolOf([], address('10.0.0.1')), undefined)
    assert.equal(poolAt(poolIndex([]), address('10.0.0.1')), undefined)
  })

  it('is the one whose range holds it, by either way of asking', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    const bounds = fc.uniqueArray(octet, { minLength: 2, maxLength: 12 }).map((all) => all.toSorted((a, b) => a - b))
    fc.assert(
      fc.property(bounds, octet, (ends, asked) => {
        const ranges = ends.flatMap((first, at) => {
          const next = ends[at + 1]
          return next === undefined ? [] : [`10.0.0.${first}-10.0.0.${next - 1}`]
        })
        const pools = ranges.map((text, at) => poolOfRanges(`p${at}`, text))
        const found = ranges.findIndex((text) => {
          const range = parseRange(text)
          return !('problem' in range) && rangeContains(range, address(`10.0.0.${asked}`))
        })
        const expected = found < 0 ? undefined : `p${found}`
        assert.equal(poolOf(pools, address(`10.0.0.${asked}`))?.name, expected)
        assert.equal(poolAt(poolIndex(pools), address(`10.0.0.${asked}`))?.name, expected)
      }),
    )
  })
})

describe('avoidBuggyIPs', () => {
  const USABLE: readonly (readonly [address: string, usable: boolean])[] = [
    ['10.0.0.0', false],
    ['10.0.0.255', false],
    ['10.0.0.1', true],
    ['10.0.255.1', true],
    ['10.0.0.254', true],
    ['2001:db8::', true],
    ['2001:db8::ff', true],
    ['2001:db8::1:0', true],
  ]
  for (const [text, usable] of USABLE) {
    it(`leaves ${text} ${usable ? 'in' : 'out'}`, () => {
      assert.equal(isUsable({ avoidBuggyIPs: true }, address(text)), usable)
      assert.equal(isUsable({ avoidBuggyIPs: false }, address(text)), true)
    })
  }
})
