import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  type Address,
  addressBytes,
  addressFromBytes,
  addressValue,
  compareAddresses,
  type Family,
  formatAddress,
  nextAddress,
  parseAddress,
  previousAddress,
  sameAddress,
} from './address.ts'

const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const MOST: Readonly<Record<Family, bigint>> = { 4: 2n ** 32n - 1n, 6: 2n ** 128n - 1n }

/** The address that has this value: the reference everything is compared with. */
function ofValue(family: Family, value: bigint): Address {
  const words = family === 4 ? [0n] : [96n, 64n, 32n, 0n]
  return { family, words: words.map((shift) => Number((value >> shift) & 0xffffffffn)) }
}
const isMapped = ({ family, words }: Address): boolean =>
  family === 6 && words[0] === 0 && words[1] === 0 && words[2] === 0xffff
/** Values near the ends and near word borders are where arithmetic breaks. */
const valueOf = (family: Family): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: 0n, max: MOST[family] }),
    fc.constantFrom(0n, 1n, MOST[family], MOST[family] - 1n),
    fc.constantFrom(...(family === 6 ? [2n ** 32n, 2n ** 64n, 2n ** 96n] : [2n ** 31n])).map((edge) => edge - 1n),
  )
const anyAddress = fc
  .constantFrom<Family>(4, 6)
  .chain((family) => valueOf(family).map((value) => ofValue(family, value)))

describe('parseAddress', () => {
  const GOOD: readonly (readonly [text: string, canonical: string])[] = [
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['192.0.2.1', '192.0.2.1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::A', '2001:db8::a'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1', 'fe80::1'],
  ]
  for (const [text, canonical] of GOOD) {
    it(`takes ${text} for ${canonical}`, () => assert.equal(formatAddress(address(text)), canonical))
  }

  const BAD = [
    '',
    ' 192.0.2.1',
    '192.0.2.1 ',
    '192.0.2',
    '192.0.2.1.1',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f.0.0.1',
    '3221225985',
    '192.0.2.1/32',
    '1:2:3',
    '1::2::3',
    ':::',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::ffff:192.0.2.1',
    '::ffff:c000:201',
    '[::1]',
    'localhost',
  ]
  for (const text of BAD) it(`refuses "${text}"`, () => assert.equal(parseAddress(text), undefined))

  it('reads back whatever is written, and any text without throwing', () => {
    fc.assert(
      fc.property(anyAddress, (one) => {
        if (isMapped(one)) assert.equal(parseAddress(formatAddress(one)), undefined)
        else assert.deepEqual(parseAddress(formatAddress(one)), one)
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%/ '.split('')) }),
        (text) => void parseAddress(text),
      ),
    )
  })

  it('takes long forms for the same address', () =>
    fc.assert(
      fc.property(valueOf(6), (value) => {
        const hex = value.toString(16).padStart(32, '0')
        const long = hex.match(/.{4}/g)?.join(':') ?? ''
        const one = ofValue(6, value)
        assert.deepEqual(parseAddress(long), isMapped(one) ? undefined : one)
      }),
    ))
})

describe('formatAddress', () => {
  it('folds the first of the longest runs of zeros, and no single zero (RFC 5952)', () =>
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 0xabcd), { minLength: 8, maxLength: 8 }), (groups) => {
        const value = groups.reduce((sum, group) => sum * 65536n + BigInt(group), 0n)
        const runs = groups
          .map((_, at) => groups.slice(at).findIndex((group) => group !== 0))
          .map((run, at) => (run < 0 ? 8 - at : run))
        const longest = Math.max(...runs)
        const at = runs.indexOf(longest)
        const hex = groups.map((group) => group.toString(16))
        const expected =
          longest < 2 ? hex.join(':') : `${hex.slice(0, at).join(':')}::${hex.slice(at + longest).join(':')}`
        assert.equal(formatAddress(ofValue(6, value)), expected)
      }),
    ))
})

describe('addresses as numbers', () => {
  it('have the value they are made of', () =>
    fc.assert(
      fc.property(fc.constantFrom<Family>(4, 6), fc.nat(), (family, seed) => {
        const value = (BigInt(seed) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & MOST[family]
        assert.equal(addressValue(ofValue(family, value)), value)
      }),
    ))

  it('compare as their values do', () =>
    fc.assert(
      fc.property(fc.constantFrom<Family>(4, 6), fc.infiniteStream(fc.bigInt()), (family, values) => {
        const [a, b] = [...values.take(2)].map((value) => BigInt.asUintN(family === 4 ? 32 : 128, value))
        if (a === undefined || b === undefined) return
        const sign = Number(a > b) - Number(a < b)
        assert.equal(Math.sign(compareAddresses(ofValue(family, a), ofValue(family, b))), sign)
        assert.equal(sameAddress(ofValue(family, a), ofValue(family, b)), a === b)
      }),
    ))

  it('put every IPv4 address before every IPv6 address', () => {
    assert.ok(compareAddresses(address('255.255.255.255'), address('::')) < 0)
    assert.ok(!sameAddress(address('0.0.0.0'), address('::')))
  })

  it('step by one, up and down, and stop at the ends', () =>
    fc.assert(
      fc.property(anyAddress, (one) => {
        const { family } = one
        const value = addressValue(one)
        const next = value === MOST[family] ? undefined : ofValue(family, value + 1n)
        const previous = value === 0n ? undefined : ofValue(family, value - 1n)
        assert.deepEqual(nextAddress(one), next)
        assert.deepEqual(previousAddress(one), previous)
      }),
      { numRuns: 500 },
    ))

  it('carry over all words', () => {
    assert.equal(formatAddress(nextAddress(address('::ffff:ffff:ffff:ffff:ffff')) ?? assert.fail()), '0:0:1::')
    assert.equal(nextAddress(address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff')), undefined)
    assert.equal(previousAddress(address('::')), undefined)
    assert.equal(nextAddress(address('255.255.255.255')), undefined)
  })
})

describe('addresses as bytes', () => {
  it('are in network byte order', () => {
    assert.deepEqual([...addressBytes(address('192.0.2.1'))], [192, 0, 2, 1])
    assert.deepEqual(
      [...addressBytes(address('2001:db8::1'))],
      [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    )
  })

  it('come back, also from the middle of a packet', () =>
    fc.assert(
      fc.property(anyAddress, (one) => {
        const bytes = addressBytes(one)
        const packet = new Uint8Array(bytes.length + 3)
        packet.set(bytes, 3)
        assert.deepEqual(addressFromBytes(packet.subarray(3)), one)
      }),
    ))

  for (const length of [0, 3, 5, 15, 17]) {
    it(`are not ${length}`, () => assert.equal(addressFromBytes(new Uint8Array(length)), undefined))
  }
})
