import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type Address, addressValue, formatAddress, parseAddress } from './address.ts'
import {
  formatPrefix,
  lastOfPrefix,
  parsePrefix,
  type Prefix,
  prefixContains,
  prefixesOverlap,
  prefixOf,
} from './prefix.ts'

const prefix = (text: string): Prefix => parsePrefix(text) ?? assert.fail(text)

describe('parsePrefix', () => {
  const GOOD: readonly (readonly [text: string, canonical: string, last: string])[] = [
    ['192.0.2.0/24', '192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.77/24', '192.0.2.0/24', '192.0.2.255'],
    ['192.0.2.77/32', '192.0.2.77/32', '192.0.2.77'],
    ['192.0.2.77/31', '192.0.2.76/31', '192.0.2.77'],
    ['255.255.255.255/0', '0.0.0.0/0', '255.255.255.255'],
    ['128.0.0.1/1', '128.0.0.0/1', '255.255.255.255'],
    ['2001:db8::77/64', '2001:db8::/64', '2001:db8::ffff:ffff:ffff:ffff'],
    ['2001:db8::77/33', '2001:db8::/33', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff'],
    ['2001:db8::77/128', '2001:db8::77/128', '2001:db8::77'],
    ['::/0', '::/0', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ]
  for (const [text, canonical, last] of GOOD) {
    it(`takes ${text} for ${canonical}, up to ${last}`, () => {
      assert.equal(formatPrefix(prefix(text)), canonical)
      assert.equal(formatAddress(lastOfPrefix(prefix(text))), last)
    })
  }
  const BAD = [
    '',
    '/',
    '192.0.2.0',
    '192.0.2.0/',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/024',
    '192.0.2.0/ 24',
    '192.0.2.0/24/8',
    '192.0.2.0/2.4',
    '::/129',
    '::/1e1',
    'x/8',
    '::ffff:0:0/96',
  ]
  for (const text of BAD) it(`refuses "${text}"`, () => assert.equal(parsePrefix(text), undefined))
})

const anyPrefix: fc.Arbitrary<Prefix> = fc
  .tuple(
    fc.constantFrom(4 as const, 6 as const),
    fc.array(fc.nat(0xffffffff), { minLength: 4, maxLength: 4 }),
    fc.nat(128),
  )
  .map(([family, words, bits]) => {
    const address: Address = { family, words: family === 4 ? words.slice(0, 1) : words }
    return prefixOf(address, family === 4 ? bits % 33 : bits)
  })
const bitsOf = ({ address }: Prefix): bigint => (address.family === 4 ? 32n : 128n)
const sizeOf = (one: Prefix): bigint => 2n ** (bitsOf(one) - BigInt(one.length))

describe('blocks, compared with their values', () => {
  it('start at a multiple of their size and end just before the next', () =>
    fc.assert(
      fc.property(anyPrefix, (one) => {
        const first = addressValue(one.address)
        assert.equal(first % sizeOf(one), 0n)
        assert.equal(addressValue(lastOfPrefix(one)), first + sizeOf(one) - 1n)
        assert.deepEqual(prefixOf(lastOfPrefix(one), one.length), one)
      }),
      { numRuns: 500 },
    ))

  it('hold an address iff its value is between', () =>
    fc.assert(
      fc.property(anyPrefix, anyPrefix, fc.boolean(), (one, other, near) => {
        const asked = near ? prefixOf(other.address, other.length).address : one.address
        const first = addressValue(one.address)
        const value = addressValue(asked)
        const expected = asked.family === one.address.family && value >= first && value < first + sizeOf(one)
        assert.equal(prefixContains(one, asked), expected)
      }),
      { numRuns: 500 },
    ))

  it('hold their own ends and not the address beside them', () => {
    const one = prefix('2001:db8:0:1::/64')
    for (const [text, expected] of [
      ['2001:db8:0:1::', true],
      ['2001:db8:0:1:ffff:ffff:ffff:ffff', true],
      ['2001:db8:0:2::', false],
      ['2001:db8:0:0:ffff:ffff:ffff:ffff', false],
      ['32.1.13.184', false],
    ] as const) {
      assert.equal(prefixContains(one, parseAddress(text) ?? assert.fail()), expected, text)
    }
  })

  it('overlap iff their values do, either way round', () =>
    fc.assert(
      fc.property(anyPrefix, anyPrefix, fc.nat(128), (one, other, wider) => {
        const nested = prefixOf(one.address, Math.min(one.length, wider))
        for (const [a, b] of [
          [one, other],
          [one, nested],
          [nested, other],
        ] as const) {
          const [x, y] = [addressValue(a.address), addressValue(b.address)]
          const expected = a.address.family === b.address.family && x < y + sizeOf(b) && y < x + sizeOf(a)
          assert.equal(prefixesOverlap(a, b), expected)
          assert.equal(prefixesOverlap(b, a), expected)
        }
      }),
      { numRuns: 500 },
    ))
})
