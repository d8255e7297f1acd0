import { type Overlap, overlaps, tellOverlap } from '../checks/pool-overlap.ts'
import { readIpAddressPool, type ReadPool } from '../kinds/ip-address-pool.ts'
import { readOthers, type StoredObjects } from './between.ts'
import type { Weighed } from './weighed.ts'

/**
 * Held against a pool is the overlap of an entry that it had not before. Which of several others an entry is told
 * with may change by a change elsewhere, so entries are compared, not messages.
 */
export function weighOverlaps(one: ReadPool, old: ReadPool | undefined, stored: StoredObjects): Weighed {
  const isNew = newEntries(one, old)
  const pairs = overlaps([...readOthers(stored.pools, readIpAddressPool, one.name), one])
  const concerning = (holds: (index: number) => boolean) => (pair: Overlap) =>
    pair.some(({ pool, index }) => pool === one && holds(index))
  const held = pairs.filter(concerning((index) => isNew.has(index)))
  const tolerated = pairs.filter((pair) => !held.includes(pair)).filter(concerning(() => true))
  return { held: held.map(tellOverlap), tolerated: tolerated.map(tellOverlap) }
}

/** By index. What stood once and stands twice is new the second time. */
function newEntries(one: ReadPool, old: ReadPool | undefined): ReadonlySet<number> {
  const left = new Map<string, number>()
  for (const { text } of old?.spec.addresses ?? []) left.set(text, (left.get(text) ?? 0) + 1)
  const added = one.spec.addresses.flatMap(({ text }, index) => {
    const count = left.get(text) ?? 0
    left.set(text, count - 1)
    return count > 0 ? [] : [index]
  })
  return new Set(added)
}
