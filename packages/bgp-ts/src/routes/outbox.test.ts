import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatAddress, formatPrefix, parseAddress } from '@steelyard/net'
import { decodeMessage, encodeMessage } from '../codec/message-codec.ts'
import { isEndOfRib, prefixesOf } from '../codec/update.ts'
import type { Attributes, Update } from '../message.ts'
import type { NextHops, Route } from '../peer.ts'
import { type Agreed, wireTermsOf } from '../session/terms.ts'
import { route, routes } from '../testing/duet.ts'
import { type AdjRibOut, adjRibOut, changeNextHops, changeRoutes, countRoutes } from './adj-rib-out.ts'
import { type Outbox, outboxOf } from './outbox.ts'

const V4 = parseAddress('192.0.2.1')!
const V6 = parseAddress('2001:db8::1')!
const LINK = parseAddress('fe80::1')!

const AGREED: Agreed = {
  remoteAsn: 64_513,
  remoteRouterId: 2,
  holdMs: 9000,
  keepaliveMs: 3000,
  families: [4, 6],
  isInternal: false,
  fourOctetAsn: true,
  extendedNextHop: false,
  extendedMessage: false,
  routeRefresh: true,
  enhancedRouteRefresh: false,
  gracefulRestart: false,
  hardReset: false,
}

type Scene = { readonly rib: AdjRibOut; readonly outbox: Outbox; readonly agreed: Agreed }
function scene(agreed: Partial<Agreed> = {}, nextHops: NextHops = { ipv4: V4, ipv6: V6 }): Scene {
  const rib = adjRibOut()
  const all = { ...AGREED, ...agreed }
  const outbox = outboxOf(rib, { localAsn: 64_512, agreed: all, nextHops, isComplete: () => false })
  return { rib, outbox, agreed: all }
}

/** Everything there is to say, through the codec: what is too long throws. */
function flush({ outbox, agreed }: Scene): Update[] {
  const said: Update[] = []
  for (let message = outbox.next(); message !== undefined; message = outbox.next()) {
    const decoded = decodeMessage(encodeMessage(message, wireTermsOf(agreed)), wireTermsOf(agreed))
    assert.ok(decoded.kind === 'update', JSON.stringify(decoded))
    assert.deepEqual(decoded.problems, [])
    said.push(decoded.update)
  }
  return said
}
const reached = ({ reachable, attributes }: Update): string[] =>
  [...reachable, ...(attributes.mpReach?.reachable ?? [])].map(formatPrefix)
const gone = ({ withdrawn, attributes }: Update): string[] =>
  [...withdrawn, ...(attributes.mpUnreach?.withdrawn ?? [])].map(formatPrefix)
const story = (all: readonly Update[]): string[] =>
  all.map((update) =>
    [...reached(update).map((text) => `+${text}`), ...gone(update).map((text) => `-${text}`)].join(' '),
  )
const without = (...keys: readonly string[]): Map<string, undefined> => new Map(keys.map((key) => [key, undefined]))

const ONE = route('203.0.113.1/32')
const TWO = route('203.0.113.2/32')
const SIX = route('2001:db8:1::/48')

