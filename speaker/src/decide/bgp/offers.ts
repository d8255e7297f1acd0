import type { Route, RouteChanges } from '@steelyard/bgp-ts'
import type { Overruled } from './prefix-book.ts'

/** The routes that one peer has been offered, and what it is to be told next. */
export type Offers = {
  /** By prefix. */
  readonly routes: Map<string, Offer>
  /** Since they were taken last. */
  changes: Map<string, Route | undefined>
  /** Prefixes of which only the weight is another, by when that may be told. */
  readonly held: Map<string, number>
  /** By prefix, as text, who was found to be overruled there. */
  readonly quarrels: Map<string, string>
}
type Offer = {
  readonly route: Route
  /** When the peer was told of it, or of its weight, last. */
  readonly weighedAt: number
}

export function newOffers(): Offers {
  return { routes: new Map(), changes: new Map(), held: new Map(), quarrels: new Map() }
}

/** Puts a route in place; undefined = none. @param minIntervalMs between changes of nothing but its weight */
export function offer(
  offers: Offers,
  key: string,
  route: Route | undefined,
  { now, minIntervalMs }: { readonly now: number; readonly minIntervalMs: number },
): void {
  const before = offers.routes.get(key)
  offers.held.delete(key)
  if (route === undefined) {
    if (offers.routes.delete(key)) offers.changes.set(key, undefined)
    return
  }
  const isSame = before !== undefined && sameButWeight(before.route, route)
  if (isSame && before.route.linkBandwidth === route.linkBandwidth) return
  const mayAt = isSame ? before.weighedAt + minIntervalMs : now
  if (mayAt > now) {
    offers.held.set(key, roundedUp(mayAt, minIntervalMs))
    return
  }
  offers.routes.set(key, { route, weighedAt: now })
  offers.changes.set(key, route)
}

/** Weights that are due at about the same time are told together: fewer UPDATEs, and fewer looks at what is held. */
const STEPS = 10

function roundedUp(at: number, intervalMs: number): number {
  const step = intervalMs / STEPS
  return Math.ceil(at / step) * step
}

function sameButWeight(a: Route, b: Route): boolean {
  return (
    a.localPref === b.localPref &&
    sameList(a.communities, b.communities) &&
    sameList(a.largeCommunities.flat(), b.largeCommunities.flat())
  )
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((one, at) => one === b[at]))
}

/** The prefixes whose weight may be told now. */
export function dueOf({ held }: Offers, now: number): readonly string[] {
  return [...held].flatMap(([key, at]) => (at <= now ? [key] : []))
}

export function nextDueOf({ held }: Offers): number {
  let next = Infinity
  for (const at of held.values()) next = Math.min(next, at)
  return next
}

export function takeChangesOf(offers: Offers): RouteChanges {
  const { changes } = offers
  offers.changes = new Map()
  return changes
}

/** Those of `overruled` that are to be told of: all, when anything about them is new. */
export function newQuarrels({ quarrels }: Offers, key: string, overruled: readonly Overruled[]): readonly Overruled[] {
  if (overruled.length === 0) {
    quarrels.delete(key)
    return []
  }
  const text = overruled.map(({ service, winner }) => `${service} ${winner}`).join(' ')
  if (quarrels.get(key) === text) return []
  quarrels.set(key, text)
  return overruled
}
