import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Route } from '@steelyard/bgp-ts'
import { type BgpAdvertisement, type BgpPeer, DEFAULT_PEER_POLICY } from '@steelyard/model'
import { addressedFacts, appIs, bgpAdvertisement, bgpPeer, bgpRules } from '../../testing/bgp-rules.ts'
import { type BgpBook, bgpBook } from './book.ts'
import type { BgpFacts } from './facts.ts'
import type { BgpRules } from './rules.ts'

const APPS = ['a', 'b', 'c']
const anyPeer: fc.Arbitrary<BgpPeer> = fc
  .record({ dualStack: fc.boolean(), weighted: fc.boolean(), six: fc.boolean() })
  .map(({ dualStack, weighted, six }) =>
    bgpPeer('', {
      dualStack,
      neighbour: { kind: 'address', address: six ? '2001:db8::9' : '192.0.2.1' },
      policy: weighted
        ? { ...DEFAULT_PEER_POLICY, weightedEcmp: { megabitsPerEndpoint: 8, minIntervalMs: 100 } }
        : DEFAULT_PEER_POLICY,
    }),
  )
const anyAdvertisement: fc.Arbitrary<BgpAdvertisement> = fc
  .record({
    app: fc.constantFrom(undefined, ...APPS),
    localPref: fc.constantFrom(undefined, undefined, 100, 200),
    community: fc.integer({ min: 1, max: 3 }),
    peers: fc.subarray(['p0', 'p1', 'p2']),
    length: fc.constantFrom(24, 30, 32),
    pools: fc.constantFrom(['one'], ['one', 'two']),
  })
  .map(({ app, localPref, community, peers, length, pools }) =>
    bgpAdvertisement('', {
      pools: new Set(pools),
      aggregationLength: length,
      ...(localPref === undefined ? {} : { localPref }),
      communities: [{ kind: 'standard', value: community }],
      peers: new Set(peers),
      serviceSelectors: app === undefined ? [] : [appIs(app)],
    }),
  )
const anyRules: fc.Arbitrary<BgpRules> = fc
  .record({
    peers: fc.array(anyPeer, { minLength: 1, maxLength: 3, size: 'max' }),
    advertisements: fc.array(anyAdvertisement, { minLength: 1, maxLength: 4, size: 'max' }),
    networkUnavailable: fc.constantFrom(...Array<boolean>(9).fill(false), true),
  })
  .map(({ peers, advertisements, ...rest }) =>
    bgpRules({
      ...rest,
      peers: peers.map((peer, at) => ({ ...peer, name: `p${at}` })),
      advertisements: advertisements.map((one, at) => ({ ...one, name: `ad${at}` })),
    }),
  )
const anyFacts: fc.Arbitrary<BgpFacts | undefined> = fc.option(
  fc
    .record({
      last: fc.integer({ min: 1, max: 6 }),
      app: fc.constantFrom(...APPS),
      pool: fc.constantFrom('one', 'two'),
      trafficPolicy: fc.constantFrom('Local' as const, 'Cluster' as const),
      count: fc.integer({ min: 0, max: 3 }),
      dual: fc.boolean(),
    })
    .map(({ last, app, pool, trafficPolicy, count, dual }) =>
      addressedFacts('', {
        ips: dual ? [`203.0.113.${last}`, `2001:db8::${last}`] : [`203.0.113.${last}`],
        labels: { app },
        pool,
        trafficPolicy,
        local: { 4: count, 6: count },
      }),
    ),
  { nil: undefined },
)
type Edit =
  | { readonly kind: 'rules'; readonly rules: BgpRules }
  | { readonly kind: 'leaving'; readonly leaving: boolean }
  | { readonly kind: 'service'; readonly key: string; readonly facts: BgpFacts | undefined }
  | { readonly kind: 'look'; readonly after: number }
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 1, arbitrary: anyRules.map((rules) => ({ kind: 'rules' as const, rules })) },
  { weight: 1, arbitrary: fc.boolean().map((leaving) => ({ kind: 'leaving' as const, leaving })) },
  {
    weight: 8,
    arbitrary: fc
      .record({ key: fc.constantFrom('s/1', 's/2', 's/3', 't/1', 't/2'), facts: anyFacts })
      .map(({ key, facts }) => ({ kind: 'service' as const, key, facts: facts && { ...facts, key } })),
  },
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }).map((after) => ({ kind: 'look' as const, after })) },
)

