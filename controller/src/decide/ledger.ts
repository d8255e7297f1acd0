import { type Address, type Family, formatAddress } from '@steelyard/net'
import { type Pool, poolCapacity, type PoolCapacity, poolCounters, type PoolCounters } from '@steelyard/model'
import { type AddressMap, addressMap, comparePlaces, linesOf, type Place, placeOf } from './address-map.ts'
import { type FreeSpace, freeSpace, giveAddress, hasFree, lowestFree, takeAddress } from './free-space.ts'
import { closePlace, delist, enlist, firstPlaceWithRoom, type ShareGroup, shareGroup } from './share-index.ts'
import { sameTenant, type Sharing, type Tenant } from './sharing.ts'
import { clashAt, fits, newSlot, putTenant, removeTenant, type Slot } from './slot.ts'
import { type Topic, topicOf, type Touch } from './spots.ts'

type FamilySpace = { readonly free: FreeSpace; assigned: number }
type PoolSpace = Readonly<Record<Family, FamilySpace>> & { readonly capacity: PoolCapacity }

/**
 * Who holds what. One writer, in memory; Service statuses are where it is kept. Who decides reads it by the
 * functions below and changes it by `seat` and `unseat`, at once, so that the next decision sees it.
 */
export type Ledger = {
  readonly map: AddressMap
  readonly spaces: ReadonlyMap<string, PoolSpace>
  /** By address. */
  readonly slots: Map<string, Slot>
  /** By Service: its addresses. */
  readonly held: Map<string, Set<string>>
  /** By what those wait for who would share there. */
  readonly groups: Map<Topic, ShareGroup>
  /** Where somebody who waits might be served now; whoever serves them empties it. */
  readonly touched: Map<Topic, Touch>
  /** Pools whose counters changed; whoever writes them empties it. */
  readonly recounted: Set<string>
}

export function newLedger(pools: readonly Pool[]): Ledger {
  return {
    map: addressMap(pools),
    spaces: new Map(pools.map((pool) => [pool.name, poolSpace(pool)])),
    slots: new Map(),
    held: new Map(),
    groups: new Map(),
    touched: new Map(),
    recounted: new Set(),
  }
}

function poolSpace(pool: Pool): PoolSpace {
  return { 4: familySpace(pool, 4), 6: familySpace(pool, 6), capacity: poolCapacity(pool) }
}

function familySpace(pool: Pool, family: Family): FamilySpace {
  return { free: freeSpace(linesOf(pool, family), pool), assigned: 0 }
}

/** `place` belongs to the tenant too from now on. Whether it may is not asked here. */
export function seat(ledger: Ledger, place: Place, tenant: Tenant): void {
  const text = formatAddress(place.address)
  const slot = ledger.slots.get(text) ?? openSlot(ledger, text, place)
  const known = slot.tenants.get(tenant.service)
  if (known !== undefined && sameTenant(known, tenant)) return
  // Who only joins those that share leaves less room than there was.
  if (known !== undefined || slot.tenants.size === 0) touch(ledger, { kind: 'address', address: text })
  if (known !== undefined) leave(ledger, slot, known)
  putTenant(slot, tenant)
  if (tenant.group !== undefined) enlist(groupAt(ledger, place, tenant.group), place, tenant)
  const held = ledger.held.get(tenant.service) ?? new Set()
  ledger.held.set(tenant.service, held.add(text))
}

/** The Service lets go of one address; nothing happens when it has it not. */
export function unseat(ledger: Ledger, text: string, service: string): void {
  const slot = ledger.slots.get(text)
  const tenant = slot?.tenants.get(service)
  if (slot === undefined || tenant === undefined) return
  leave(ledger, slot, tenant)
  ledger.held.get(service)?.delete(text)
  if (ledger.held.get(service)?.size === 0) ledger.held.delete(service)
  if (slot.tenants.size === 0) closeSlot(ledger, text, slot)
  touch(ledger, { kind: 'address', address: text })
}

function leave({ groups }: Ledger, slot: Slot, tenant: Tenant): void {
  removeTenant(slot, tenant.service)
  if (tenant.group === undefined) return
  const topic = groupTopic(slot.place.pool, slot.place.address.family, tenant.group)
  const group = groups.get(topic)
  if (group === undefined) return
  delist(group, slot.place, tenant)
  // All at one address are of one group.
  if (slot.tenants.size === 0 && closePlace(group, slot.place)) groups.delete(topic)
}

function groupAt({ groups }: Ledger, { pool, address }: Place, name: string): ShareGroup {
  const topic = groupTopic(pool, address.family, name)
  const group = groups.get(topic) ?? shareGroup()
  groups.set(topic, group)
  return group
}

