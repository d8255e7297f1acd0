import {
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEER_POLICIES,
  BGP_PEERS,
  COMMUNITIES,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  NAMESPACES,
  type Resource,
  SECRETS,
} from '@steelyard/kube'
import type { KubeObject, Namespace, Secret, SpeakerObjects } from '@steelyard/model'
import type { ClusterListener } from './cluster.ts'
import { type Context, following } from './cluster-context.ts'
import { sameConfigObject, sameLabels, sameSecret, trimNamespace, trimSecret } from './decide/cluster-objects.ts'

/** Follows all that a speaker's configuration is made of. */
export function followConfig(context: Context, listener: ClusterListener): () => SpeakerObjects {
  const scope = { namespace: context.options.namespace }
  const kind = <T extends KubeObject>(resource: Resource<T>, isOptional = false): ReadonlyMap<string, T> =>
    following(context, resource, {
      scope,
      isOptional,
      onChange: (_key, now, before) => sameConfigObject(now, before) || listener.onConfigInput('own'),
    })
  const pools = kind(IP_ADDRESS_POOLS)
  const communities = kind(COMMUNITIES)
  const l2Advertisements = kind(L2_ADVERTISEMENTS)
  const bgpAdvertisements = kind(BGP_ADVERTISEMENTS)
  const bgpPeers = kind(BGP_PEERS)
  const bfdProfiles = kind(BFD_PROFILES)
  const bgpPeerPolicies = kind(BGP_PEER_POLICIES, true)
  const { secrets, namespaces } = followLookedUp(context, listener)
  return () => ({
    pools: [...pools.values()],
    communities: [...communities.values()],
    namespaces: [...namespaces.values()],
    l2Advertisements: [...l2Advertisements.values()],
    bgpAdvertisements: [...bgpAdvertisements.values()],
    bgpPeers: [...bgpPeers.values()],
    bfdProfiles: [...bfdProfiles.values()],
    bgpPeerPolicies: [...bgpPeerPolicies.values()],
    secrets: [...secrets.values()],
  })
}

/** What configuration refers to. */
function followLookedUp(
  context: Context,
  listener: ClusterListener,
): { readonly secrets: ReadonlyMap<string, Secret>; readonly namespaces: ReadonlyMap<string, Namespace> } {
  const scope = { namespace: context.options.namespace }
  const secrets = following<Secret>(context, SECRETS, {
    scope,
    isPassing: true,
    project: trimSecret,
    onChange: (_key, now, before) => sameSecret(now, before) || listener.onConfigInput('own'),
  })
  const namespaces = following<Namespace>(context, NAMESPACES, {
    project: trimNamespace,
    onChange: (_key, now, before) => {
      if (now === undefined || before === undefined || !sameLabels(now.metadata.labels, before.metadata.labels)) {
        listener.onConfigInput('cluster')
      }
    },
  })
  return { secrets, namespaces }
}
