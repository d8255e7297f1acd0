import { type Address, formatAddress } from '@steelyard/net'
import { poolAdmits } from '@steelyard/model'
import { excludingPool, type Place } from './address-map.ts'
import { findPlace, type Ledger, refusal } from './ledger.ts'
import type { Wish } from './wish.ts'

export type PresentPlaces =
  | { readonly kind: 'allowed'; readonly places: readonly Place[] }
  | { readonly kind: 'refused'; readonly message: string }

/**
 * Whether a Service may have these addresses: all of one pool that admits it, and nobody beside whom it cannot
 * stand. `autoAssign` does not matter: it says who gets new addresses.
 */
export function presentPlaces(ledger: Ledger, addresses: readonly Address[], wish: Wish): PresentPlaces {
  const places: Place[] = []
  for (const address of addresses) {
    const place = findPlace(ledger, address)
    const wrong = place === undefined ? outside(ledger, address) : clash(ledger, place, wish)
    if (wrong !== undefined) return { kind: 'refused', message: wrong }
    if (place !== undefined) places.push(place)
  }
  const wrong = poolProblem(places, wish)
  return wrong === undefined ? { kind: 'allowed', places } : { kind: 'refused', message: wrong }
}

/** Why an address can be nobody's. */
export function outside({ map }: Ledger, address: Address): string {
  const excluding = excludingPool(map, address)
  return excluding === undefined
    ? `${formatAddress(address)} is in no pool`
    : `${formatAddress(address)} is excluded by avoidBuggyIPs of pool ${excluding.name}`
}

/** Who stands in the way. */
export function clash(ledger: Ledger, place: Place, { tenant }: Wish): string | undefined {
  const why = refusal(ledger, place, tenant)
  return why === undefined ? undefined : `${formatAddress(place.address)} cannot be had: ${why}`
}

/** Why addresses that are each in a pool do not go together, or are not for this Service. */
export function poolProblem(places: readonly Place[], { view }: Wish): string | undefined {
  const [first, second] = places
  if (first === undefined) return undefined
  if (second !== undefined && second.pool.name !== first.pool.name) {
    return `${tell(first)} and ${tell(second)} are not of one pool`
  }
  return poolAdmits(first.pool, view)
    ? undefined
    : `${tell(first)} is not for this Service: the pool's serviceAllocation does not admit it`
}

function tell({ address, pool }: Place): string {
  return `${formatAddress(address)} of pool ${pool.name}`
}
