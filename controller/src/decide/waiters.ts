import type { Spot } from './ledger.ts'
import { addItem, isEmptySet, itemsFrom, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'

/** A Service that wants more than it has. */
export type Waiter = { readonly service: string; readonly createdAt: string }

/** Who waits for what. Each change wakes only those whom it may help, so that a thousand who wait cost nothing. */
export type Waiters = {
  readonly bySpot: Map<Spot, SortedSet<Waiter>>
  readonly spots: Map<string, { readonly waiter: Waiter; readonly at: readonly Spot[] }>
}

export function noWaiters(): Waiters {
  return { bySpot: new Map(), spots: new Map() }
}

/** The API's times are all of one form and in UTC, so their text orders them; equals by name. */
export function compareAge(a: Waiter, b: Waiter): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  if (a.service === b.service) return 0
  return a.service < b.service ? -1 : 1
}

/** From now on the Service waits at these spots only; at none it waits no more. */
export function waitAt(waiters: Waiters, waiter: Waiter, spots: readonly Spot[]): void {
  waitNoMore(waiters, waiter.service)
  if (spots.length === 0) return
  waiters.spots.set(waiter.service, { waiter, at: spots })
  for (const spot of spots) {
    const queue = waiters.bySpot.get(spot) ?? sortedSet(compareAge)
    waiters.bySpot.set(spot, queue)
    addItem(queue, waiter)
  }
}

export function waitNoMore(waiters: Waiters, service: string): void {
  const entry = waiters.spots.get(service)
  if (entry === undefined) return
  waiters.spots.delete(service)
  for (const spot of entry.at) {
    const queue = waiters.bySpot.get(spot)
    if (queue === undefined) continue
    removeItem(queue, entry.waiter)
    if (isEmptySet(queue)) waiters.bySpot.delete(spot)
  }
}

/** Those who wait at a spot, the oldest first. */
export function* waitersAt({ bySpot }: Waiters, spot: Spot): Generator<Waiter, void> {
  const queue = bySpot.get(spot)
  if (queue !== undefined) yield* itemsFrom(queue)
}
