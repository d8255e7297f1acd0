import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hex, rawMessage, rawUpdate } from '../testing/raw-message.ts'
import { decodeMessage, encodeMessage, inspectMessage } from './message-codec.ts'
import type { WireTerms } from './wire-terms.ts'

const EBGP: WireTerms = { fourOctetAsn: true, extendedMessage: false, internal: false }
const IBGP: WireTerms = { ...EBGP, internal: true }
const OLD: WireTerms = { ...EBGP, fourOctetAsn: false }

const ORIGIN = '40010100'
const PATH = '4002060201 0000fde9'
const OLD_PATH = '4002040201fde9'
const HOP = '400304c0000201'
const GOOD = ORIGIN + PATH + HOP
const OLD_GOOD = ORIGIN + OLD_PATH + HOP
const PREF = '40050400000064'
const NET = '18c63364'
const REACH6 = '800e1c 000201 10 20010db8000000000000000000000001 00 3020010db80100'

/** Every road of RFC 7606, row by row: the attributes of an UPDATE that announces 198.51.100.0/24, and what becomes of it. */
const TREATED: [name: string, terms: WireTerms, attributes: string, expected: 'kept' | 'withdraw' | RegExp][] = [
  ['all that is mandatory', EBGP, GOOD, 'kept'],
  ['LOCAL_PREF on an internal session', IBGP, GOOD + PREF, 'kept'],
  ['the Partial bit of an optional transitive attribute', EBGP, GOOD + 'e008040000fde9', 'kept'],
  ['an extended length that is not needed', EBGP, GOOD + 'd00800040000fde9', 'kept'],
  ['an optional attribute nobody knows', EBGP, GOOD + 'c0630101', 'kept'],
  ['the same one twice', EBGP, GOOD + 'c0630101c0630101', 'kept'],
  ['3c: ORIGIN that says it is optional', EBGP, 'c0010100' + PATH + HOP, 'withdraw'],
  ['3c: MED that says it is well-known', EBGP, GOOD + '40040400000001', 'withdraw'],
  ['3c: COMMUNITIES that say they are not transitive', EBGP, GOOD + '8008040000fde9', 'withdraw'],
  ['3d: without ORIGIN', EBGP, PATH + HOP, 'withdraw'],
  ['3d: without AS_PATH', EBGP, ORIGIN + HOP, 'withdraw'],
  ['3d: without NEXT_HOP', EBGP, ORIGIN + PATH, 'withdraw'],
  ['3d: without LOCAL_PREF on an internal session', IBGP, GOOD, 'withdraw'],
  ['3d: without any attribute', EBGP, '', 'withdraw'],
  ['3g: ORIGIN twice', EBGP, GOOD + ORIGIN, /ORIGIN stands twice/],
  ['3g: a second ORIGIN that is malformed', EBGP, GOOD + '400102', 'withdraw'],
  ['4: an attribute longer than all of them', EBGP, GOOD + '80040500000001', 'withdraw'],
  ['4: two bytes where an attribute should be', EBGP, GOOD + '8004', 'withdraw'],
  ['4: an extended length that is cut off', EBGP, GOOD + '900400', 'withdraw'],
  ['7.1: ORIGIN of two bytes', EBGP, '4001020000' + PATH + HOP, 'withdraw'],
  ['7.1: ORIGIN of none', EBGP, '400100' + PATH + HOP, 'withdraw'],
  ['7.1: ORIGIN 3', EBGP, '40010103' + PATH + HOP, 'withdraw'],
  ['7.2: a segment type that is unknown', EBGP, ORIGIN + '4002060501 0000fde9' + HOP, 'withdraw'],
  ['7.2: a segment that is empty', EBGP, ORIGIN + '4002020200' + HOP, 'withdraw'],
  ['7.2: a segment longer than AS_PATH', EBGP, ORIGIN + '4002060202 0000fde9' + HOP, 'withdraw'],
  ['7.2: one byte behind the last segment', EBGP, ORIGIN + '4002070201 0000fde902' + HOP, 'withdraw'],
  ['7.2: four octets in a path of two', OLD, ORIGIN + PATH + HOP, 'withdraw'],
  ['RFC 7607: AS 0 in the path', EBGP, ORIGIN + '4002060201 00000000' + HOP, 'withdraw'],
  ['7.3: NEXT_HOP of three bytes', EBGP, ORIGIN + PATH + '400303c00002', 'withdraw'],
  ['7.3: NEXT_HOP of sixteen', EBGP, ORIGIN + PATH + '40031020010db8000000000000000000000001', 'withdraw'],
  ['RFC 4271 6.3: NEXT_HOP 0.0.0.0', EBGP, ORIGIN + PATH + '40030400000000', 'withdraw'],
  ['RFC 4271 6.3: NEXT_HOP 224.0.0.1', EBGP, ORIGIN + PATH + '400304e0000001', 'withdraw'],
  ['7.4: MED of three bytes', EBGP, GOOD + '800403000001', 'withdraw'],
  ['7.5: LOCAL_PREF of an external peer', EBGP, GOOD + PREF, /LOCAL_PREF is not for such a session/],
  ['7.5: LOCAL_PREF of an external peer, malformed', EBGP, GOOD + '4005020064', /LOCAL_PREF is not for such/],
  ['7.5: LOCAL_PREF of two bytes from an internal peer', IBGP, GOOD + '4005020064', 'withdraw'],
  ['7.6: ATOMIC_AGGREGATE', EBGP, GOOD + '400600', 'kept'],
  ['7.6: ATOMIC_AGGREGATE with a byte', EBGP, GOOD + '40060100', /ATOMIC_AGGREGATE is malformed/],
  ['7.7: AGGREGATOR', EBGP, GOOD + 'c007080000fde9c0000201', 'kept'],
  ['7.7: AGGREGATOR of two octets', OLD, OLD_GOOD + 'c00706fde9c0000201', 'kept'],
  [
    '7.7: AGGREGATOR of two octets where four were agreed upon',
    EBGP,
    GOOD + 'c00706fde9c0000201',
    /AGGREGATOR is malformed/,
  ],
  ['RFC 7607: AGGREGATOR of AS 0', EBGP, GOOD + 'c0070800000000c0000201', /AGGREGATOR is malformed: AS 0/],
  ['7.8: no communities at all', EBGP, GOOD + 'c00800', 'withdraw'],
  ['7.8: one community and a half', EBGP, GOOD + 'c008060000fde90000', 'withdraw'],
  ['7.9: ORIGINATOR_ID of an external peer', EBGP, GOOD + '8009020000', /ORIGINATOR_ID is not for such/],
  ['7.9: ORIGINATOR_ID', IBGP, GOOD + PREF + '800904c0000201', 'kept'],
  ['7.9: ORIGINATOR_ID of two bytes', IBGP, GOOD + PREF + '8009020000', 'withdraw'],
  ['7.10: CLUSTER_LIST of an external peer', EBGP, GOOD + '800a00', /CLUSTER_LIST is not for such/],
  ['7.10: CLUSTER_LIST', IBGP, GOOD + PREF + '800a0800000001 00000002', 'kept'],
  ['7.10: CLUSTER_LIST of three bytes', IBGP, GOOD + PREF + '800a03000000', 'withdraw'],
  ['7.14: an extended community and a half', EBGP, GOOD + 'c0100c0002fde9000000070002fde9', 'withdraw'],
  ['7.15: IPv6 extended communities', EBGP, GOOD + 'c01914' + '00'.repeat(20), 'kept'],
  ['7.15: IPv6 extended communities of 19 bytes', EBGP, GOOD + 'c01913' + '00'.repeat(19), 'withdraw'],
  ['RFC 8092: a large community and a byte', EBGP, GOOD + 'c0200d' + '00'.repeat(13), 'withdraw'],
  ['RFC 6793: AS4_PATH', OLD, OLD_GOOD + 'c011060201fa56ea01', 'kept'],
  ['RFC 6793: AS4_PATH that is malformed', OLD, OLD_GOOD + 'c011060202fa56ea01', /AS4_PATH is malformed/],
  [
    'RFC 6793: AS4_PATH of a peer that knows four octets',
    EBGP,
    GOOD + 'c011060201fa56ea01',
    /AS4_PATH is not for such/,
  ],
  ['RFC 6793: AS4_AGGREGATOR', OLD, OLD_GOOD + 'c01208fa56ea01c0000201', 'kept'],
  ['RFC 6793: AS4_AGGREGATOR of seven bytes', OLD, OLD_GOOD + 'c01207fa56ea01c00002', /AS4_AGGREGATOR is malformed/],
  ['routes of a family that is not ours', EBGP, GOOD + '800e0c 001941' + '00'.repeat(9), /AFI 25 SAFI 65/],
  ['withdrawals of a family that is not ours', EBGP, GOOD + '800f04 00010408', /AFI 1 SAFI 4/],
]

