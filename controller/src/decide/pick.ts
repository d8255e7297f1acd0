import type { Family } from '@steelyard/net'
import { type Pool, poolAdmits } from '@steelyard/model'
import type { Place } from './address-map.ts'
import { firstPlaceFor, type Ledger, poolHasFamily } from './ledger.ts'
import type { Sharing } from './sharing.ts'
import type { Spot } from './spots.ts'
import { familyName, familyNames, otherFamily, type Wish } from './wish.ts'

/** Addresses for a Service that has none, or why there are none and what would have to change. */
export type Picked =
  /** IPv4 first. */
  | { readonly kind: 'picked'; readonly places: readonly Place[] }
  | { readonly kind: 'refused'; readonly message: string; readonly waits: readonly Spot[] }

export function refused(message: string, waits: readonly Spot[] = []): Picked {
  return { kind: 'refused', message, waits }
}

/** An address of each family from one pool; undefined when it lacks one. */
function placesFrom(
  ledger: Ledger,
  pool: Pool,
  families: readonly Family[],
  sharing: Sharing,
): readonly Place[] | undefined {
  const places = families.flatMap((family) => firstPlaceFor(ledger, pool, family, sharing) ?? [])
  return places.length === families.length ? places : undefined
}

/** The family of its first clusterIP, then the other: what one address for a Service that would like two is tried in. */
function familiesByPreference({ view }: Wish): readonly [Family, Family] {
  return [view.primaryFamily, otherFamily(view.primaryFamily)]
}

/** The first of several pools that has all families; pools that do not admit the Service are no candidates. */
function placesFromFirst(
  ledger: Ledger,
  pools: readonly Pool[],
  families: readonly Family[],
  sharing: Sharing,
): readonly Place[] | undefined {
  for (const pool of pools) {
    const places = placesFrom(ledger, pool, families, sharing)
    if (places !== undefined) return places
  }
  return undefined
}

/** Both families where both are needed; where one will do, both from one pool before one from any. */
export function pickFrom(ledger: Ledger, pools: readonly Pool[], wish: Wish): readonly Place[] | undefined {
  const { families = [], tenant } = wish
  const whole = placesFromFirst(ledger, pools, families, tenant)
  if (whole !== undefined || !wish.prefersBoth) return whole
  for (const family of familiesByPreference(wish)) {
    const places = placesFromFirst(ledger, pools, [family], tenant)
    if (places !== undefined) return places
  }
  return undefined
}

export function admittingPools(pools: readonly Pool[], { view }: Wish): readonly Pool[] {
  return pools.filter((pool) => poolAdmits(pool, view))
}

/** Why a pool cannot serve, as words behind its name: it has no address of a family at all, or none left. */
export function shortageOf(ledger: Ledger, pool: Pool, wish: Wish): string {
  const { families = [], tenant } = wish
  const lacking = families.filter((family) => !poolHasFamily(ledger, pool.name, family))
  if (lacking.length > 0 && !(wish.prefersBoth && lacking.length === 1))
    return `has no ${familyNames(lacking)} addresses`
  const full = families.filter(
    (family) => !lacking.includes(family) && firstPlaceFor(ledger, pool, family, tenant) === undefined,
  )
  return `is full: no ${full.map(familyName).join(' or ')} address is free`
}

/**
 * What must change in a pool before it can serve. When both families are needed and both are short, waiting for one
 * of them is enough: it is asked again, and then waits for the other.
 */
export function waitsFor(ledger: Ledger, pool: Pool, wish: Wish): readonly Spot[] {
  const { families = [], tenant } = wish
  const has = families.filter((family) => poolHasFamily(ledger, pool.name, family))
  if (wish.prefersBoth) return has.flatMap((family) => spotsOf(pool, family, tenant))
  if (has.length < families.length) return []
  const short = families.find((family) => firstPlaceFor(ledger, pool, family, tenant) === undefined)
  return short === undefined ? [] : spotsOf(pool, short, tenant)
}

export function spotsOf({ name }: Pool, family: Family, { group }: Sharing): readonly Spot[] {
  const free: Spot = { kind: 'free', pool: name, family }
  return group === undefined ? [free] : [free, { kind: 'share', pool: name, family, group }]
}
