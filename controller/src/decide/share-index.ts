import { comparePlaces, type Place } from './address-map.ts'
import type { Tenant } from './sharing.ts'
import { addItem, isEmptySet, itemsFrom, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'

/** The addresses of one pool and family whose tenants share under one key, in the order they are handed out. */
export type ShareGroup = {
  readonly places: SortedSet<Place>
  /**
   * By set of ports: below this place no address has room for them. Without it the thousandth Service with equal
   * key and equal port would ask the addresses of the nine hundred and ninety-nine before it.
   */
  readonly noRoomBelow: Map<string, Place>
}

/** A memory, not a truth: it may be forgotten at any time, and is when too many sets of ports were asked for. */
const REMEMBERED_PORT_SETS = 256

export function shareGroup(): ShareGroup {
  return { places: sortedSet(comparePlaces), noRoomBelow: new Map() }
}

/** The address at `place` shares in this group from now on, or has more room than before. */
export function openPlace(group: ShareGroup, place: Place): void {
  addItem(group.places, place)
  for (const [ports, from] of group.noRoomBelow) {
    if (comparePlaces(place, from) < 0) group.noRoomBelow.set(ports, place)
  }
}

/** @returns whether the group has no address any more */
export function closePlace(group: ShareGroup, place: Place): boolean {
  removeItem(group.places, place)
  return isEmptySet(group.places)
}

export type RoomRequest = {
  readonly tenant: Tenant
  readonly hasRoom: (place: Place) => boolean
  /** Places from here on are of no interest: this one is free. */
  readonly limit: Place | undefined
}

/** The first place with room for the tenant's ports. */
export function firstPlaceWithRoom(group: ShareGroup, { tenant, hasRoom, limit }: RoomRequest): Place | undefined {
  const ports = tenant.ports.join(',')
  let last: Place | undefined
  for (const place of itemsFrom(group.places, group.noRoomBelow.get(ports))) {
    if (limit !== undefined && comparePlaces(place, limit) >= 0) break
    last = place
    if (hasRoom(place)) {
      remember(group, ports, place)
      return place
    }
  }
  if (last !== undefined) remember(group, ports, last)
  return undefined
}

function remember({ noRoomBelow }: ShareGroup, ports: string, place: Place): void {
  if (noRoomBelow.size >= REMEMBERED_PORT_SETS) noRoomBelow.clear()
  noRoomBelow.set(ports, place)
}
