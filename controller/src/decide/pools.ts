import type { Pool } from '@steelyard/model'

/** The pools of a configuration, in the orders they are asked. */
export type Pools = {
  readonly byName: ReadonlyMap<string, Pool>
  /** With `autoAssign`. Those with a `serviceAllocation` by priority, then the others; equals by name. */
  readonly automatic: readonly Pool[]
}

export function poolsOf(pools: readonly Pool[]): Pools {
  return {
    byName: new Map(pools.map((pool) => [pool.name, pool])),
    automatic: pools.filter(({ autoAssign }) => autoAssign).sort((a, b) => rank(a) - rank(b) || byName(a, b)),
  }
}

/** Priority 0 stands for none and comes after every number, but ahead of pools that are open to all. */
function rank({ serviceAllocation }: Pool): number {
  if (serviceAllocation === undefined) return Number.POSITIVE_INFINITY
  return serviceAllocation.priority === 0 ? Number.MAX_VALUE : serviceAllocation.priority
}

function byName(a: Pool, b: Pool): number {
  return a.name < b.name ? -1 : 1
}
