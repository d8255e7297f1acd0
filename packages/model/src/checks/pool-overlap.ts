import { type Address, compareAddresses, formatPrefix, lastOfPrefix, prefixesOverlap } from '@steelyard/net'
import type { PoolEntry, Problem } from '../config.ts'
import type { ReadPool } from '../kinds/ip-address-pool.ts'
import { problemAt } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'

/** One entry as the run of addresses it is. `order` counts the entries of all pools, as they are written. */
type Run = {
  readonly first: Address
  readonly last: Address
  readonly pool: ReadPool
  readonly index: number
  readonly entry: PoolEntry
  readonly order: number
}

/** Two entries with addresses in common, as they are written: in the order of pools, then of entries. */
export type Overlap = readonly [earlier: Run, later: Run]

/** No address may be in two entries, be it of one pool or of two. */
export function overlapProblems(pools: readonly ReadPool[]): Problem[] {
  return overlaps(pools).map(tellOverlap)
}

/**
 * In ascending order a run overlaps an earlier one iff it starts at or before the highest end so far: one sort and
 * one pass, whatever the number of entries. Each run is told with one other that it overlaps, and every run that
 * overlaps any is in one of the pairs.
 */
export function overlaps(pools: readonly ReadPool[]): readonly Overlap[] {
  let reaching: Run | undefined
  const pairs: Overlap[] = []
  for (const run of runsOf(pools).sort(compareRuns)) {
    if (reaching !== undefined && compareAddresses(run.first, reaching.last) <= 0) pairs.push([reaching, run])
    if (reaching === undefined || compareAddresses(run.last, reaching.last) > 0) reaching = run
  }
  return pairs.map(asWritten).sort(compareAsWritten)
}

function runsOf(pools: readonly ReadPool[]): Run[] {
  let order = 0
  return pools.flatMap((pool) =>
    pool.spec.addresses.flatMap((entry, index) => {
      const [low] = entry.prefixes
      const high = entry.prefixes.at(-1)
      if (low === undefined || high === undefined) return []
      return [{ first: low.address, last: lastOfPrefix(high), pool, index, entry, order: order++ }]
    }),
  )
}

function compareRuns(a: Run, b: Run): number {
  return compareAddresses(a.first, b.first) || a.order - b.order
}

function asWritten([a, b]: Overlap): Overlap {
  return a.order < b.order ? [a, b] : [b, a]
}

function compareAsWritten([a1, a2]: Overlap, [b1, b2]: Overlap): number {
  return a2.order - b2.order || a1.order - b1.order
}

export function tellOverlap([earlier, later]: Overlap): Problem {
  const other = placeIn(earlier.pool, 'addresses', earlier.index)
  const [its, theirs] = overlappingBlocks(later, earlier)
  return problemAt(
    placeIn(later.pool, 'addresses', later.index),
    `found "${later.entry.text}", whose ${its} overlaps ${theirs} of "${earlier.entry.text}", which is ${other.path} ` +
      `of ${other.object}; accepted: addresses that stand in no other entry of any pool`,
  )
}

/** The first blocks of the two that have addresses in common. */
function overlappingBlocks(a: Run, b: Run): readonly [string, string] {
  for (const block of a.entry.prefixes) {
    const other = b.entry.prefixes.find((candidate) => prefixesOverlap(block, candidate))
    if (other !== undefined) return [formatPrefix(block), formatPrefix(other)]
  }
  return [a.entry.text, b.entry.text]
}
