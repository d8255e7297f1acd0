import { advertisedPools } from './advertised-pools.ts'
import { aliasesOf, communityNameProblems } from './checks/community-names.ts'
import { overlapProblems } from './checks/pool-overlap.ts'
import { joinBgp, readBgp } from './compile-bgp.ts'
import type { Compiled, SpeakerConfig } from './config.ts'
import { readCommunity } from './kinds/community.ts'
import { readIpAddressPool, resolvePool } from './kinds/ip-address-pool.ts'
import { readL2Advertisement, resolveL2Advertisement } from './kinds/l2-advertisement.ts'
import type { KubeObject, Labels, Namespace, Secret } from './kubernetes.ts'
import { problemsOf } from './reading/found.ts'
import { readAll, readNames } from './reading/objects.ts'

/** All that a speaker's configuration is made of: the objects in the product's namespace, and all Namespaces. */
export type SpeakerObjects = {
  readonly pools: readonly KubeObject[]
  readonly communities: readonly KubeObject[]
  readonly namespaces: readonly Namespace[]
  readonly l2Advertisements: readonly KubeObject[]
  readonly bgpAdvertisements: readonly KubeObject[]
  readonly bgpPeers: readonly KubeObject[]
  readonly bfdProfiles: readonly KubeObject[]
  /** Of our own kind: none in a cluster that lacks it. */
  readonly bgpPeerPolicies: readonly KubeObject[]
  readonly secrets: readonly Secret[]
}

/** The node a speaker runs on. */
export type OwnNode = { readonly name: string; readonly labels: Labels }

/**
 * Turns the objects into what the speaker on this node works by, or tells everything that is wrong with
 * them. BGP objects for other nodes are dropped before they are validated. Never throws, whatever the
 * objects hold.
 */
export function compileSpeaker(objects: SpeakerObjects, self: OwnNode): Compiled<SpeakerConfig> {
  const pools = readAll(objects.pools, readIpAddressPool)
  const communities = readAll(objects.communities, readCommunity)
  const namespaces = readNames('Namespace', objects.namespaces)
  const l2 = readAll(objects.l2Advertisements, readL2Advertisement)
  const bgp = readBgp(objects, self.labels)
  if (!pools.ok || !communities.ok || !namespaces.ok || !l2.ok || !bgp.ok) {
    return { ok: false, problems: problemsOf([pools, communities, namespaces, l2, bgp]) }
  }
  const resolvedPools = pools.value.map((pool) => resolvePool(pool, namespaces.value))
  const joined = joinBgp(bgp.value, {
    readPools: pools.value,
    pools: resolvedPools,
    aliases: aliasesOf(communities.value),
    secrets: objects.secrets,
  })
  const problems = [
    ...overlapProblems(pools.value),
    ...communityNameProblems(communities.value),
    ...(joined.ok ? [] : joined.problems),
  ]
  if (problems.length > 0 || !joined.ok) return { ok: false, problems }
  const { warnings, ...bgpConfig } = joined.value
  const l2Advertisements = l2.value.map((read) => resolveL2Advertisement(read, advertisedPools(read.spec, pools.value)))
  return { ok: true, config: { pools: resolvedPools, l2Advertisements, ...bgpConfig }, warnings }
}
