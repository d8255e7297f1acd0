import type { RouteChanges } from '@steelyard/bgp-ts'
import type { BgpAdvertisement, BgpPeer } from '@steelyard/model'
import { formatPrefix, prefixOf } from '@steelyard/net'
import { NOT_YET_OURS } from '../service-facts.ts'
import type { BgpFacts } from './facts.ts'
import { dueOf, newOffers, newQuarrels, nextDueOf, offer, type Offers, takeChangesOf } from './offers.ts'
import { type Claim, type Overruled, peersOf, type PrefixBook, prefixBook, type PrefixEntry } from './prefix-book.ts'
import { type BgpRules, NO_BGP_RULES, sameBgpRules } from './rules.ts'
import { bgpScope, type BgpScope, type BgpWithheld } from './scope.ts'
import { type TermsBook, termsBook } from './terms.ts'
import { wantedRoute } from './wanted-route.ts'

/** A Service as this node announces it to routers. */
export type BgpAnnouncement = {
  readonly ips: readonly string[]
  /** Names of the BGPPeers that are told of a prefix of it, sorted; never empty. */
  readonly peers: readonly string[]
}

/** Undefined = not announced. */
export type BgpServiceChange = {
  readonly before: BgpAnnouncement | undefined
  readonly now: BgpAnnouncement | undefined
}

/** A Service that does not get the attributes it wants, because a prefix has room for one wish only. */
export type BgpDisagreement = Overruled & { readonly prefix: string; readonly peer: string }

/**
 * What this node announces to which peer, kept up to date Service by Service: what did not change costs nothing.
 * Setters only note; what follows from them is reckoned by `takeChanges`.
 */
export type BgpBook = {
  /** Everything is looked at anew, unless they are the same by identity. */
  readonly setRules: (rules: BgpRules) => void
  /** @param facts undefined = the Service is gone, or was never ours */
  readonly setService: (key: string, facts: BgpFacts | undefined) => void
  /** While set, routes ask routers to prefer any other path (RFC 8326). */
  readonly setLeaving: (isLeaving: boolean) => void
  /** What each peer is to be told since this was asked last; only peers with changes. @param now of any clock, in milliseconds */
  readonly takeChanges: (now: number) => ReadonlyMap<string, RouteChanges>
  /** When `takeChanges` may come to something though nothing was set; undefined = never. */
  readonly nextDueAt: () => number | undefined
  /** All that a peer is to know as of the last `takeChanges`: for a session that begins. */
  readonly routesOf: (peer: string) => RouteChanges
  /** All that is announced, by Service key. Kept up to date by `takeServices`. */
  readonly announced: ReadonlyMap<string, BgpAnnouncement>
  /** The Services that are announced otherwise since this was asked last. */
  readonly takeServices: () => ReadonlyMap<string, BgpServiceChange>
  /**
   * Why Services are not announced that were not before either, where that is new since this was asked last. Nothing on
   * a node without peers. To be asked after `takeServices`.
   */
  readonly takeWithheld: () => ReadonlyMap<string, BgpWithheld>
  /** Those that are new since this was asked last. */
  readonly takeDisagreements: () => readonly BgpDisagreement[]
  /** Why a Service is not announced; undefined where it is. */
  readonly withheldOf: (key: string) => BgpWithheld | undefined
}

type Known = { readonly facts: BgpFacts; scope: BgpScope; claims: ReadonlyMap<string, Claim> }

type State = {
  rules: BgpRules
  ofPool: ReadonlyMap<string, readonly BgpAdvertisement[]>
  terms: TermsBook
  isLeaving: boolean
  readonly services: Map<string, Known>
  readonly prefixes: PrefixBook
  /** By the name of the peer. */
  readonly offers: Map<string, Offers>
  readonly announced: Map<string, BgpAnnouncement>
  /** Prefixes to reckon. */
  readonly dirty: Set<string>
  /** Services that may be announced otherwise. */
  readonly touched: Set<string>
  disagreements: BgpDisagreement[]
  /** The reasons that are told of. */
  readonly reasons: Map<string, BgpWithheld['reason']>
  withheld: Map<string, BgpWithheld>
}

