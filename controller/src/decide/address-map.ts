import { type Address, compareAddresses, type Family, lastOfPrefix, type Range, rangeContains } from '@steelyard/net'
import { isUsable, type Pool, type PoolEntry } from '@steelyard/model'

/** Where an address stands: its pool, and the line of that pool (counted per family) that it is in. */
export type Place = { readonly pool: Pool; readonly line: number; readonly address: Address }

type Stretch = { readonly range: Range; readonly pool: Pool; readonly line: number }

/** All lines of all pools by address. They never overlap: a configuration where they do is refused. */
export type AddressMap = readonly Stretch[]

export function addressMap(pools: readonly Pool[]): AddressMap {
  return pools
    .flatMap((pool) => ([4, 6] as const).flatMap((family) => stretchesOf(pool, family)))
    .sort((a, b) => compareAddresses(a.range.first, b.range.first))
}

function stretchesOf(pool: Pool, family: Family): Stretch[] {
  return linesOf(pool, family).map((range, line) => ({ range, pool, line }))
}

/** The lines of one family, as ranges, in the order they are written. */
export function linesOf(pool: Pool, family: Family): Range[] {
  return pool.entries.map(rangeOf).filter((range) => range?.first.family === family) as Range[]
}

/** An entry is a CIDR or a range, so its blocks follow one another without a gap. */
function rangeOf({ prefixes }: PoolEntry): Range | undefined {
  const first = prefixes[0]
  const last = prefixes.at(-1)
  return first && last && { first: first.address, last: lastOfPrefix(last) }
}

/** The place of `address`; undefined when it lies in no pool, or is one that `avoidBuggyIPs` excludes. O(log n). */
export function placeOf(map: AddressMap, address: Address): Place | undefined {
  const found = stretchAt(map, address)
  if (found === undefined || !rangeContains(found.range, address)) return undefined
  return isUsable(found.pool, address) ? { pool: found.pool, line: found.line, address } : undefined
}

/** The pool whose `avoidBuggyIPs` keeps `address` from being used. */
export function excludingPool(map: AddressMap, address: Address): Pool | undefined {
  const found = stretchAt(map, address)
  const isInside = found !== undefined && rangeContains(found.range, address)
  return isInside && !isUsable(found.pool, address) ? found.pool : undefined
}

/** The last stretch that starts at or before `address`. */
function stretchAt(map: AddressMap, address: Address): Stretch | undefined {
  let low = 0
  let high = map.length
  while (low < high) {
    const middle = (low + high) >> 1
    const stretch = map[middle]
    if (stretch !== undefined && compareAddresses(stretch.range.first, address) <= 0) low = middle + 1
    else high = middle
  }
  return map[low - 1]
}

/** Earlier lines first, then lower addresses. For places of one family of one pool. */
export function comparePlaces(a: Place, b: Place): number {
  return a.line - b.line || compareAddresses(a.address, b.address)
}
