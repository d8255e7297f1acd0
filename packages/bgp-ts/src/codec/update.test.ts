import { type Family, parseAddress, parsePrefix } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Attributes, Update } from '../message.ts'
import { hex, rawUpdate } from '../testing/raw-message.ts'
import { decodeMessage, encodeMessage, inspectMessage } from './message-codec.ts'
import { prefixBytes } from './prefixes.ts'
import { endOfRib, isEndOfRib } from './update.ts'
import type { WireTerms } from './wire-terms.ts'

const NEW: WireTerms = { fourOctetAsn: true, extendedMessage: false, internal: true }
const OLD: WireTerms = { ...NEW, fourOctetAsn: false }
const prefix = (text: string) => parsePrefix(text)!
const address = (text: string) => parseAddress(text)!

const update = (attributes: Attributes, reachable: readonly string[] = []): Update => ({
  kind: 'update',
  withdrawn: [],
  attributes,
  reachable: reachable.map(prefix),
})
const PATH = [{ kind: 'sequence', asns: [65001] }] as const

/** Each attribute by itself, header included, as it stands on the wire. */
const ATTRIBUTES: [name: string, terms: WireTerms, attributes: Attributes, bytes: string][] = [
  ['ORIGIN EGP', NEW, { origin: 'egp' }, '40010101'],
  ['an empty AS_PATH', NEW, { asPath: [] }, '400200'],
  [
    'AS_PATH with all four kinds of segments',
    NEW,
    {
      asPath: [
        { kind: 'set', asns: [1, 2] },
        { kind: 'sequence', asns: [4_200_000_001] },
        { kind: 'confedSequence', asns: [3] },
        { kind: 'confedSet', asns: [4] },
      ],
    },
    '40021c 01020000000100000002 0201fa56ea01 030100000003 040100000004',
  ],
  ['AS_PATH in two octets', OLD, { asPath: PATH }, '4002040201fde9'],
  ['NEXT_HOP', NEW, { nextHop: address('192.0.2.1') }, '400304c0000201'],
  ['MULTI_EXIT_DISC', NEW, { med: 4_294_967_295 }, '800404ffffffff'],
  ['LOCAL_PREF 0', NEW, { localPref: 0 }, '40050400000000'],
  ['COMMUNITIES', NEW, { communities: [65_001 * 65_536 + 1, 0xffff_0000] }, 'c00808fde90001ffff0000'],
  [
    'MP_REACH_NLRI of IPv6 with a link-local next hop beside the global one',
    NEW,
    {
      mpReach: {
        family: 6,
        nextHop: address('2001:db8::1'),
        linkLocal: address('fe80::1'),
        reachable: [prefix('2001:db8:8000::/33')],
      },
    },
    '800e2b00020120 20010db8000000000000000000000001 fe800000000000000000000000000001 00 2120010db880',
  ],
  [
    'MP_REACH_NLRI of IPv4 by IPv6 (RFC 8950)',
    NEW,
    { mpReach: { family: 4, nextHop: address('2001:db8::1'), reachable: [prefix('0.0.0.0/0')] } },
    '800e1600010110 20010db8000000000000000000000001 00 00',
  ],
  [
    'MP_REACH_NLRI of IPv4 by IPv4',
    NEW,
    { mpReach: { family: 4, nextHop: address('192.0.2.1'), reachable: [prefix('192.0.2.128/25')] } },
    '800e0e00010104c000020100 19c0000280',
  ],
  [
    'MP_UNREACH_NLRI',
    NEW,
    { mpUnreach: { family: 6, withdrawn: [prefix('2001:db8::1/128')] } },
    '800f14 000201 8020010db8000000000000000000000001',
  ],
  [
    'EXTENDED COMMUNITIES',
    NEW,
    { extendedCommunities: [Uint8Array.of(0, 2, 0xfd, 0xe9, 0, 0, 0, 7)] },
    'c010080002fde900000007',
  ],
  ['AS4_PATH', OLD, { as4Path: [{ kind: 'sequence', asns: [4_200_000_001] }] }, 'c011060201fa56ea01'],
  ['LARGE_COMMUNITY', NEW, { largeCommunities: [[4_200_000_001, 1, 2]] }, 'c0200cfa56ea010000000100000002'],
]

describe('an attribute on the wire', () => {
  for (const [name, terms, attributes, bytes] of ATTRIBUTES) {
    it(`${name} is written and read`, () => {
      const written = encodeMessage(update(attributes), terms)
      assert.equal(hex(written), hex(rawUpdate(bytes)))
      // Where it is no route without others, the reader says so: here the row is what counts.
      const others = attributes.mpReach === undefined ? {} : { origin: 'igp' as const, asPath: PATH, localPref: 1 }
      const whole = { ...others, ...attributes }
      const decoded = decodeMessage(encodeMessage(update(whole), terms), terms)
      assert.ok(decoded.kind === 'update', JSON.stringify(decoded))
      assert.deepEqual(decoded, { kind: 'update', update: update(whole), problems: [] })
    })
  }

  it('has a length of two octets above 255 bytes only', () => {
    const communities = Array.from({ length: 64 }, (_, index) => index)
    assert.match(hex(encodeMessage(update({ communities }), NEW)), /d0080100/)
    assert.match(hex(encodeMessage(update({ communities: communities.slice(1) }), NEW)), /c008fc/)
  })

  it('tells a peer of two octets what an AS number of four really is', () => {
    const asPath = [{ kind: 'sequence', asns: [4_200_000_001, 65_001] }] as const
    const decoded = decodeMessage(encodeMessage(update({ asPath }), OLD), OLD)
    assert.ok(decoded.kind === 'update')
    assert.deepEqual(decoded.update.attributes.asPath?.[0]?.asns, [23_456, 65_001])
    assert.deepEqual(decoded.update.attributes.as4Path, asPath)
  })
})