/** A book with many edits behind it, what its sessions heard, and what a book from scratch is to be made of. */
type Story = {
  readonly book: BgpBook
  readonly told: Map<string, Map<string, Route>>
  readonly services: Map<string, BgpFacts>
  now: number
  rules: BgpRules
  leaving: boolean
}

function begun(): Story {
  const rules = bgpRules({ peers: [] })
  const book = bgpBook()
  book.setRules(rules)
  return { book, told: new Map(), services: new Map(), now: 0, rules, leaving: false }
}

function live(story: Story, edit: Edit): void {
  const { book, services } = story
  switch (edit.kind) {
    case 'rules':
      story.rules = edit.rules
      book.setRules(edit.rules)
      return forget(story)
    case 'leaving':
      story.leaving = edit.leaving
      return book.setLeaving(edit.leaving)
    case 'service':
      if (edit.facts === undefined) services.delete(edit.key)
      else services.set(edit.key, edit.facts)
      return book.setService(edit.key, edit.facts)
    case 'look':
      return look(story, edit.after)
  }
}

/** The session of a peer that is no more is over. */
function forget({ told, rules }: Story): void {
  const names = new Set(rules.peers.map(({ name }) => name))
  for (const peer of told.keys()) if (!names.has(peer)) told.delete(peer)
}

/** Sessions believe all they are told. */
function look(story: Story, after: number): void {
  const { book, told } = story
  story.now += after
  for (const [peer, routes] of book.takeChanges(story.now)) {
    const own = told.get(peer) ?? new Map<string, Route>()
    told.set(peer, own)
    for (const [prefix, route] of routes) {
      if (route !== undefined) own.set(prefix, route)
      else assert.ok(own.delete(prefix), 'only what was announced is withdrawn')
    }
  }
  book.takeServices()
}

function fromScratch({ services, rules, leaving, now }: Story): BgpBook {
  const book = bgpBook()
  for (const [key, facts] of services) book.setService(key, facts)
  book.setRules(rules)
  book.setLeaving(leaving)
  book.takeChanges(now)
  book.takeServices()
  return book
}

describe('after any edits', () => {
  it('the book says what one from scratch says, and so do those who heard only changes', () => {
    let routes = 0
    fc.assert(
      fc.property(anyRules, fc.array(anyEdit, { maxLength: 40, size: 'max' }), (rules, edits) => {
        const story = begun()
        for (const edit of [{ kind: 'rules', rules } as const, ...edits]) live(story, edit)
        // By then no weight is held back any more.
        look(story, 1000)
        const { book, told, services } = story
        assert.equal(book.nextDueAt(), undefined)
        const fresh = fromScratch(story)
        for (const { name } of story.rules.peers) {
          routes += fresh.routesOf(name).size
          assert.deepEqual(book.routesOf(name), fresh.routesOf(name))
          assert.deepEqual(told.get(name) ?? new Map(), fresh.routesOf(name))
        }
        assert.deepEqual(book.announced, fresh.announced)
        for (const key of services.keys()) assert.deepEqual(book.withheldOf(key), fresh.withheldOf(key))
      }),
      { numRuns: 500 },
    )
    assert.ok(routes > 500, `it had ${routes} routes to compare`)
  })
})

describe('the cost of one change', () => {
  const SERVICES = 10_000
  const ip = (at: number) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`
  for (const aggregationLength of [32, 16]) {
    it(`does not grow with the Services: /${aggregationLength}`, () => {
      const made = bgpBook()
      const peers = ['a', 'b', 'c', 'd'].map((name) => bgpPeer(name))
      made.setRules(bgpRules({ peers, advertisements: [bgpAdvertisement('x', { aggregationLength })] }))
      for (let at = 0; at < SERVICES; at++) made.setService(`s/${at}`, addressedFacts(`s/${at}`, { ips: [ip(at)] }))
      made.takeChanges(0)
      made.takeServices()
      const times = Array.from({ length: 200 }, (_, at) => {
        const began = performance.now()
        const key = `s/${at * 7}`
        made.setService(key, addressedFacts(key, { ips: [ip(at * 7)], hasEndpoints: false }))
        made.takeChanges(at)
        made.takeServices()
        made.setService(key, addressedFacts(key, { ips: [ip(at * 7)] }))
        made.takeChanges(at)
        made.takeServices()
        return performance.now() - began
      })
      const median = times.sort((a, b) => a - b)[100] ?? Infinity
      if (process.env['SHOW_TIMES'] !== undefined) console.log(aggregationLength, median)
      assert.ok(median < 1, `two changes took ${median} ms`)
    })
  }
})
