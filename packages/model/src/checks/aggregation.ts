import type { BgpAdvertisement, Pool, PoolEntry, Problem } from '../config.ts'
import { KINDS } from '../names.ts'
import { problemAt } from '../reading/found.ts'

/**
 * An aggregate may not reach beyond what the pool has: an entry that is narrower than the aggregate is
 * refused. A range is refused only if all its blocks are narrower.
 */
export function aggregationProblems(advertisement: BgpAdvertisement, pools: readonly Pool[]): Problem[] {
  return pools
    .filter(({ name }) => advertisement.pools.has(name))
    .flatMap((pool) => pool.entries.flatMap((entry) => entryProblem(advertisement, pool, entry) ?? []))
}

function entryProblem(advertisement: BgpAdvertisement, pool: Pool, entry: PoolEntry): Problem | undefined {
  const isIpv4 = entry.prefixes[0]?.address.family === 4
  const field = isIpv4 ? 'aggregationLength' : 'aggregationLengthV6'
  const aggregate = advertisement[field]
  const widest = Math.min(...entry.prefixes.map(({ length }) => length))
  if (widest <= aggregate) return undefined
  return problemAt(
    { object: `${KINDS.bgpAdvertisement} ${advertisement.name}`, path: `spec.${field}` },
    `found /${aggregate}, but "${entry.text}" of ${KINDS.ipAddressPool} ${pool.name} has nothing wider than ` +
      `/${widest}; accepted: at least ${widest}`,
  )
}
