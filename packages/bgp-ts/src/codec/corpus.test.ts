import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CORPUS } from '../testing/corpus.ts'
import { shown } from '../testing/shown.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import type { WireTerms } from './wire-terms.ts'

const NEW: WireTerms = { fourOctetAsn: true, extendedMessage: false, internal: false }
const IBGP: WireTerms = { ...NEW, internal: true }
const OLD_IBGP: WireTerms = { ...IBGP, fourOctetAsn: false }

/** `same`: we would have written those very bytes. */
const ROWS: [name: string, terms: WireTerms, writing: 'same' | 'otherwise', expected: string][] = [
  ['end-of-rib-bird-ipv4', NEW, 'same', 'update -[] +[]'],
  ['end-of-rib-exabgp-ipv6', OLD_IBGP, 'otherwise', 'update -[] unreach6() +[]'],
  ['end-of-rib-frr-ipv6', NEW, 'same', 'update -[] unreach6() +[]'],
  ['hard-reset', NEW, 'same', 'notification 6/9 060203627965'],
  ['keepalive-bird', NEW, 'same', 'keepalive'],
  [
    'open-bird',
    NEW,
    'same',
    'open v4 AS 65002 hold 9 id 3221225986 mp(1/1) mp(2/1) routeRefresh nextHop(1/1/2) extendedMessage restart(120 1/1 2/1) as4(65002) enhancedRouteRefresh 71()',
  ],
  [
    'open-exabgp',
    OLD_IBGP,
    'otherwise',
    'open v4 AS 65001 hold 9 id 3221225986 mp(1/1) mp(2/1) restart(R120 1/1F 2/1F) routeRefresh enhancedRouteRefresh extendedMessage',
  ],
  ['open-extended-parameters', NEW, 'otherwise', 'open v4 AS 23456 hold 90 id 3221225985 as4(4200000001)'],
  [
    'open-frr',
    NEW,
    'otherwise',
    'open v4 AS 23456 hold 9 id 3221225985 mp(1/1) mp(2/1) 128() routeRefresh enhancedRouteRefresh as4(4200000001) extendedMessage 69(0001010100020101) 73(02766d00) restart(RN120 1/1 2/1) 71(0001018000000000020180000000)',
  ],
  [
    'open-gobgp',
    OLD_IBGP,
    'same',
    'open v4 AS 65001 hold 9 id 3221225985 routeRefresh 73(02766d00) mp(1/1) mp(2/1) as4(65001) restart(N120 1/1 2/1) nextHop(1/1/2)',
  ],
  ['refresh-bird-request', NEW, 'same', 'routeRefresh 1/1 0'],
  ['refresh-frr-begin', NEW, 'same', 'routeRefresh 1/1 1'],
  ['refresh-frr-end', NEW, 'same', 'routeRefresh 2/1 2'],
  [
    'shutdown-bird',
    NEW,
    'same',
    'notification 6/2 2b6d61696e74656e616e636520756e74696c2032323a303020e2809320736565207469636b65742034373131',
  ],
  [
    'update-bird-ipv4',
    NEW,
    'same',
    'update -[] origin(igp) path(65002) via(192.0.2.2) communities(65002:200) large(4200000002:3:4) +[198.18.0.0/15]',
  ],
  [
    'update-bird-ipv6',
    NEW,
    'otherwise',
    'update -[] reach6(2001:db8::2: 2001:db8:200::/48) origin(igp) path(65002) +[]',
  ],
  [
    'update-exabgp-as4-path',
    OLD_IBGP,
    'otherwise',
    'update -[] origin(igp) path(23456 65010) via(192.0.2.2) med(7) pref(200) communities(65001:1 65535:65281) extended(4004fde949989680) path4(4200000009 65010) large(65001:1:2) +[198.51.100.0/24]',
  ],
  [
    'update-frr-ipv4',
    NEW,
    'otherwise',
    'update -[] origin(igp) path(4200000001) via(192.0.2.1) med(50) communities(65001:100 65535:0) extended(0002fde900000007) large(4200000001:1:2) +[198.51.100.0/24 203.0.113.128/25]',
  ],
  [
    'update-frr-ipv6',
    NEW,
    'otherwise',
    'update -[] reach6(2001:db8::1: 2001:db8:100::/48) origin(igp) path(4200000001) med(50) communities(65001:100 65535:0) extended(0002fde900000007) large(4200000001:1:2) +[]',
  ],
  [
    'update-frr-mapped-next-hop',
    NEW,
    'otherwise',
    'update -[] reach6(::ffff:c000:201: 2001:db8:100::/48) origin(igp) path(4200000001) med(50) communities(65001:100 65535:0) extended(0002fde900000007) large(4200000001:1:2) +[]',
  ],
  [
    'update-gobgp-ipv4',
    OLD_IBGP,
    'same',
    'update -[] origin(incomplete) path() via(192.0.2.1) med(3) pref(100) communities(65001:9) +[203.0.113.0/24]',
  ],
  [
    'update-gobgp-ipv6',
    OLD_IBGP,
    'otherwise',
    'update -[] reach6(2001:db8::1: 2001:db8:400::/48) origin(incomplete) path() pref(100) +[]',
  ],
  [
    'update-next-hop-of-32-bytes',
    NEW,
    'same',
    'update -[] reach4(2001:db8::1 fe80::1: 192.0.2.0/24) origin(igp) path(4200000001) +[]',
  ],
  ['withdrawal-bird-ipv6', NEW, 'otherwise', 'update -[] unreach6(2001:db8:100::/48) +[]'],
  ['withdrawal-gobgp-ipv4', OLD_IBGP, 'same', 'update -[203.0.113.0/24] +[]'],
]

describe('the corpus of messages', () => {
  it('has a row for each file', () => assert.deepEqual(ROWS.map(([name]) => name).sort(), [...CORPUS.keys()]))

  for (const [name, terms, writing, expected] of ROWS) {
    it(`${name} reads as expected and is written ${writing === 'same' ? 'the same' : 'so that it reads the same'}`, () => {
      const bytes = CORPUS.get(name)
      assert.ok(bytes !== undefined)
      const decoded = decodeMessage(bytes, terms)
      assert.ok(decoded.kind === 'message' || decoded.kind === 'update', JSON.stringify(decoded))
      if (decoded.kind === 'update') assert.deepEqual(decoded.problems, [])
      const message = decoded.kind === 'update' ? decoded.update : decoded.message
      assert.equal(shown(message), expected)
      const written = encodeMessage(message, terms)
      assert.equal(Buffer.from(written).equals(bytes), writing === 'same')
      assert.deepEqual(decodeMessage(written, terms), decoded)
    })
  }
})