describe('the end of the initial table', () => {
  for (const family of [4, 6] as const) {
    it(`of IPv${family} is told and understood`, () => {
      const written = encodeMessage(endOfRib(family), NEW)
      const decoded = decodeMessage(written, NEW)
      assert.ok(decoded.kind === 'update')
      assert.equal(isEndOfRib(decoded.update), family)
      const inspected = inspectMessage(written, NEW)
      assert.ok(inspected.kind === 'inspected')
      assert.equal(inspected.endOfRib, family)
    })
  }

  const NOT: [name: string, update: Update][] = [
    ['a withdrawal', { ...update({}), withdrawn: [prefix('192.0.2.0/24')] }],
    ['a withdrawal of IPv6', update({ mpUnreach: { family: 6, withdrawn: [prefix('2001:db8::/32')] } })],
    ['attributes without a route', update({ origin: 'igp' })],
    ['a route', update({ origin: 'igp', asPath: PATH, localPref: 1, nextHop: address('192.0.2.1') }, ['192.0.2.0/24'])],
  ]
  for (const [name, other] of NOT) {
    it(`is not ${name}`, () => {
      assert.equal(isEndOfRib(other), undefined)
      const inspected = inspectMessage(encodeMessage(other, NEW), NEW)
      assert.ok(inspected.kind === 'inspected')
      assert.equal(inspected.endOfRib, undefined)
    })
  }
})

describe('prefixes', () => {
  const SIZES: [text: string, bytes: number][] = [
    ['0.0.0.0/0', 1],
    ['128.0.0.0/1', 2],
    ['10.0.0.0/8', 2],
    ['10.128.0.0/9', 3],
    ['192.0.2.0/24', 4],
    ['192.0.2.1/32', 5],
  ]
  for (const [text, bytes] of SIZES) {
    it(`${text} takes ${bytes} bytes, withdrawn or announced`, () => {
      assert.equal(prefixBytes(prefix(text)), bytes)
      const message: Update = { ...update({}), withdrawn: [prefix(text)] }
      const written = encodeMessage(message, NEW)
      assert.equal(written.length, 23 + bytes)
      assert.deepEqual(decodeMessage(written, NEW), { kind: 'update', update: message, problems: [] })
    })
  }

  it('are masked when bits behind their length are set (RFC 4271 section 4.3)', () => {
    const decoded = decodeMessage(rawUpdate('', '', '09ffff'), NEW)
    assert.ok(decoded.kind === 'update')
    assert.deepEqual(decoded.update.withdrawn, [prefix('255.128.0.0/9')])
  })

  it('are counted without being kept', () => {
    const withdrawn = Array.from({ length: 800 }, (_, index) => prefix(`10.${index >> 8}.${index & 255}.1/32`))
    const inspected = inspectMessage(encodeMessage({ ...update({}), withdrawn }, NEW), NEW)
    assert.ok(inspected.kind === 'inspected')
    assert.equal(inspected.withdrawn, 800)
  })
})

describe('an UPDATE that cannot be written', () => {
  const many = Array.from({ length: 900 }, (_, index) => prefix(`10.${index >> 8}.${index & 255}.1/32`))
  const mpReach = { family: 6 as Family, reachable: [] }
  const CANNOT: [name: string, update: Update][] = [
    ['more than 4096 bytes', { ...update({}), withdrawn: many }],
    ['an IPv6 prefix in the field of IPv4', update({}, ['2001:db8::/32'])],
    ['an IPv6 NEXT_HOP', update({ nextHop: address('2001:db8::1') })],
    ['an IPv4 next hop of IPv6 routes', update({ mpReach: { ...mpReach, nextHop: address('192.0.2.1') } })],
    ['a MED of 33 bits', update({ med: 2 ** 32 })],
    ['a segment of 256 AS numbers', update({ asPath: [{ kind: 'sequence', asns: Array<number>(256).fill(1) }] })],
    ['a segment without AS numbers', update({ asPath: [{ kind: 'set', asns: [] }] })],
    ['an extended community of seven bytes', update({ extendedCommunities: [new Uint8Array(7)] })],
  ]
  for (const [name, message] of CANNOT) {
    it(`throws for ${name}`, () => assert.throws(() => encodeMessage(message, NEW), { name: 'WireError' }))
  }

  it('of more than 4096 bytes goes to a peer that agreed upon extended messages', () => {
    const terms = { ...NEW, extendedMessage: true }
    assert.equal(encodeMessage({ ...update({}), withdrawn: many }, terms).length, 23 + 5 * 900)
  })
})