describe('an UPDATE with', () => {
  for (const [name, terms, attributes, expected] of TREATED) {
    it(`${name} is ${expected instanceof RegExp ? 'kept without the attribute' : expected}`, () => {
      const message = rawUpdate(attributes, NET)
      const decoded = decodeMessage(message, terms)
      const inspected = inspectMessage(message, terms)
      assert.ok(inspected.kind === 'inspected', 'to inspect is to judge alike')
      assert.equal(inspected.announced, 1)
      if (expected === 'withdraw') {
        assert.ok(decoded.kind === 'withdraw', JSON.stringify(decoded))
        assert.equal(decoded.prefixes.length, 1)
        assert.equal(inspected.withdrawWhy, decoded.why)
      } else {
        assert.ok(decoded.kind === 'update', JSON.stringify(decoded))
        assert.equal(inspected.withdrawWhy, undefined)
        assert.deepEqual(inspected.problems, decoded.problems)
        assert.match(decoded.problems.join('; '), expected === 'kept' ? /^$/ : expected)
      }
    })
  }

  it('a fault has all of its routes withdrawn, of either family', () => {
    const message = rawUpdate(REACH6 + '40010109' + PATH + HOP + '800f07 000201 1820010d', NET, '10c0a8')
    const decoded = decodeMessage(message, EBGP)
    assert.ok(decoded.kind === 'withdraw')
    assert.equal(decoded.prefixes.length, 4)
  })
})

