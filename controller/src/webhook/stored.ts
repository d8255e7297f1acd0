import {
  type Api,
  BGP_ADVERTISEMENTS,
  BGP_PEER_POLICIES,
  BGP_PEERS,
  COMMUNITIES,
  type ConfigObject,
  follow,
  type Follower,
  IP_ADDRESS_POOLS,
  NODES,
  type Resource,
  type Scope,
} from '@steelyard/kube'
import type { KubeObject, Node, StoredObjects } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import type { Clock, Random } from '@steelyard/runtime'
import type { StoredKind } from '../decide/admission/paths.ts'

export type StoredPorts = {
  readonly api: Api
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** What changes are judged with, kept fresh. */
export type Stored = {
  readonly objects: () => StoredObjects
  readonly missing: (kinds: readonly StoredKind[]) => readonly StoredKind[]
  readonly stop: () => Promise<void>
}

/**
 * Followed for itself, apart from what allocation follows: nothing here may hold it up. Each kind is waited for only
 * by what needs it: a cluster under upgrade may lack one of ours.
 */
export function followStored(ports: StoredPorts, namespace: string): Stored {
  const own: Scope = { namespace }
  const followers: Readonly<Record<StoredKind, Follower<KubeObject>>> = {
    pools: start(ports, IP_ADDRESS_POOLS, { scope: own, project: withoutStatus }),
    communities: start(ports, COMMUNITIES, { scope: own, project: withoutStatus }),
    bgpAdvertisements: start(ports, BGP_ADVERTISEMENTS, { scope: own, project: withoutStatus }),
    bgpPeers: start(ports, BGP_PEERS, { scope: own, project: withoutPassword }),
    bgpPeerPolicies: start(ports, BGP_PEER_POLICIES, { scope: own, project: withoutStatus }),
    nodes: start<Node>(ports, NODES, { scope: {}, project: labelsOnly }),
  }
  const all = (kind: StoredKind): readonly KubeObject[] => [...followers[kind].objects.values()]
  return {
    objects: () => ({
      pools: all('pools'),
      communities: all('communities'),
      bgpAdvertisements: all('bgpAdvertisements'),
      bgpPeers: all('bgpPeers'),
      bgpPeerPolicies: all('bgpPeerPolicies'),
      nodes: all('nodes').map(({ metadata }) => metadata.labels ?? {}),
    }),
    missing: (kinds) => kinds.filter((kind) => !followers[kind].isSynced()),
    stop: async () => {
      await Promise.all(Object.values(followers).map(({ stop }) => stop()))
    },
  }
}

type Choice<T extends KubeObject> = { readonly scope: Scope; readonly project: (object: T) => T }

function start<T extends KubeObject>(ports: StoredPorts, resource: Resource<T>, choice: Choice<T>): Follower<T> {
  const { api, clock, random, log } = ports
  return follow(api, resource, { clock, random, log, ...choice })
}

function withoutStatus<T extends KubeObject>(object: T): T {
  const { name, namespace, uid, resourceVersion, labels } = object.metadata
  const metadata = {
    name,
    ...(namespace && { namespace }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
    ...(labels && { labels }),
  }
  return { ...object, status: undefined, metadata }
}

/** What is no part of any judgement need not lie in memory. */
function withoutPassword(peer: ConfigObject): ConfigObject {
  const { spec, ...rest } = withoutStatus(peer)
  return { ...rest, spec: typeof spec === 'object' && spec !== null ? { ...spec, password: undefined } : spec }
}

function labelsOnly({ apiVersion, kind, metadata }: Node): Node {
  const { name, uid, resourceVersion, labels } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }), ...(labels && { labels }) },
  }
}
