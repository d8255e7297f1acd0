import { type Address, type Family, formatAddress } from '@steelyard/net'
import { type Pool, poolCapacity, type PoolCapacity, poolCounters, type PoolCounters } from '@steelyard/model'
import { type AddressMap, addressMap, comparePlaces, linesOf, type Place, placeOf } from './address-map.ts'
import { type FreeSpace, freeSpace, giveAddress, hasFree, lowestFree, takeAddress } from './free-space.ts'
import { closePlace, firstPlaceWithRoom, openPlace, type ShareGroup, shareGroup } from './share-index.ts'
import { sameTenant, type Tenant } from './sharing.ts'
import { clashAt, fits, groupOfSlot, newSlot, putTenant, removeTenant, type Slot } from './slot.ts'

type FamilySpace = { readonly free: FreeSpace; assigned: number }
type PoolSpace = Readonly<Record<Family, FamilySpace>> & { readonly capacity: PoolCapacity }

/**
 * What a Service without an address may wait for: a free address of a pool, room beside those who share in a
 * pool, or one address. Text, so that sets and maps can hold it.
 */
export type Spot = string
export const freeSpot = (pool: string, family: Family): Spot => `free|${pool}|${family}`
export const shareSpot = (pool: string, family: Family, group: string): Spot => `share|${pool}|${family}|${group}`
export const addressSpot = (address: string): Spot => `address|${address}`

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
  /** By share spot. */
  readonly groups: Map<Spot, ShareGroup>
  /** Where somebody who waits might be served now; whoever serves them empties it. */
  readonly touched: Set<Spot>
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
    touched: new Set(),
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
  const before = groupOfSlot(slot)
  const known = slot.tenants.get(tenant.service)
  if (known !== undefined && sameTenant(known, tenant)) return
  putTenant(slot, tenant)
  const held = ledger.held.get(tenant.service) ?? new Set()
  ledger.held.set(tenant.service, held.add(text))
  regroup(ledger, slot, { before, hasMoreRoom: known !== undefined })
  ledger.touched.add(addressSpot(text))
}

/** The Service lets go of one address; nothing happens when it has it not. */
export function unseat(ledger: Ledger, text: string, service: string): void {
  const slot = ledger.slots.get(text)
  if (slot === undefined || !slot.tenants.has(service)) return
  const before = groupOfSlot(slot)
  removeTenant(slot, service)
  ledger.held.get(service)?.delete(text)
  if (ledger.held.get(service)?.size === 0) ledger.held.delete(service)
  if (slot.tenants.size === 0) closeSlot(ledger, text, slot)
  regroup(ledger, slot, { before, hasMoreRoom: true })
  ledger.touched.add(addressSpot(text))
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
  ledger.touched.add(freeSpot(place.pool.name, place.address.family))
}

function spaceOf({ spaces }: Ledger, { pool, address }: Place): FamilySpace {
  const space = spaces.get(pool.name)?.[address.family]
  if (space === undefined) throw new Error(`bug: pool ${pool.name} is not in the ledger`)
  return space
}

type Regroup = { readonly before: string | undefined; readonly hasMoreRoom: boolean }

function regroup(ledger: Ledger, slot: Slot, { before, hasMoreRoom }: Regroup): void {
  const after = slot.tenants.size === 0 ? undefined : groupOfSlot(slot)
  const spotOf = (group: string): Spot => shareSpot(slot.place.pool.name, slot.place.address.family, group)
  if (before !== undefined && before !== after) leaveGroup(ledger, spotOf(before), slot.place)
  if (after === undefined || (before === after && !hasMoreRoom)) return
  const spot = spotOf(after)
  const group = ledger.groups.get(spot) ?? shareGroup()
  ledger.groups.set(spot, group)
  openPlace(group, slot.place)
  ledger.touched.add(spot)
}

function leaveGroup({ groups }: Ledger, spot: Spot, place: Place): void {
  const group = groups.get(spot)
  if (group !== undefined && closePlace(group, place)) groups.delete(spot)
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
export function firstPlaceFor(ledger: Ledger, pool: Pool, family: Family, tenant: Tenant): Place | undefined {
  const space = ledger.spaces.get(pool.name)?.[family]
  const lowest = space && lowestFree(space.free)
  const free = lowest && { pool, ...lowest }
  const group = tenant.group === undefined ? undefined : ledger.groups.get(shareSpot(pool.name, family, tenant.group))
  const shared =
    group && firstPlaceWithRoom(group, { tenant, limit: free, hasRoom: (at) => hasRoom(ledger, at, tenant) })
  return shared !== undefined && (free === undefined || comparePlaces(shared, free) < 0) ? shared : free
}

function hasRoom(ledger: Ledger, { address }: Place, tenant: Tenant): boolean {
  const slot = slotAt(ledger, address)
  return slot !== undefined && fits(slot, tenant)
}

export function poolHasFamily({ spaces }: Ledger, pool: string, family: Family): boolean {
  return (spaces.get(pool)?.[family].free.lines.length ?? 0) > 0
}

/** Whether a free spot has a free address; undefined for other spots. */
export function freeAt(ledger: Ledger, spot: Spot): boolean | undefined {
  const [kind, pool = '', family] = spot.split('|', 3)
  if (kind !== 'free') return undefined
  const space = ledger.spaces.get(pool)?.[family === '4' ? 4 : 6]
  return space !== undefined && hasFree(space.free)
}

/** What the pool's status should show; undefined when there is no such pool. */
export function countersOf({ spaces }: Ledger, pool: string): PoolCounters | undefined {
  const space = spaces.get(pool)
  return space && poolCounters(space.capacity, { ipv4: space[4].assigned, ipv6: space[6].assigned })
}