function groupTopic({ name }: Pool, family: Family, group: string): Topic {
  return topicOf({ kind: 'share', pool: name, family, group })
}

function touch({ touched }: Ledger, what: Touch): void {
  touched.set(topicOf(what), what)
}

function openSlot(ledger: Ledger, text: string, place: Place): Slot {
  const slot = newSlot(place)
  ledger.slots.set(text, slot)
  const space = spaceOf(ledger, place)
  takeAddress(space.free, place.line, place.address)
  space.assigned++
  ledger.recounted.add(place.pool.name)
  return slot
}

function closeSlot(ledger: Ledger, text: string, { place }: Slot): void {
  ledger.slots.delete(text)
  const space = spaceOf(ledger, place)
  giveAddress(space.free, place.line, place.address)
  space.assigned--
  ledger.recounted.add(place.pool.name)
  touch(ledger, { kind: 'free', pool: place.pool.name, family: place.address.family })
}

function spaceOf({ spaces }: Ledger, { pool, address }: Place): FamilySpace {
  const space = spaces.get(pool.name)?.[address.family]
  if (space === undefined) throw new Error(`bug: pool ${pool.name} is not in the ledger`)
  return space
}

/** The addresses of a Service, in no particular order. */
export function addressesOf({ held }: Ledger, service: string): readonly string[] {
  return [...(held.get(service) ?? [])]
}

/** What the Service is known as at one of its addresses. */
export function tenantAt({ slots }: Ledger, text: string, service: string): Tenant | undefined {
  return slots.get(text)?.tenants.get(service)
}

export function slotAt({ slots }: Ledger, address: Address): Slot | undefined {
  return slots.get(formatAddress(address))
}

/** Why the tenant may not hold this address beside those who do, as words behind the address; undefined if it may. */
export function refusal(ledger: Ledger, { address }: Place, tenant: Tenant): string | undefined {
  const slot = slotAt(ledger, address)
  return slot && clashAt(slot, tenant)
}

export function findPlace({ map }: Ledger, address: Address): Place | undefined {
  return placeOf(map, address)
}

/** The first address of a pool, of one family, that is free or that the tenant can share. */
export function firstPlaceFor(
  { spaces, groups }: Ledger,
  pool: Pool,
  family: Family,
  { group, ports }: Sharing,
): Place | undefined {
  const space = spaces.get(pool.name)?.[family]
  const lowest = space && lowestFree(space.free)
  const free = lowest && { pool, ...lowest }
  const sharers = group === undefined ? undefined : groups.get(groupTopic(pool, family, group))
  const shared = sharers && firstPlaceWithRoom(sharers, ports)
  return shared !== undefined && (free === undefined || comparePlaces(shared, free) < 0) ? shared : free
}

export function poolHasFamily({ spaces }: Ledger, pool: string, family: Family): boolean {
  return (spaces.get(pool)?.[family].free.lines.length ?? 0) > 0
}

export function hasFreeAddress({ spaces }: Ledger, pool: string, family: Family): boolean {
  const space = spaces.get(pool)?.[family]
  return space !== undefined && hasFree(space.free)
}

/** Whether somebody who holds nothing could have this address; it is known to be one of a pool. */
export function hasRoomAt({ slots }: Ledger, address: string, sharing: Sharing): boolean {
  const slot = slots.get(address)
  return slot === undefined || fits(slot, { ...sharing, service: '' })
}

/** How many addresses a pool has, and how many of them are in use. */
export type PoolUse = {
  readonly pool: string
  readonly capacity: PoolCapacity
  readonly ipv4: number
  readonly ipv6: number
}

export function poolUses({ spaces }: Ledger): readonly PoolUse[] {
  return [...spaces].map(([pool, space]) => ({
    pool,
    capacity: space.capacity,
    ipv4: space[4].assigned,
    ipv6: space[6].assigned,
  }))
}

/** How many Services each pool serves. All addresses of a Service are of one pool. */
export function servicesByPool({ spaces, held, slots }: Ledger): ReadonlyMap<string, number> {
  const counts = new Map([...spaces.keys()].map((pool) => [pool, 0]))
  for (const [first] of held.values()) {
    const pool = first === undefined ? undefined : slots.get(first)?.place.pool.name
    if (pool !== undefined) counts.set(pool, (counts.get(pool) ?? 0) + 1)
  }
  return counts
}

/** What the pool's status should show; undefined when there is no such pool. */
export function countersOf({ spaces }: Ledger, pool: string): PoolCounters | undefined {
  const space = spaces.get(pool)
  return space && poolCounters(space.capacity, { ipv4: space[4].assigned, ipv6: space[6].assigned })
}
