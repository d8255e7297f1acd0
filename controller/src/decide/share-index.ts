import { comparePlaces, type Place } from './address-map.ts'
import { addItem, firstItem, firstNotIn, isEmptySet, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'
import type { Tenant } from './sharing.ts'

/** The addresses of one pool and family whose tenants share under one key, and which ports are taken there. */
export type ShareGroup = {
  /** In the order they are handed out. */
  readonly places: SortedSet<Place>
  /** By port: those of `places` where somebody has it. */
  readonly taken: Map<string, SortedSet<Place>>
}

export function shareGroup(): ShareGroup {
  return { places: sortedSet(comparePlaces), taken: new Map() }
}

/** The tenant shares at `place` from now on. */
export function enlist({ places, taken }: ShareGroup, place: Place, { ports }: Tenant): void {
  addItem(places, place)
  for (const port of ports) {
    const where = taken.get(port) ?? sortedSet(comparePlaces)
    taken.set(port, where)
    addItem(where, place)
  }
}

/** The tenant leaves `place`; others of the group may stay there. */
export function delist({ taken }: ShareGroup, place: Place, { ports }: Tenant): void {
  for (const port of ports) {
    const where = taken.get(port)
    if (where === undefined) continue
    removeItem(where, place)
    if (isEmptySet(where)) taken.delete(port)
  }
}

/** Nobody of the group is at `place` any more. @returns whether the group has no address left */
export function closePlace({ places }: ShareGroup, place: Place): boolean {
  removeItem(places, place)
  return isEmptySet(places)
}

/**
 * The first place where all these ports are free. Leaps over runs of places where one of them is taken: a thousand
 * Services with equal key and equal port are not asked one by one for the next one's place.
 */
export function firstPlaceWithRoom({ places, taken }: ShareGroup, ports: readonly string[]): Place | undefined {
  let at = firstItem(places)
  let agreed = 0
  for (let next = 0; at !== undefined && agreed < ports.length; next = (next + 1) % ports.length) {
    const where = taken.get(ports[next] ?? '')
    const found: Place | undefined = where === undefined ? at : firstNotIn(places, where, at)
    agreed = found === at ? agreed + 1 : 1
    at = found
  }
  return at
}
