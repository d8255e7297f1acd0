import type { Place } from './address-map.ts'
import type { Tenant } from './sharing.ts'

/** One address in use, and by whom. */
export type Slot = {
  readonly place: Place
  /** By Service. All that are here may stand beside each other. */
  readonly tenants: Map<string, Tenant>
  /** Who has which port. */
  readonly ports: Map<string, string>
}

export function newSlot(place: Place): Slot {
  return { place, tenants: new Map(), ports: new Map() }
}

export function putTenant(slot: Slot, tenant: Tenant): void {
  removeTenant(slot, tenant.service)
  slot.tenants.set(tenant.service, tenant)
  for (const port of tenant.ports) slot.ports.set(port, tenant.service)
}

export function removeTenant(slot: Slot, service: string): void {
  const tenant = slot.tenants.get(service)
  if (tenant === undefined) return
  slot.tenants.delete(service)
  for (const port of tenant.ports) slot.ports.delete(port)
}

/** The text shared by all tenants; undefined when there is one that shares with nobody. */
export function groupOfSlot({ tenants }: Slot): string | undefined {
  for (const { group } of tenants.values()) return group
  return undefined
}

/** Why `tenant` cannot stand beside those who are here already, as words behind the address; itself it does not mind. */
export function clashAt(slot: Slot, tenant: Tenant): string | undefined {
  return fits(slot, tenant) ? undefined : (groupClash(slot, tenant) ?? portClash(slot, tenant))
}

/** The same question without its answer in words, for those who ask it often. */
export function fits(slot: Slot, tenant: Tenant): boolean {
  if (slot.tenants.size === 0 || (slot.tenants.size === 1 && slot.tenants.has(tenant.service))) return true
  return tenant.group !== undefined && groupOfSlot(slot) === tenant.group && clashingPort(slot, tenant) === undefined
}

function groupClash(slot: Slot, { service, group }: Tenant): string | undefined {
  const theirs = groupOfSlot(slot)
  if (theirs !== undefined && theirs === group) return undefined
  const holders = othersAt(slot, service)
  if (theirs === undefined) return `it is held by ${holders}, which does not share it`
  if (group === undefined) return `it is held by ${holders}, and this Service has no sharing key`
  return `it is held by ${holders} with another sharing key or other backends`
}

/** More names than this help nobody, and an Event's message has an end. */
const NAMES_TOLD = 5

function othersAt({ tenants }: Slot, service: string): string {
  const names: string[] = []
  for (const name of tenants.keys()) {
    if (name !== service) names.push(name)
    if (names.length === NAMES_TOLD) break
  }
  const more = tenants.size - (tenants.has(service) ? 1 : 0) - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

function portClash(slot: Slot, tenant: Tenant): string | undefined {
  const port = clashingPort(slot, tenant)
  return port === undefined ? undefined : `its port ${port} belongs to ${slot.ports.get(port) ?? 'another'}`
}

function clashingPort(slot: Slot, tenant: Tenant): string | undefined {
  return tenant.ports.find((port) => {
    const holder = slot.ports.get(port)
    return holder !== undefined && holder !== tenant.service
  })
}
