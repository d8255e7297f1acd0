import { type Address, formatAddress, parseMac } from '@steelyard/net'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EMPTY_RECORD, type NodeRecord } from './record.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const claim = (ip: string) => ({ ip, epoch: 1, minority: false, releasing: false })
const withClaims = (...ips: string[]): NodeRecord => ({ ...EMPTY_RECORD, claims: ips.map(claim) })

const FULL: NodeRecord = {
  claims: [
    { ip: '192.0.2.1', epoch: 7, minority: false, releasing: true },
    { ip: '2001:db8::1', epoch: 0xffff_ffff, minority: true, releasing: false },
  ],
  draining: true,
  missing: ['*'],
  impaired: ['eth0', 'eth1'],
  macs: [parseMac('02:00:5e:00:53:0a')!],
}
const FULL_BYTES = `01
  00000002
    00 c0000201 00000007 00 01
    01 20010db8000000000000000000000001 ffffffff 01 00
  0001 0001 2a
  0002 0004 65746830 0004 65746831
  0001 02005e00530a`

describe('a record', () => {
  const layouts: [name: string, record: NodeRecord, bytes: string][] = [
    ['of everything', FULL, FULL_BYTES],
    ['of nothing', EMPTY_RECORD, '00 00000000 0000 0000 0000'],
  ]
  for (const [name, record, bytes] of layouts) {
    it(`${name} is written as README.md lays it out, and read back`, () => {
      assert.deepEqual(encodeRecord(record), hex(bytes))
      assert.deepEqual(decodeRecord(hex(bytes)), { ok: true, value: record })
    })
    it(`${name} is refused when cut off anywhere, and when something follows`, () => {
      const whole = hex(bytes)
      for (let length = 0; length < whole.length; length++) {
        assert.equal(decodeRecord(whole.subarray(0, length)).ok, false, `length ${length}`)
      }
      assert.equal(decodeRecord(Uint8Array.from([...whole, 0])).ok, false)
    })
  }

  it('is the same bytes in whatever order its claims and interfaces come', () => {
    const shuffled = { ...FULL, claims: FULL.claims.toReversed(), impaired: FULL.impaired.toReversed() }
    assert.deepEqual(encodeRecord(shuffled), encodeRecord(FULL))
  })

  it('of the 1000 addresses of a large cluster takes 11 KB', () => {
    const ips = Array.from({ length: 1000 }, (_, index) => `192.0.${index >> 8}.${index & 255}`)
    assert.equal(encodeRecord(withClaims(...ips)).length, 1000 * 11 + 11)
  })

  it('carries what an advertisement may call an interface, however long and odd', () => {
    const record = { ...EMPTY_RECORD, missing: ['\u{1f50c}'.repeat(100)] }
    assert.deepEqual(decodeRecord(encodeRecord(record)), { ok: true, value: record })
  })
})

describe('a record is refused', () => {
  const table: [name: string, bytes: string, reason: RegExp][] = [
    ['that claims an address twice', twice('c0000201', 'c0000201'), /"192.0.2.1" is there twice/],
    ['whose claims are out of order', twice('c0000202', 'c0000201'), /"192.0.2.1" is there twice, or out of its place/],
    [
      'that spells an IPv4 address as an IPv6 one',
      '00 00000001 01 00000000000000000000ffffc0000201 00000001 00 00 0000 0000 0000',
      /is no address/,
    ],
    ['that promises more claims than it has', '00 000fffff 00 c0000201', /needs|left/],
    ['that promises more claims than any can have', '00 ffffffff', /4294967295 values/],
    ['with an address family that is neither', '00 00000001 02', /a flag is 2/],
    ['with an interface named twice', '00 00000000 0002 0001 61 0001 61 0000 0000', /"a" is there twice/],
    ['with an interface without a name', '00 00000000 0001 0000 0000 0000', /an empty name/],
    ['with an interface name that is too long', `00 00000000 0001 0191 ${'61'.repeat(401)}`, /401 bytes, at most 400/],
  ]
  for (const [name, bytes, reason] of table) {
    it(name, () => {
      const result = decodeRecord(hex(bytes))
      assert.ok(!result.ok)
      assert.match(result.reason, reason)
    })
  }

  it('of more than 1 MiB, unread', () => {
    const result = decodeRecord(new Uint8Array(2 ** 20 + 1))
    assert.ok(!result.ok)
    assert.match(result.reason, /more than 1048576 bytes/)
  })

  function twice(first: string, second: string): string {
    return `00 00000002 00 ${first} 00000001 00 00 00 ${second} 00000001 00 00 0000 0000 0000`
  }
})

describe('our own bugs are thrown: a record', () => {
  const table: [name: string, record: NodeRecord, reason: RegExp][] = [
    ['with a claim on no address', withClaims('192.0.2.256'), /"192.0.2.256" is no address/],
    ['with two claims on one address', withClaims('192.0.2.1', '192.0.2.1'), /is there twice/],
    ['with a MAC of 5 bytes', { ...EMPTY_RECORD, macs: [new Uint8Array(5)] }, /5 bytes where 6 belong/],
    [
      'of more than 1 MiB',
      withClaims(...Array.from({ length: 100_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`)),
      /more than 1048576 bytes/,
    ],
  ]
  for (const [name, record, reason] of table) it(name, () => assert.throws(() => encodeRecord(record), reason))
})

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const address: fc.Arbitrary<Address> = fc.oneof(
  word.map((value): Address => ({ family: 4, words: [value] })),
  fc.tuple(fc.constantFrom(0x20010db8, 0xfd000000), word, word, word).map((words): Address => ({ family: 6, words })),
)
const plain = { noNullPrototype: true } as const
const claims = fc.uniqueArray(
  fc.record({ ip: address.map(formatAddress), epoch: word, minority: fc.boolean(), releasing: fc.boolean() }, plain),
  { selector: ({ ip }) => ip, maxLength: 40 },
)
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }), { maxLength: 5 })
const macs = fc.array(fc.uint8Array({ minLength: 6, maxLength: 6 }), { maxLength: 5 })
const anyRecord = fc.record({ claims, draining: fc.boolean(), missing: names, impaired: names, macs }, plain)

/** Not by locale. */
const byText = (a: string, b: string): number => (a < b ? -1 : 1)

it('any record comes back as it was, sorted', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const wanted = {
        ...record,
        claims: record.claims.toSorted((a, b) => byText(a.ip, b.ip)),
        missing: record.missing.toSorted(byText),
        impaired: record.impaired.toSorted(byText),
      }
      assert.deepEqual(decodeRecord(encodeRecord(record)), { ok: true, value: wanted })
    }),
    { numRuns: 300 },
  )
})
