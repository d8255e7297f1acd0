import { type Address, type Family, formatAddress } from '@steelyard/net'
import type { Place } from './address-map.ts'
import { findPlace, type Ledger } from './ledger.ts'
import { type Picked, refused } from './pick.ts'
import { clash, outside, poolProblem } from './present-places.ts'
import { familyName, type Wish } from './wish.ts'

/** Exactly the addresses that were asked for, or nothing. `autoAssign` does not matter to those who name addresses. */
export function pickExplicit(ledger: Ledger, addresses: readonly Address[], wish: Wish): Picked {
  const mismatch = familyMismatch(addresses, wish.families ?? [])
  if (mismatch !== undefined) return refused(asked(addresses, mismatch))
  const places: Place[] = []
  for (const address of addresses.toSorted((a, b) => a.family - b.family)) {
    const place = findPlace(ledger, address)
    if (place === undefined) return refused(asked(addresses, outside(ledger, address)))
    places.push(place)
  }
  const wrongPool = poolProblem(places, wish) ?? unlikeAnnotation(places, wish)
  if (wrongPool !== undefined) return refused(asked(addresses, wrongPool))
  for (const place of places) {
    const why = clash(ledger, place, wish)
    if (why === undefined) continue
    return refused(asked(addresses, why), [{ kind: 'address', address: formatAddress(place.address) }])
  }
  return { kind: 'picked', places }
}

function asked(addresses: readonly Address[], why: string): string {
  return `${addresses.map(formatAddress).join(', ')} was asked for: ${why}`
}

function familyMismatch(addresses: readonly Address[], families: readonly Family[]): string | undefined {
  const given = addresses.map(({ family }) => family).toSorted((a, b) => a - b)
  if (given.length === families.length && given.every((family, at) => family === families[at])) return undefined
  return `the clusterIPs need exactly ${families.map((family) => `one ${familyName(family)} address`).join(' and ')}`
}

function unlikeAnnotation([place]: readonly Place[], { pool }: Wish): string | undefined {
  if (place === undefined || pool === undefined || pool.value === place.pool.name) return undefined
  return `it is of pool ${place.pool.name}, but annotation ${pool.key} names pool ${pool.value}`
}
