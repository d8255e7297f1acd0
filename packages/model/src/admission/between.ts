import { advertisedPools } from '../advertised-pools.ts'
import { advertisedCommunities } from '../checks/advertised-communities.ts'
import { aggregationProblems } from '../checks/aggregation.ts'
import { aliasesOf, type Aliases, communityNameProblems } from '../checks/community-names.ts'
import { duplicatePeerProblems } from '../checks/duplicate-peers.ts'
import { equalAdvertisementProblems } from '../checks/equal-advertisements.ts'
import { localPrefProblems } from '../checks/local-pref.ts'
import type { BgpAdvertisement, CommunityValue, Problem } from '../config.ts'
import { type ReadBgpAdvertisement, readBgpAdvertisement, resolveBgpAdvertisement } from '../kinds/bgp-advertisement.ts'
import { policyProblems, readBgpPeerPolicy, type ReadBgpPeerPolicy } from '../kinds/bgp-peer-policy.ts'
import { readBgpPeer, type ReadBgpPeer } from '../kinds/bgp-peer.ts'
import { readCommunity, type ReadCommunity } from '../kinds/community.ts'
import { readIpAddressPool, resolvePool } from '../kinds/ip-address-pool.ts'
import type { KubeObject, Labels } from '../kubernetes.ts'
import { type Found, problemsOf } from '../reading/found.ts'
import { type Named, sortedByName } from '../reading/objects.ts'
import { anySelectorMatches, type LabelSelector } from '../selector.ts'

/** What a changed object is judged with: the objects in the product's namespace, and the labels of all nodes. */
export type StoredObjects = {
  readonly pools: readonly KubeObject[]
  readonly communities: readonly KubeObject[]
  readonly bgpAdvertisements: readonly KubeObject[]
  readonly bgpPeers: readonly KubeObject[]
  readonly bgpPeerPolicies: readonly KubeObject[]
  readonly nodes: readonly Labels[]
}

/**
 * The others of a kind that can be read, by name. One that cannot is somebody else's mistake, and no reason to refuse
 * this change.
 */
export function readOthers<T>(
  objects: readonly KubeObject[],
  read: (object: unknown) => Found<T>,
  without = '',
): readonly T[] {
  return sortedByName(objects)
    .filter(({ metadata }) => metadata.name !== without)
    .flatMap((object) => {
      const one = read(object)
      return one.ok ? [one.value] : []
    })
}

/**
 * What is wrong between one object and each of the others. Pair by pair, so that no mistake hides behind another, and
 * with the object last, since the rules tell a mistake at the later of two.
 */
function withEach<T>(one: T, others: readonly T[], rule: (pair: readonly T[]) => readonly Problem[]): Problem[] {
  return others.flatMap((other) => rule([other, one]))
}

export function communityProblems(one: ReadCommunity, stored: StoredObjects): Problem[] {
  return withEach(one, readOthers(stored.communities, readCommunity, one.name), communityNameProblems)
}

export function peerPolicyProblems(one: ReadBgpPeerPolicy, stored: StoredObjects): Problem[] {
  return withEach(one, readOthers(stored.bgpPeerPolicies, readBgpPeerPolicy, one.name), policyProblems)
}

export function peerProblems(one: ReadBgpPeer, stored: StoredObjects): Problem[] {
  const shareNode = nodeSharing(one, stored.nodes)
  return withEach(one, readOthers(stored.bgpPeers, readBgpPeer, one.name), (pair) =>
    pair.every(shareNode) ? duplicatePeerProblems(pair) : [],
  )
}

/** Whether another selects one of the nodes that this one selects. */
function nodeSharing(one: Selecting, nodes: readonly Labels[]): (other: Selecting) => boolean {
  const own = nodes.filter((labels) => anySelectorMatches(one.spec.nodeSelectors, labels))
  return ({ spec }) => own.some((labels) => anySelectorMatches(spec.nodeSelectors, labels))
}

type Selecting = Named<{ readonly nodeSelectors: readonly LabelSelector[] }>

export function advertisementProblems(one: ReadBgpAdvertisement, stored: StoredObjects): Problem[] {
  const others = readOthers(stored.bgpAdvertisements, readBgpAdvertisement, one.name)
  const readPools = readOthers(stored.pools, readIpAddressPool)
  const pools = readPools.map((pool) => resolvePool(pool, []))
  const resolve = (read: ReadBgpAdvertisement): BgpAdvertisement =>
    resolveBgpAdvertisement(read, advertisedPools(read.spec, readPools), [])
  const shareNode = nodeSharing(one, stored.nodes)
  const resolved = resolve(one)
  return [
    ...communitiesProblems(one, aliasesOf(readOthers(stored.communities, readCommunity))),
    ...withEach(one, others, equalAdvertisementProblems),
    ...aggregationProblems(resolved, pools),
    ...pools
      .filter(({ name }) => resolved.pools.has(name))
      .flatMap((pool) =>
        withEach(resolved, others.filter(shareNode).map(resolve), (pair) => localPrefProblems(pair, [pool])),
      ),
  ]
}

/** An alias that no Community defines may be defined later: until then it counts as a short one of its own. */
function communitiesProblems(one: ReadBgpAdvertisement, aliases: Aliases): readonly Problem[] {
  const unknown = one.spec.communities.filter((text) => !text.includes(':') && !aliases.has(text))
  const later = unknown.map((text, index): [string, CommunityValue] => [text, { kind: 'standard', value: -1 - index }])
  return problemsOf([advertisedCommunities(one, new Map([...aliases, ...later]))])
}
