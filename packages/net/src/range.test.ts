import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type Address, addressValue, type Family, formatAddress, parseAddress } from './address.ts'
import { formatPrefix, lastOfPrefix, parsePrefix, type Prefix } from './prefix.ts'
import { parseRange, type Range, rangeContains, rangeOfPrefix, rangeSize, rangeToPrefixes } from './range.ts'

function range(text: string): Range {
  const parsed = parseRange(text)
  return 'problem' in parsed ? assert.fail(parsed.problem) : parsed
}

describe('parseRange', () => {
  const GOOD: readonly (readonly [text: string, first: string, last: string])[] = [
    ['192.0.2.1-192.0.2.9', '192.0.2.1', '192.0.2.9'],
    ['  192.0.2.1 -\t192.0.2.9 ', '192.0.2.1', '192.0.2.9'],
    ['192.0.2.1-192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['2001:db8::1-2001:db8:1::', '2001:db8::1', '2001:db8:1::'],
    ['0.0.0.0-255.255.255.255', '0.0.0.0', '255.255.255.255'],
  ]
  for (const [text, first, last] of GOOD) {
    it(`takes "${text}"`, () => {
      assert.deepEqual(parseRange(text), { first: parseAddress(first), last: parseAddress(last) })
    })
  }
  const BAD: readonly (readonly [text: string, problem: RegExp])[] = [
    ['', /start-end/],
    ['192.0.2.1', /start-end/],
    ['192.0.2.1-192.0.2.2-192.0.2.3', /start-end/],
    ['-', /start "" is not/],
    ['-192.0.2.1', /start "" is not/],
    ['192.0.2.1-', /end "" is not/],
    ['192.0.2.1-9', /end "9" is not/],
    ['192.0.2.1-2001:db8::1', /different families/],
    ['192.0.2.2-192.0.2.1', /start 192\.0\.2\.2 is above end 192\.0\.2\.1/],
    ['2001:db8::2-2001:db8::1', /above/],
    ['fe80::1%a-fe80::2%a', /start "fe80::1%a" is not/],
  ]
  for (const [text, problem] of BAD) {
    it(`refuses "${text}", saying why`, () => {
      const parsed = parseRange(text)
      assert.match('problem' in parsed ? parsed.problem : '', problem)
    })
  }
})

const anyRange: fc.Arbitrary<Range> = fc
  .tuple(
    fc.constantFrom<Family>(4, 6),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    fc.nat(127),
    fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  )
  .map(([family, start, shrink, length]) => {
    const bits = family === 4 ? 32 : 128
    const first = BigInt.asUintN(bits, start)
    const room = 2n ** BigInt(bits) - first
    const last = first + (BigInt.asUintN(Math.max(1, bits - (shrink % bits)), length) % room)
    return { first: ofValue(family, first), last: ofValue(family, last) }
  })

function ofValue(family: Family, value: bigint): Address {
  const words = family === 4 ? [0n] : [96n, 64n, 32n, 0n]
  return { family, words: words.map((shift) => Number((value >> shift) & 0xffffffffn)) }
}

/** The textbook way: at each step the widest aligned block that still fits, by values alone. */
function reference({ first, last }: Range): string[] {
  const bits = first.family === 4 ? 32n : 128n
  const end = addressValue(last)
  const blocks: string[] = []
  let at = addressValue(first)
  while (at <= end) {
    let host = 0n
    while (host < bits && at % 2n ** (host + 1n) === 0n && at + 2n ** (host + 1n) - 1n <= end) host++
    blocks.push(`${formatAddress(ofValue(first.family, at))}/${bits - host}`)
    at += 2n ** host
  }
  return blocks
}

describe('rangeToPrefixes', () => {
  it('gives the blocks that the textbook gives', () =>
    fc.assert(
      fc.property(anyRange, (one) => assert.deepEqual(rangeToPrefixes(one).map(formatPrefix), reference(one))),
      { numRuns: 500 },
    ))

  it('gives every range of a small network as the textbook does', () => {
    for (let first = 0; first < 32; first++) {
      for (let last = first; last < 32; last++) {
        const one = range(`10.0.0.${first}-10.0.0.${last}`)
        assert.deepEqual(rangeToPrefixes(one).map(formatPrefix), reference(one))
      }
    }
  })

  it('covers the range without a gap, ascending', () =>
    fc.assert(
      fc.property(anyRange, (one) => {
        let at = addressValue(one.first)
        for (const block of rangeToPrefixes(one)) {
          assert.equal(addressValue(block.address), at)
          at = addressValue(lastOfPrefix(block)) + 1n
        }
        assert.equal(at, addressValue(one.last) + 1n)
      }),
    ))

  const CASES: readonly (readonly [text: string, ...prefixes: string[]])[] = [
    ['0.0.0.0-255.255.255.255', '0.0.0.0/0'],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::/0'],
    ['127.255.255.255-128.0.0.0', '127.255.255.255/32', '128.0.0.0/32'],
    [
      '0.0.0.1-255.255.255.255',
      ...Array.from({ length: 32 }, (_, at) => `${formatAddress(ofValue(4, 2n ** BigInt(at)))}/${32 - at}`),
    ],
    ['::ffff:ffff-::1:0:0', '::ffff:ffff/128', '::1:0:0/128'],
  ]
  for (const [text, ...prefixes] of CASES) {
    it(`of ${text} are ${prefixes.length}`, () =>
      assert.deepEqual(rangeToPrefixes(range(text)).map(formatPrefix), prefixes))
  }

  it('undoes rangeOfPrefix', () => {
    for (const text of ['10.0.0.0/8', '10.0.0.1/32', '0.0.0.0/0', '2001:db8::/33', '::/0', '2001:db8::1/128']) {
      const prefix: Prefix = parsePrefix(text) ?? assert.fail(text)
      assert.deepEqual(rangeToPrefixes(rangeOfPrefix(prefix)), [prefix])
    }
  })
})

describe('rangeContains and rangeSize', () => {
  it('go by values', () =>
    fc.assert(
      fc.property(anyRange, anyRange, (one, { first: asked }) => {
        const expected =
          asked.family === one.first.family &&
          addressValue(asked) >= addressValue(one.first) &&
          addressValue(asked) <= addressValue(one.last)
        assert.equal(rangeContains(one, asked), expected)
        assert.equal(rangeSize(one), addressValue(one.last) - addressValue(one.first) + 1n)
      }),
    ))
  it('take in both ends', () => {
    const one = range('192.0.2.1-192.0.2.3')
    for (const [text, expected] of [
      ['192.0.2.0', false],
      ['192.0.2.1', true],
      ['192.0.2.3', true],
      ['192.0.2.4', false],
    ] as const) {
      assert.equal(rangeContains(one, parseAddress(text) ?? assert.fail()), expected, text)
    }
    assert.equal(rangeSize(range('::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')), 2n ** 128n)
  })
})
