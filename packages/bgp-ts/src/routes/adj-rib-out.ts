import { type Family, parsePrefix } from '@steelyard/net'
import type { NextHops, Route, RouteChanges } from '../peer.ts'
import { type Group, type Groups, groupsOf, type RoomIn } from './groups.ts'
import type { Bearing } from './shape.ts'

/** What is wanted, what the peer was told, and so what is to be said: by `formatPrefix`. Each change costs what it changes. */
export type AdjRibOut = {
  readonly wanted: Map<string, Route>
  /** While a session is Established. */
  told: Told | undefined
}

export type Told = {
  readonly groups: Groups
  readonly by: Map<string, Group>
  readonly pendingIn: Map<string, Group>
  /** Those of `pendingIn`, in the order in which they got something to say. */
  readonly waiting: Set<Group>
  readonly unsendable: Set<string>
}

export type RouteCounts = { readonly announced: number; readonly pending: number; readonly unsendable: number }

export const adjRibOut = (): AdjRibOut => ({ wanted: new Map(), told: undefined })

/** A session stands: the peer has been told nothing, so everything is pending. */
export function beginTelling(rib: AdjRibOut, bearing: Bearing, nextHops: NextHops, roomIn: RoomIn): void {
  rib.told = {
    groups: groupsOf(bearing, nextHops, roomIn),
    by: new Map(),
    pendingIn: new Map(),
    waiting: new Set(),
    unsendable: new Set(),
  }
  for (const key of rib.wanted.keys()) place(rib, rib.told, key)
}

/** The session is gone, and with it what the peer knew. */
export function endTelling(rib: AdjRibOut): void {
  rib.told = undefined
}

export function changeRoutes(rib: AdjRibOut, changes: RouteChanges): void {
  for (const [key, route] of changes) {
    if (route === undefined) rib.wanted.delete(key)
    else rib.wanted.set(key, route)
    if (rib.told !== undefined) place(rib, rib.told, key)
  }
}

export function changeNextHops(rib: AdjRibOut, nextHops: NextHops): void {
  const { told } = rib
  const families = told?.groups.setNextHops(nextHops) ?? []
  if (told === undefined || families.length === 0) return
  for (const [key, route] of rib.wanted) if (families.includes(route.prefix.address.family)) place(rib, told, key)
}

/** Everything of the family once more. RFC 2918. */
export function tellAgain(rib: AdjRibOut, family: Family): void {
  const { told } = rib
  if (told === undefined) return
  for (const [key, group] of told.by) {
    if (group.family !== family) continue
    tell(told, key, told.groups.stale(group))
    place(rib, told, key)
  }
}

/** Finds out what is to be said of one prefix, if anything. */
function place(rib: AdjRibOut, told: Told, key: string): void {
  const route = rib.wanted.get(key)
  const target = targetOf(told, key, route)
  const previous = told.pendingIn.get(key)
  if (previous === target) return
  if (previous !== undefined) unpend(told, key, previous)
  const prefix = route?.prefix ?? parsePrefix(key)
  if (target === undefined || prefix === undefined) return
  target.pending.set(key, prefix)
  told.pendingIn.set(key, target)
  told.waiting.add(target)
}

/** How the prefix is to be said; undefined when the peer knows it so already, or is to know nothing and does. */
function targetOf({ groups, by, unsendable }: Told, key: string, route: Route | undefined): Group | undefined {
  const known = by.get(key)
  const wanted = route === undefined ? undefined : groups.announcing(route)
  if (route !== undefined && wanted === undefined) unsendable.add(key)
  else unsendable.delete(key)
  if (wanted !== undefined) return wanted === known ? undefined : wanted
  return known === undefined ? undefined : groups.withdrawing(known)
}

function unpend(told: Told, key: string, group: Group): void {
  told.pendingIn.delete(key)
  group.pending.delete(key)
  if (group.pending.size === 0) told.waiting.delete(group)
  told.groups.forgetUnused(group)
}

/** The peer now knows this prefix as `group` says it; undefined = not at all. */
export function tell(told: Told, key: string, group: Group | undefined): void {
  const before = told.by.get(key)
  if (group === undefined) told.by.delete(key)
  else told.by.set(key, group)
  if (group !== undefined) group.told += 1
  if (before === undefined) return
  before.told -= 1
  told.groups.forgetUnused(before)
}

/** `key` of `group` has been said. */
export function said(told: Told, key: string, group: Group): void {
  group.pending.delete(key)
  told.pendingIn.delete(key)
  tell(told, key, group.kind === 'announce' ? group : undefined)
}

export function countRoutes({ wanted, told }: AdjRibOut): RouteCounts {
  if (told === undefined) return { announced: 0, pending: wanted.size, unsendable: 0 }
  return { announced: told.by.size, pending: told.pendingIn.size, unsendable: told.unsendable.size }
}
