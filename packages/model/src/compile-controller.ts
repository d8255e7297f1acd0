import { communityNameProblems } from './checks/community-names.ts'
import { overlapProblems } from './checks/pool-overlap.ts'
import type { Compiled, ControllerConfig } from './config.ts'
import { readCommunity } from './kinds/community.ts'
import { readIpAddressPool, resolvePool } from './kinds/ip-address-pool.ts'
import type { KubeObject, Namespace } from './kubernetes.ts'
import { problemsOf } from './reading/found.ts'
import { readAll, readNames } from './reading/objects.ts'

/** All that the controller reads; a broken object of another kind never stops allocation. */
export type ControllerObjects = {
  readonly pools: readonly KubeObject[]
  readonly communities: readonly KubeObject[]
  readonly namespaces: readonly Namespace[]
}

/**
 * Turns the objects in the product's namespace into what the controller works by, or tells everything
 * that is wrong with them. Never throws, whatever the objects hold.
 */
export function compileController(objects: ControllerObjects): Compiled<ControllerConfig> {
  const pools = readAll(objects.pools, readIpAddressPool)
  const communities = readAll(objects.communities, readCommunity)
  const namespaces = readNames('Namespace', objects.namespaces)
  if (!pools.ok || !communities.ok || !namespaces.ok) {
    return { ok: false, problems: problemsOf([pools, communities, namespaces]) }
  }
  const problems = [...overlapProblems(pools.value), ...communityNameProblems(communities.value)]
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, config: { pools: pools.value.map((pool) => resolvePool(pool, namespaces.value)) } }
}
