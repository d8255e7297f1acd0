import type { ReadPool } from './kinds/ip-address-pool.ts'
import { anySelectorMatches, type LabelSelector } from './selector.ts'

type PoolChoice = {
  readonly ipAddressPools: readonly string[]
  readonly ipAddressPoolSelectors: readonly LabelSelector[]
}

/**
 * The names of the pools that an advertisement is for: all when it chooses none, else those named and
 * those selected. Names of pools that do not exist (yet) count for nothing.
 */
export function advertisedPools(
  { ipAddressPools, ipAddressPoolSelectors: selectors }: PoolChoice,
  pools: readonly ReadPool[],
): ReadonlySet<string> {
  const choosesAll = ipAddressPools.length === 0 && selectors.length === 0
  const named = new Set(ipAddressPools)
  const isChosen = ({ name, labels }: ReadPool): boolean =>
    choosesAll || named.has(name) || (selectors.length > 0 && anySelectorMatches(selectors, labels))
  return new Set(pools.filter(isChosen).map(({ name }) => name))
}
