import type { AnnotationValue, Pool } from '@steelyard/model'
import type { Ledger } from './ledger.ts'
import { admittingPools, pickFrom, type Picked, refused, shortageOf, waitsFor } from './pick.ts'
import { pickExplicit } from './pick-explicit.ts'
import type { Pools } from './pools.ts'
import { familyNames, type Wish } from './wish.ts'

/** Chooses addresses for a Service that holds none. Changes nothing. */
export function pickAddresses(ledger: Ledger, pools: Pools, wish: Wish): Picked {
  if (wish.explicit.kind === 'addresses') return pickExplicit(ledger, wish.explicit.addresses, wish)
  if (wish.pool !== undefined) return pickFromNamed(ledger, pools, wish, wish.pool)
  return pickAutomatically(ledger, pools, wish)
}

/** `autoAssign` does not matter to those who name a pool; whom it admits does. */
function pickFromNamed(ledger: Ledger, pools: Pools, wish: Wish, { key, value }: AnnotationValue): Picked {
  const pool = pools.byName.get(value)
  if (pool === undefined) return refused(`annotation ${key} asks for pool ${value}, which does not exist`)
  if (admittingPools([pool], wish).length === 0) {
    return refused(`annotation ${key} asks for pool ${value}, whose serviceAllocation does not admit this Service`)
  }
  const places = pickFrom(ledger, [pool], wish)
  if (places !== undefined) return { kind: 'picked', places }
  return refused(
    `annotation ${key} asks for pool ${value}, which ${shortageOf(ledger, pool, wish)}`,
    waitsFor(ledger, pool, wish),
  )
}

function pickAutomatically(ledger: Ledger, pools: Pools, wish: Wish): Picked {
  const candidates = admittingPools(pools.automatic, wish)
  const places = pickFrom(ledger, candidates, wish)
  if (places !== undefined) return { kind: 'picked', places }
  const message = `no ${familyNames(wish.families ?? [])} address is available: ${tellAll(ledger, candidates, wish)}`
  return refused(
    message,
    candidates.flatMap((pool) => waitsFor(ledger, pool, wish)),
  )
}

/** More than this and the message says less. */
const POOLS_TOLD = 5

function tellAll(ledger: Ledger, candidates: readonly Pool[], wish: Wish): string {
  if (candidates.length === 0) return 'no pool with autoAssign admits this Service'
  const told = candidates.slice(0, POOLS_TOLD).map((pool) => `pool ${pool.name} ${shortageOf(ledger, pool, wish)}`)
  const more = candidates.length - told.length
  return [...told, ...(more > 0 ? [`and ${more} more pools have none either`] : [])].join('; ')
}