export function bgpBook(): BgpBook {
  const state = newState()
  return {
    setRules: (rules) => setRules(state, rules),
    setService: (key, facts) => setService(state, key, facts),
    setLeaving: (isLeaving) => {
      if (isLeaving === state.isLeaving) return
      state.isLeaving = isLeaving
      markAll(state)
    },
    takeChanges: (now) => takeChanges(state, now),
    nextDueAt: () => {
      const next = Math.min(...[...state.offers.values()].map(nextDueOf))
      return Number.isFinite(next) ? next : undefined
    },
    routesOf: (peer) => {
      const routes = state.offers.get(peer)?.routes ?? new Map()
      return new Map([...routes].map(([key, { route }]) => [key, route]))
    },
    announced: state.announced,
    takeServices: () => takeServices(state),
    takeWithheld: () => {
      const { withheld } = state
      state.withheld = new Map()
      return withheld
    },
    takeDisagreements: () => {
      const { disagreements } = state
      state.disagreements = []
      return disagreements
    },
    withheldOf: (key) => withheldOf(state, key),
  }
}

function newState(): State {
  return {
    rules: NO_BGP_RULES,
    ofPool: new Map(),
    terms: termsBook([]),
    isLeaving: false,
    services: new Map(),
    prefixes: prefixBook(),
    offers: new Map(),
    announced: new Map(),
    dirty: new Set(),
    touched: new Set(),
    disagreements: [],
    reasons: new Map(),
    withheld: new Map(),
  }
}

function setRules(state: State, rules: BgpRules): void {
  if (sameBgpRules(rules, state.rules)) return
  const names = new Set(rules.peers.map(({ name }) => name))
  for (const peer of state.offers.keys()) if (!names.has(peer)) state.offers.delete(peer)
  for (const peer of names) if (!state.offers.has(peer)) state.offers.set(peer, newOffers())
  state.rules = rules
  state.ofPool = byPool(rules.advertisements)
  state.terms = termsBook(rules.peers)
  markAll(state)
  for (const [key, { facts }] of state.services) setService(state, key, facts)
}

function byPool(advertisements: readonly BgpAdvertisement[]): ReadonlyMap<string, readonly BgpAdvertisement[]> {
  const pools = new Map<string, BgpAdvertisement[]>()
  for (const advertisement of advertisements) {
    for (const pool of advertisement.pools) {
      const list = pools.get(pool)
      if (list === undefined) pools.set(pool, [advertisement])
      else list.push(advertisement)
    }
  }
  return pools
}

function markAll({ services, dirty, touched }: State): void {
  for (const [key, { claims }] of services) {
    touched.add(key)
    for (const prefix of claims.keys()) dirty.add(prefix)
  }
}

function setService(state: State, key: string, facts: BgpFacts | undefined): void {
  const before = state.services.get(key)?.claims ?? new Map<string, Claim>()
  if (facts === undefined) {
    state.services.delete(key)
    return replaceClaims(state, key, before, new Map())
  }
  const ofPool = facts.kind === 'addressed' ? (state.ofPool.get(facts.pool) ?? []) : []
  const scope = bgpScope(facts, ofPool, state.rules)
  const claims = scope.kind === 'announceable' ? claimsOf(scope, state.terms) : new Map<string, Claim>()
  state.services.set(key, { facts, scope, claims })
  replaceClaims(state, key, before, claims)
}

function claimsOf(
  { facts, advertisements }: Extract<BgpScope, { kind: 'announceable' }>,
  book: TermsBook,
): Map<string, Claim> {
  const terms = book.of(advertisements)
  const claims = new Map<string, Claim>()
  for (const { address } of facts.addresses) {
    const localEndpoints = facts.trafficPolicy === 'Local' ? facts.local[address.family] : undefined
    for (const { length, byPeer } of terms[address.family]) {
      const prefix = prefixOf(address, length)
      claims.set(formatPrefix(prefix), { prefix, byPeer, localEndpoints })
    }
  }
  return claims
}