describe('the attributes of a route', () => {
  const attributes = (one: Route, agreed: Partial<Agreed> = {}, nextHops?: NextHops): Attributes => {
    const all = scene(agreed, nextHops)
    changeRoutes(all.rib, routes(one))
    return flush(all)[0]!.attributes
  }
  it('between two AS: ORIGIN, our AS, the next hop, and no LOCAL_PREF', () =>
    assert.deepEqual(attributes(ONE), {
      origin: 'igp',
      asPath: [{ kind: 'sequence', asns: [64_512] }],
      nextHop: V4,
    }))
  it('inside one AS: an empty path, and LOCAL_PREF even where it is 0', () => {
    const said = attributes({ ...ONE, localPref: 0 }, { isInternal: true })
    assert.deepEqual(said, { origin: 'igp', asPath: [], nextHop: V4, localPref: 0 })
  })
  it('communities of both kinds, if there are any', () => {
    const said = attributes({ ...ONE, communities: [1, 2], largeCommunities: [[1, 2, 3]] })
    assert.deepEqual(said.communities, [1, 2])
    assert.deepEqual(said.largeCommunities, [[1, 2, 3]])
  })
  it('bandwidth, of the type that passes on to another AS, and of the other within one', () => {
    const hex = (agreed: Partial<Agreed>): string =>
      Buffer.from(attributes({ ...ONE, linkBandwidth: 125_000_000 }, agreed).extendedCommunities![0]!).toString('hex')
    assert.equal(hex({}), '0004fc004cee6b28')
    assert.equal(hex({ isInternal: true }), '4004fc004cee6b28')
  })
  it('IPv6 in MP_REACH_NLRI, with the link-local next hop beside the other', () => {
    const { mpReach, nextHop } = attributes(SIX, {}, { ipv6: V6, linkLocal: LINK })
    assert.equal(nextHop, undefined)
    assert.deepEqual(
      [mpReach?.family, formatAddress(mpReach!.nextHop), formatAddress(mpReach!.linkLocal!)],
      [6, '2001:db8::1', 'fe80::1'],
    )
  })
  it('IPv4 with an IPv6 next hop where that was agreed upon (RFC 8950)', () => {
    const { mpReach } = attributes(ONE, { extendedNextHop: true }, { ipv4: V6 })
    assert.deepEqual([mpReach?.family, formatAddress(mpReach!.nextHop)], [4, '2001:db8::1'])
  })
})

describe('what is said', () => {
  it('of routes with equal attributes travels together, and per family', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE, SIX, TWO, route('203.0.113.3/32', { communities: [7] })))
    assert.deepEqual(story(flush(all)), ['+203.0.113.1/32 +203.0.113.2/32', '+2001:db8:1::/48', '+203.0.113.3/32'])
  })
  it('is the difference only', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE, TWO))
    flush(all)
    changeRoutes(all.rib, routes({ ...ONE, communities: [] }, { ...TWO, communities: [9] }))
    assert.deepEqual(story(flush(all)), ['+203.0.113.2/32'])
    changeRoutes(all.rib, without('203.0.113.1/32', '203.0.113.9/32'))
    assert.deepEqual(story(flush(all)), ['-203.0.113.1/32'])
  })
  it('is nothing when a route was replaced and replaced back, or came and went, before it was said', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE))
    flush(all)
    changeRoutes(all.rib, routes({ ...ONE, communities: [9] }, TWO))
    changeRoutes(all.rib, without('203.0.113.1/32'))
    changeRoutes(all.rib, routes(ONE))
    changeRoutes(all.rib, without('203.0.113.2/32'))
    assert.deepEqual(countRoutes(all.rib), { announced: 1, pending: 0, unsendable: 0 })
    assert.deepEqual(flush(all), [])
  })
  it('is nothing for a route that stays, after others of the same attributes have left', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE, TWO))
    flush(all)
    changeRoutes(all.rib, routes({ ...ONE, communities: [9] }))
    flush(all)
    changeRoutes(all.rib, routes({ ...TWO }))
    assert.deepEqual(flush(all), [])
  })
  it('of a LOCAL_PREF alone is nothing between two AS', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE))
    flush(all)
    changeRoutes(all.rib, routes({ ...ONE, localPref: 7 }))
    assert.deepEqual(flush(all), [])
  })
  it('takes back what cannot be announced any more as it was announced', () => {
    const all = scene({ extendedNextHop: true }, { ipv4: V6 })
    changeRoutes(all.rib, routes(ONE))
    flush(all)
    changeNextHops(all.rib, {})
    const [update] = flush(all)
    assert.deepEqual(update?.attributes.mpUnreach?.withdrawn.map(formatPrefix), ['203.0.113.1/32'])
    assert.deepEqual(countRoutes(all.rib), { announced: 0, pending: 0, unsendable: 1 })
  })
  it('leaves out a family without a next hop, or not agreed upon, and counts it', () => {
    const all = scene({ families: [4] })
    changeRoutes(all.rib, routes(ONE, SIX))
    assert.deepEqual(story(flush(all)), ['+203.0.113.1/32'])
    assert.equal(countRoutes(all.rib).unsendable, 1)
  })
  it('leaves out IPv4 with an IPv6 next hop where that was not agreed upon', () => {
    const all = scene({}, { ipv4: V6 })
    changeRoutes(all.rib, routes(ONE))
    assert.deepEqual([flush(all), countRoutes(all.rib).unsendable], [[], 1])
  })
  it('leaves out a route whose attributes exceed a message, unless it may be longer', () => {
    const huge = { ...ONE, communities: Array.from({ length: 2000 }, (_, index) => index) }
    for (const extendedMessage of [false, true]) {
      const all = scene({ extendedMessage })
      changeRoutes(all.rib, routes(huge, TWO))
      assert.equal(flush(all).length, extendedMessage ? 2 : 1)
      assert.equal(countRoutes(all.rib).unsendable, extendedMessage ? 0 : 1)
    }
  })
  it('again when the peer asks is everything of that family, and what was to go goes', () => {
    const all = scene()
    changeRoutes(all.rib, routes(ONE, TWO, SIX))
    flush(all)
    all.outbox.refresh(4)
    changeRoutes(all.rib, without('203.0.113.2/32'))
    assert.deepEqual(story(flush(all)), ['+203.0.113.1/32', '-203.0.113.2/32'])
  })
})

