import { advertisedPools } from './advertised-pools.ts'
import { advertisedCommunities } from './checks/advertised-communities.ts'
import { aggregationProblems } from './checks/aggregation.ts'
import type { Aliases } from './checks/community-names.ts'
import { duplicatePeerProblems } from './checks/duplicate-peers.ts'
import { equalAdvertisementProblems } from './checks/equal-advertisements.ts'
import { localPrefProblems } from './checks/local-pref.ts'
import { lookUpReferences } from './checks/peer-references.ts'
import type { BgpAdvertisement, BgpPeer, Pool, Problem } from './config.ts'
import { readBfdProfile, type ReadBfdProfile, resolveBfdProfile } from './kinds/bfd-profile.ts'
import { policyProblems, readBgpPeerPolicy, type ReadBgpPeerPolicy, peerPolicies } from './kinds/bgp-peer-policy.ts'
import { readBgpAdvertisement, type ReadBgpAdvertisement, resolveBgpAdvertisement } from './kinds/bgp-advertisement.ts'
import { bgpPeerWarnings, readBgpPeer, type ReadBgpPeer, resolveBgpPeer } from './kinds/bgp-peer.ts'
import type { ReadPool } from './kinds/ip-address-pool.ts'
import type { KubeObject, Labels, Secret } from './kubernetes.ts'
import { collect, found, type Found, problemsOf, refused } from './reading/found.ts'
import { nameOf, readAll } from './reading/objects.ts'
import { nodeSelectorsOnly } from './reading/selectors.ts'
import { anySelectorMatches } from './selector.ts'

/** The BGP objects that concern this node, each valid by itself. */
export type ReadBgp = {
  readonly advertisements: readonly ReadBgpAdvertisement[]
  readonly peers: readonly ReadBgpPeer[]
  readonly bfdProfiles: readonly ReadBfdProfile[]
  readonly policies: readonly ReadBgpPeerPolicy[]
}

type BgpObjects = {
  readonly bgpAdvertisements: readonly KubeObject[]
  readonly bgpPeers: readonly KubeObject[]
  readonly bfdProfiles: readonly KubeObject[]
  readonly bgpPeerPolicies: readonly KubeObject[]
}

export function readBgp(objects: BgpObjects, labels: Labels): Found<ReadBgp> {
  const advertisements = readAll(concerning(objects.bgpAdvertisements, labels), readBgpAdvertisement)
  const peers = readAll(concerning(objects.bgpPeers, labels), readBgpPeer)
  const bfdProfiles = readAll(objects.bfdProfiles, readBfdProfile)
  const policies = readAll(objects.bgpPeerPolicies, readBgpPeerPolicy)
  if (!advertisements.ok || !peers.ok || !bfdProfiles.ok || !policies.ok) {
    return refused(problemsOf([advertisements, bfdProfiles, peers, policies]))
  }
  return found({
    advertisements: advertisements.value,
    peers: peers.value,
    bfdProfiles: bfdProfiles.value,
    policies: policies.value,
  })
}

/** Keeps what selects this node, and what cannot be told: reading that will say why. */
function concerning(objects: readonly KubeObject[], labels: Labels): readonly KubeObject[] {
  return objects.filter((object) => {
    const read = nodeSelectorsOnly(object, { object: '', path: '' })
    return !read.ok || anySelectorMatches(read.value.spec.nodeSelectors, labels)
  })
}

/** What the BGP objects are judged and completed with. */
type Surroundings = {
  readonly readPools: readonly ReadPool[]
  readonly pools: readonly Pool[]
  readonly aliases: Aliases
  readonly secrets: readonly Secret[]
}

export type JoinedBgp = {
  readonly bgpAdvertisements: readonly BgpAdvertisement[]
  readonly bgpPeers: readonly BgpPeer[]
  readonly warnings: readonly Problem[]
}

/** Applies the rules that need several objects, and puts the parts together. */
export function joinBgp(bgp: ReadBgp, surroundings: Surroundings): Found<JoinedBgp> {
  const advertisements = joinAdvertisements(bgp.advertisements, surroundings)
  const peers = joinPeers(bgp, surroundings.secrets)
  if (!advertisements.ok || !peers.ok) return refused(problemsOf([advertisements, peers]))
  return found({
    bgpAdvertisements: advertisements.value,
    bgpPeers: peers.value,
    warnings: bgp.peers.flatMap(bgpPeerWarnings),
  })
}

function joinAdvertisements(
  read: readonly ReadBgpAdvertisement[],
  { readPools, pools, aliases }: Surroundings,
): Found<readonly BgpAdvertisement[]> {
  const joined = collect(
    read.map((one) => {
      const communities = advertisedCommunities(one, aliases)
      if (!communities.ok) return communities
      return found(resolveBgpAdvertisement(one, advertisedPools(one.spec, readPools), communities.value))
    }),
  )
  if (!joined.ok) return joined
  const problems = [
    ...equalAdvertisementProblems(read),
    ...joined.value.flatMap((advertisement) => aggregationProblems(advertisement, pools)),
    ...localPrefProblems(joined.value, pools),
  ]
  return problems.length > 0 ? refused(problems) : joined
}

function joinPeers({ peers, bfdProfiles, policies }: ReadBgp, secrets: readonly Secret[]): Found<readonly BgpPeer[]> {
  const known = {
    bfdProfiles: new Map(bfdProfiles.map((profile) => [profile.name, resolveBfdProfile(profile)])),
    secrets: new Map(secrets.map((secret) => [nameOf(secret), secret])),
  }
  const policyOf = peerPolicies(policies)
  const joined = collect(
    peers.map((peer) => {
      const references = lookUpReferences(peer, known)
      return references.ok ? found(resolveBgpPeer(peer, references.value, policyOf(peer.name))) : references
    }),
  )
  const between = [...duplicatePeerProblems(peers), ...policyProblems(policies)]
  return between.length > 0 ? refused([...problemsOf([joined]), ...between]) : joined
}