function replaceClaims(
  state: State,
  key: string,
  before: ReadonlyMap<string, Claim>,
  now: ReadonlyMap<string, Claim>,
): void {
  const { prefixes, dirty, touched } = state
  touched.add(key)
  for (const prefix of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(prefix), now.get(prefix)]
    if (was?.byPeer === is?.byPeer && was?.localEndpoints === is?.localEndpoints) continue
    dirty.add(prefix)
    for (const service of prefixes.set(prefix, key, is)) touched.add(service)
  }
}

function takeChanges(state: State, now: number): ReadonlyMap<string, RouteChanges> {
  const { dirty, rules, offers, prefixes } = state
  for (const key of dirty) reckon(state, key, now)
  dirty.clear()
  const changes = new Map<string, RouteChanges>()
  for (const peer of rules.peers) {
    const own = offers.get(peer.name)
    if (own === undefined) continue
    for (const key of dueOf(own, now)) offerTo(state, peer, { key, entry: prefixes.entry(key), now })
    const changed = takeChangesOf(own)
    if (changed.size > 0) changes.set(peer.name, changed)
  }
  return changes
}

function reckon(state: State, key: string, now: number): void {
  const entry = state.prefixes.entry(key)
  for (const peer of state.rules.peers) offerTo(state, peer, { key, entry, now })
}

type Prospect = { readonly key: string; readonly entry: PrefixEntry | undefined; readonly now: number }

function offerTo(state: State, peer: BgpPeer, { key, entry, now }: Prospect): void {
  const own = state.offers.get(peer.name)
  if (own === undefined) return
  const wanted = entry === undefined ? undefined : wantedRoute(entry, peer, state.isLeaving)
  for (const one of newQuarrels(own, key, wanted?.overruled ?? [])) {
    state.disagreements.push({ ...one, prefix: key, peer: peer.name })
  }
  offer(own, key, wanted?.route, { now, minIntervalMs: peer.policy.weightedEcmp?.minIntervalMs ?? 0 })
}

function takeServices(state: State): ReadonlyMap<string, BgpServiceChange> {
  const { touched, announced } = state
  const changes = new Map<string, BgpServiceChange>()
  for (const key of touched) {
    const [before, now] = [announced.get(key), announcementOf(state, key)]
    noteReason(state, key, before !== undefined)
    if (before?.ips.join() === now?.ips.join() && before?.peers.join() === now?.peers.join()) continue
    if (now === undefined) announced.delete(key)
    else announced.set(key, now)
    changes.set(key, { before, now })
  }
  touched.clear()
  return changes
}

/** @param isEnd an end has the reason told along */
function noteReason(state: State, key: string, isEnd: boolean): void {
  const { reasons, withheld, rules } = state
  const why = withheldOf(state, key)
  if (why === undefined || NOT_YET_OURS.has(why.reason)) {
    reasons.delete(key)
    withheld.delete(key)
  } else if (reasons.get(key) !== why.reason) {
    reasons.set(key, why.reason)
    if (!isEnd && rules.peers.length > 0) withheld.set(key, why)
  }
}

function announcementOf({ services, prefixes }: State, key: string): BgpAnnouncement | undefined {
  const { scope, claims } = services.get(key) ?? {}
  if (scope?.kind !== 'announceable' || claims === undefined || claims.size === 0) return undefined
  const entries = [...claims.keys()].flatMap((prefix) => prefixes.entry(prefix) ?? [])
  const peers = new Set(entries.flatMap((entry) => [...peersOf(entry)]))
  return { ips: scope.facts.ips, peers: [...peers].sort() }
}

function withheldOf({ services, rules }: State, key: string): BgpWithheld | undefined {
  const known = services.get(key)
  if (known === undefined) return { reason: 'serviceDeleted', message: 'the Service is gone' }
  if (known.scope.kind === 'withheld') return known.scope.why
  if (known.claims.size > 0) return undefined
  const message = `no BGPPeer of node ${rules.node} is meant by its BGPAdvertisements and carries its family`
  return { reason: 'noMatchingAdvertisement', message }
}