describe('packing', () => {
  const block = (count: number): ReadonlyMap<string, Route> =>
    routes(...Array.from({ length: count }, (_, index) => route(`10.0.${index >> 8}.${index & 255}/32`)))
  for (const [count, extendedMessage, messages] of [
    [1000, false, 2],
    [10_000, false, 13],
    [10_000, true, 1],
  ] as const) {
    it(`${count} routes take ${messages} UPDATEs of at most ${extendedMessage ? 65_535 : 4096} bytes, and as many to go`, () => {
      const all = scene({ extendedMessage })
      const routes = block(count)
      changeRoutes(all.rib, routes)
      const said = flush(all)
      assert.equal(said.length, messages)
      assert.equal(new Set(said.flatMap(reached)).size, count)
      changeRoutes(all.rib, without(...routes.keys()))
      const last = flush(all)
      assert.ok(last.length <= messages)
      assert.equal(new Set(last.flatMap(gone)).size, count)
      assert.deepEqual(countRoutes(all.rib), { announced: 0, pending: 0, unsendable: 0 })
    })
  }
  it('IPv6 fills messages as well', () => {
    const all = scene()
    changeRoutes(
      all.rib,
      routes(...Array.from({ length: 1000 }, (_, index) => route(`2001:db8::${index.toString(16)}/128`))),
    )
    assert.equal(flush(all).length, 5)
  })
})

describe('End-of-RIB', () => {
  it('comes once per family, when all is said and the table is complete', () => {
    let isComplete = false
    const rib = adjRibOut()
    changeRoutes(rib, routes(ONE))
    const terms = { localAsn: 64_512, agreed: AGREED, nextHops: { ipv4: V4 }, isComplete: () => isComplete }
    const all = { rib, outbox: outboxOf(rib, terms), agreed: AGREED }
    assert.equal(flush(all).length, 1)
    isComplete = true
    changeRoutes(rib, routes(TWO))
    const said = flush(all)
    assert.deepEqual(said.map(isEndOfRib), [undefined, 4, 6])
    assert.equal(prefixesOf(said[0]!).length, 1)
    assert.deepEqual(flush(all), [])
  })
})
