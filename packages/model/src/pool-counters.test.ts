import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  type Address,
  formatAddress,
  nextAddress,
  parsePrefix,
  type Prefix,
  rangeOfPrefix,
  sameAddress,
} from '@steelyard/net'
import type { Pool } from './config.ts'
import { isUsable } from './pool.ts'
import { INT64_MAX, poolCapacity, poolCounters } from './pool-counters.ts'

function pool(avoidBuggyIPs: boolean, ...texts: readonly string[]): Pool {
  const entries = texts.map((text) => ({ text, prefixes: [parsePrefix(text) ?? assert.fail(text)] }))
  return { name: 'p', entries, autoAssign: true, avoidBuggyIPs }
}

describe('poolCapacity', () => {
  type Case = readonly [name: string, pool: Pool, ipv4: bigint, ipv6: bigint, total: bigint]
  const CASES: readonly Case[] = [
    ['network and broadcast addresses count', pool(false, '192.0.2.0/24'), 256n, 0n, 256n],
    ['both addresses of a /31 count', pool(false, '192.0.2.0/31'), 2n, 0n, 2n],
    ['families are counted apart and summed', pool(false, '192.0.2.0/30', '2001:db8::/126'), 4n, 4n, 8n],
    ['all of IPv4', pool(false, '0.0.0.0/0'), 4294967296n, 0n, 4294967296n],
    ['IPv6 /67 is counted', pool(false, '2001:db8::/67'), 0n, 2n ** 61n, 2n ** 61n],
    ['IPv6 /66 is endless', pool(false, '2001:db8::/66'), 0n, INT64_MAX, INT64_MAX],
    ['all of IPv6 is endless, and so is the sum', pool(false, '::/0', '10.0.0.0/8'), 2n ** 24n, INT64_MAX, INT64_MAX],
    [
      'a sum beyond int64 is endless',
      pool(false, ...['0', '1', '2', '3'].map((n) => `2001:db8:${n}::/67`)),
      0n,
      INT64_MAX,
      INT64_MAX,
    ],
    [
      'a sum just below is exact',
      pool(false, ...['0', '1', '2'].map((n) => `2001:db8:${n}::/67`)),
      0n,
      3n * 2n ** 61n,
      3n * 2n ** 61n,
    ],
    ['.0 and .255 of a /24 are taken off', pool(true, '192.0.2.0/24'), 254n, 0n, 254n],
    ['two of each /24 in a /8', pool(true, '10.0.0.0/8'), 2n ** 24n - 2n ** 17n, 0n, 2n ** 24n - 2n ** 17n],
    ['the lower half of a /24 loses .0', pool(true, '192.0.2.0/25'), 127n, 0n, 127n],
    ['the upper half of a /24 loses .255', pool(true, '192.0.2.128/25'), 127n, 0n, 127n],
    ['the middle of a /24 loses none', pool(true, '192.0.2.64/26'), 64n, 0n, 64n],
    ['a single .0 leaves nothing', pool(true, '192.0.2.0/32'), 0n, 0n, 0n],
    ['a single .255 leaves nothing', pool(true, '192.0.2.255/32'), 0n, 0n, 0n],
    ['IPv6 loses none', pool(true, '2001:db8::/120'), 0n, 256n, 256n],
    ['all of IPv4 without them', pool(true, '0.0.0.0/0'), 2n ** 32n - 2n ** 25n, 0n, 2n ** 32n - 2n ** 25n],
  ]
  for (const [name, one, ipv4, ipv6, total] of CASES) {
    it(name, () => assert.deepEqual(poolCapacity(one), { ipv4, ipv6, total }))
  }

  it('without .0 and .255 is what counting one by one gives', () => {
    const block = fc
      .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 20, max: 32 }))
      .map(([host, length]) => `10.1.${host >> 8}.${host & 0xff}/${length}`)
    fc.assert(
      fc.property(block, fc.boolean(), (text, avoid) => {
        const one = pool(avoid, text)
        assert.equal(poolCapacity(one).ipv4, BigInt(countUsable(one, parsePrefix(text) ?? assert.fail(text))))
      }),
      { numRuns: 50 },
    )
  })
})

function countUsable(one: Pool, prefix: Prefix): number {
  const { first, last } = rangeOfPrefix(prefix)
  let count = 0
  let at: Address | undefined = first
  while (at !== undefined) {
    if (isUsable(one, at)) count++
    at = sameAddress(at, last) ? undefined : nextAddress(at)
  }
  assert.ok(count >= 0, formatAddress(first))
  return count
}

describe('poolCounters', () => {
  const CAPACITY = { ipv4: 256n, ipv6: INT64_MAX, total: INT64_MAX }
  it('give what is left of each family', () =>
    assert.deepEqual(poolCounters(CAPACITY, { ipv4: 6, ipv6: 7 }), {
      assignedIPv4: 6n,
      assignedIPv6: 7n,
      availableIPv4: 250n,
      availableIPv6: INT64_MAX - 7n,
    }))

  it('are never negative, though a shrunk pool has more holders than addresses', () =>
    assert.equal(poolCounters(CAPACITY, { ipv4: 300, ipv6: 0 }).availableIPv4, 0n))
})
