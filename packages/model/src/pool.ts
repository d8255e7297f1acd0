import { type Address, compareAddresses, type Prefix, prefixContains } from '@steelyard/net'
import type { Pool } from './config.ts'
import { anySelectorMatches } from './selector.ts'
import type { ServiceView } from './service.ts'

/** Every block of every pool in ascending order, for finding the pool of an address in logarithmic time. */
export type PoolIndex = readonly { readonly prefix: Prefix; readonly pool: Pool }[]

export function poolIndex(pools: readonly Pool[]): PoolIndex {
  return pools
    .flatMap((pool) => pool.entries.flatMap(({ prefixes }) => prefixes.map((prefix) => ({ prefix, pool }))))
    .sort((a, b) => compareAddresses(a.prefix.address, b.prefix.address))
}

/** As `poolOf`, for many questions about the same pools. Blocks do not overlap, so one candidate is enough. */
export function poolAt(index: PoolIndex, address: Address): Pool | undefined {
  let low = 0
  let high = index.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const block = index[middle]
    if (block !== undefined && compareAddresses(block.prefix.address, address) <= 0) low = middle + 1
    else high = middle
  }
  const candidate = index[low - 1]
  return candidate !== undefined && prefixContains(candidate.prefix, address) ? candidate.pool : undefined
}

/** The pool that `address` lies in. Looks at every block; `poolAt` is for asking often. */
export function poolOf(pools: readonly Pool[], address: Address): Pool | undefined {
  return pools.find((pool) => poolContains(pool, address))
}

export function poolContains({ entries }: Pool, address: Address): boolean {
  return entries.some(({ prefixes }) => prefixes.some((prefix) => prefixContains(prefix, address)))
}

/** False for what `avoidBuggyIPs` excludes: IPv4 addresses that end in .0 or .255. */
export function isUsable({ avoidBuggyIPs }: Pick<Pool, 'avoidBuggyIPs'>, { family, words }: Address): boolean {
  if (!avoidBuggyIPs || family === 6) return true
  const lastOctet = (words[0] ?? 0) % 256
  return lastOctet !== 0 && lastOctet !== 255
}

/** Whether the pool's `serviceAllocation` lets this Service in; a pool without one is open to all. */
export function poolAdmits(
  { serviceAllocation }: Pick<Pool, 'serviceAllocation'>,
  service: Pick<ServiceView, 'namespace' | 'labels'>,
): boolean {
  if (serviceAllocation === undefined) return true
  const { namespaces, serviceSelectors } = serviceAllocation
  return (namespaces?.has(service.namespace) ?? true) && anySelectorMatches(serviceSelectors ?? [], service.labels)
}