/** Where the session ends even by RFC 7606; `about` is the data of the NOTIFICATION. */
const REFUSED: [name: string, message: Uint8Array, expected: string][] = [
  ['3a: withdrawn routes longer than the message', rawMessage(2, '0003 0000'), '3/1 '],
  ['3b: attributes longer than the message', rawMessage(2, '0000 0005' + ORIGIN), '3/1 '],
  ['3g: MP_REACH_NLRI twice', rawUpdate(REACH6 + REACH6 + ORIGIN + PATH), '3/1 '],
  ['3g: MP_UNREACH_NLRI twice', rawUpdate('800f03000201 800f03000201'), '3/1 '],
  ['a well-known attribute nobody knows', rawUpdate(GOOD + '40630101', NET), '3/2 40630101'],
  ['5.2: wrong flags without a route', rawUpdate('c0010100'), '3/4 c0010100'],
  ['5.2: a MED of one byte without a route', rawUpdate(ORIGIN + '80040101'), '3/5 80040101'],
  ['5.2: ORIGIN 3 without a route', rawUpdate('40010103'), '3/6 40010103'],
  ['5.2: NEXT_HOP of one byte without a route', rawUpdate('40030101'), '3/8 40030101'],
  ['5.2: no communities, without a route', rawUpdate('c00800'), '3/9 c00800'],
  ['5.2: a malformed AS_PATH without a route', rawUpdate('4002020200'), '3/11 4002020200'],
  ['5.2: an attribute that is cut off, without a route', rawUpdate('400102'), '3/1 '],
  ['5.3: an IPv4 prefix of 33 bits', rawUpdate(GOOD, '21c633640000'), '3/10 '],
  ['5.3: a prefix that is cut off', rawUpdate(GOOD, '18c633'), '3/10 '],
  ['5.3: a withdrawn prefix of 33 bits', rawUpdate('', '', '21c633640000'), '3/10 '],
  ['7.11: MP_REACH_NLRI of four bytes', rawUpdate('800e0400020110'), '3/9 800e0400020110'],
  [
    '7.11: an IPv6 route with an IPv4 next hop',
    rawUpdate(ORIGIN + PATH + '800e09 00020104c000020100'),
    '3/9 800e0900020104c000020100',
  ],
  [
    '7.11: a next hop of five bytes',
    rawUpdate(ORIGIN + PATH + '800e0a 00010105c00002010000'),
    '3/9 800e0a00010105c00002010000',
  ],
  ['7.11: an IPv6 prefix of 129 bits', rawUpdate('800f05 0002018100'), '3/9 800f050002018100'],
  ['7.12: MP_UNREACH_NLRI of two bytes', rawUpdate('800f020002'), '3/9 800f020002'],
  [
    'RFC 7313: the begin of an answer with a byte too many',
    rawMessage(5, '0001010100'),
    `7/1 ${'ff'.repeat(16)}0018050001010100`,
  ],
  ['a request to refresh with a byte too many', rawMessage(5, '0001000100'), '1/2 0018'],
]

describe('the answer to a message as large as can be', () => {
  it('is cut, not refused', () => {
    const decoded = decodeMessage(rawMessage(5, `00010101${'00'.repeat(4073)}`), EBGP)
    assert.ok(decoded.kind === 'error')
    assert.equal(decoded.notification.data.length, 4096)
    assert.equal(encodeMessage(decoded.notification, EBGP).length, 4096)
  })
})

describe('the session ends for', () => {
  for (const [name, message, expected] of REFUSED) {
    it(name, () => {
      for (const decoded of [decodeMessage(message, EBGP), inspectMessage(message, EBGP)]) {
        assert.ok(decoded.kind === 'error', JSON.stringify(decoded))
        const { code, subcode, data } = decoded.notification
        assert.equal(`${code}/${subcode} ${hex(data)}`, expected)
      }
    })
  }
})
