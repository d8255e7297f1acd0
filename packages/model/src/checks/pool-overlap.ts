import { compareAddresses, formatPrefix, type Prefix, prefixesOverlap } from '@steelyard/net'
import type { Problem } from '../config.ts'
import type { ReadPool } from '../kinds/ip-address-pool.ts'
import { problemAt } from '../reading/found.ts'
import { placeIn } from '../reading/objects.ts'

/** One block of one entry. `order` counts the entries of all pools, so that the later of two is told. */
type Block = { readonly prefix: Prefix; readonly pool: ReadPool; readonly entry: number; readonly order: number }

/**
 * No address may be in two entries, be it of one pool or of two. Blocks nest or are disjoint, so in
 * ascending order (the wider of two at one start first) an overlap shows between a block and the last
 * one that was not inside another: one sort and one pass, whatever the number of entries.
 */
export function overlapProblems(pools: readonly ReadPool[]): Problem[] {
  let widest: Block | undefined
  const pairs: [Block, Block][] = []
  for (const block of blocksOf(pools).sort(compareBlocks)) {
    if (widest !== undefined && prefixesOverlap(widest.prefix, block.prefix)) pairs.push([widest, block])
    else widest = block
  }
  return onePerEntries(pairs.map(inWrittenOrder)).map(tell)
}

function blocksOf(pools: readonly ReadPool[]): Block[] {
  let order = 0
  return pools.flatMap((pool) =>
    pool.spec.addresses.flatMap(({ prefixes }, entry) => {
      order++
      return prefixes.map((prefix) => ({ prefix, pool, entry, order }))
    }),
  )
}

function compareBlocks(a: Block, b: Block): number {
  return compareAddresses(a.prefix.address, b.prefix.address) || a.prefix.length - b.prefix.length || a.order - b.order
}

/** Two ranges may overlap in many blocks; that is told once. */
function onePerEntries(pairs: readonly [Block, Block][]): [Block, Block][] {
  const byEntries = new Map(pairs.toReversed().map((pair) => [pair.map(({ order }) => order).join(' '), pair]))
  return [...byEntries.values()].sort(([a1, a2], [b1, b2]) => a2.order - b2.order || a1.order - b1.order)
}

function inWrittenOrder([a, b]: readonly [Block, Block]): [Block, Block] {
  return a.order <= b.order ? [a, b] : [b, a]
}

function tell([earlier, later]: readonly [Block, Block]): Problem {
  const other = placeIn(earlier.pool, 'addresses', earlier.entry)
  return problemAt(
    placeIn(later.pool, 'addresses', later.entry),
    `found ${described(later)}, which overlaps ${described(earlier)} at ${other.path} of ${other.object}; ` +
      'accepted: addresses that stand in no other entry of any pool',
  )
}

function described({ prefix, pool, entry }: Block): string {
  const text = pool.spec.addresses[entry]?.text
  const block = formatPrefix(prefix)
  return text === undefined || text === block ? block : `${block} ("${text}")`
}
