import {
  type Api,
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEERS,
  COMMUNITIES,
  CONFIGURATION_STATES,
  type ConfigurationState,
  ENDPOINT_SLICES,
  follow,
  type Follower,
  type FollowOptions,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  type Log,
  NAMESPACES,
  NODES,
  PODS,
  type Resource,
  SECRETS,
  SERVICE_L2_STATUSES,
  type ServiceL2Status,
  SERVICES,
} from '@steelyard/kube'
import {
  ENDPOINT_SLICE_SERVICE_LABEL,
  type EndpointSlice,
  type KubeObject,
  type Namespace,
  type Node,
  type Pod,
  readServiceL2Status,
  type Secret,
  type Service,
  type SpeakerObjects,
} from '@steelyard/model'
import type { Clock, Random } from '@steelyard/runtime'
import {
  sameConfigObject,
  sameLabels,
  sameNode,
  sameSecret,
  sameServingNodes,
  trimEndpointSlice,
  trimNamespace,
  trimNode,
  trimPod,
  trimSecret,
  trimService,
  trimStatus,
} from './decide/cluster-objects.ts'
import { sameStored } from './decide/stored-state.ts'
import { claimant } from './decide/service-l2-status.ts'
import { MISSING_INTERFACES } from './decide/interface-notice.ts'
import { type Grouped, grouped } from './grouped.ts'

/** What changed in the cluster, told after the change is to be seen. Only what a speaker looks at. */
export type ClusterListener = {
  readonly onService: (key: string) => void
  /** Which nodes serve a Service. */
  readonly onEndpoints: (serviceKey: string) => void
  readonly onNode: (name: string) => void
  readonly onPod: () => void
  /** `own`: in the product's namespace, where configuration is made. */
  readonly onConfigInput: (where: 'own' | 'cluster') => void
  /** A ServiceL2Status about a Service. */
  readonly onServiceStatus: (serviceKey: string) => void
  readonly onOwnState: () => void
  readonly onNotice: () => void
}

export type ClusterOptions = {
  readonly namespace: string
  /** Name of the own ConfigurationState. */
  readonly stateName: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** What is stored of a resource changed. */
  readonly onStorable?: (resource: KeptResource) => void
}

/** A followed resource that may be stored for the next start, and whose follower may begin with what was stored. */
export type KeptResource = {
  readonly what: string
  readonly kind: string
  readonly follower: Pick<Follower<KubeObject>, 'objects' | 'isSynced' | 'seed'>
}

/** The part of the cluster that a speaker follows. */
export type Cluster = {
  readonly services: ReadonlyMap<string, Service>
  /** By Service key. */
  readonly endpointSlices: Grouped<EndpointSlice>
  readonly nodes: ReadonlyMap<string, Node>
  /** Of the product's namespace. */
  readonly pods: ReadonlyMap<string, Pod>
  /** By Service key. */
  readonly serviceStatuses: Grouped<ServiceL2Status>
  /** The nodes that say by such an object that they announce a Service. */
  readonly announcersOf: (serviceKey: string) => readonly string[]
  readonly ownState: () => ConfigurationState | undefined
  /** The ConfigurationStates of nodes that lack interfaces. */
  readonly notices: ReadonlyMap<string, ConfigurationState>
  readonly configObjects: () => SpeakerObjects
  /** What has not been listed yet, in words; empty once all is known. */
  readonly unsynced: () => readonly string[]
  readonly synced: Promise<unknown>
  /** All but Secrets and the own ConfigurationState. */
  readonly kept: readonly KeptResource[]
  readonly stop: () => Promise<void>
}

/** Follows all that a speaker looks at, and trims it on the way in. */
export function followCluster(api: Api, options: ClusterOptions, listener: ClusterListener): Cluster {
  const context: Context = { api, options, followers: [] }
  const config = followConfig(context, listener)
  const workloads = followWorkloads(context, listener)
  const statuses = followStatuses(context, listener)
  const { followers } = context
  return {
    ...workloads,
    ...statuses,
    configObjects: config,
    kept: followers.filter(({ isKept }) => isKept),
    unsynced: () => followers.filter(({ follower }) => !follower.isSynced()).map(({ what }) => what),
    synced: Promise.all(followers.map(({ follower }) => follower.synced)),
    stop: async () => {
      await Promise.all(followers.map(({ follower }) => follower.stop()))
    },
  }
}

type Context = {
  readonly api: Api
  readonly options: ClusterOptions
  readonly followers: (Omit<KeptResource, 'follower'> & {
    readonly follower: Omit<Follower<KubeObject>, 'lastHeardAt'>
    readonly isKept: boolean
  })[]
}

type Wish<T extends KubeObject> = Pick<FollowOptions<T>, 'scope' | 'project' | 'onChange'> & {
  /** Never stored. */
  readonly isPassing?: boolean
}

function following<T extends KubeObject>(
  context: Context,
  resource: Resource<T>,
  wish: Wish<T>,
): ReadonlyMap<string, T> {
  const { api, options, followers } = context
  const { clock, random, log, onStorable } = options
  const { isPassing = false, onChange = () => {}, ...rest } = wish
  const tell: typeof onChange = (key, now, before) => {
    if (onStorable !== undefined && !isPassing && !sameStored(now, before)) onStorable(kept)
    onChange(key, now, before)
  }
  const follower = follow(api, resource, { clock, random, log, ...rest, onChange: tell })
  // A follower of `T` takes only objects of `T`; those of the file are of its kind, which is looked at on reading.
  const kept = { what: resource.plural, kind: resource.kind, follower: follower as unknown as Follower<KubeObject> }
  followers.push({ ...kept, isKept: !isPassing })
  return follower.objects
}

function followWorkloads(
  context: Context,
  listener: ClusterListener,
): Pick<Cluster, 'services' | 'endpointSlices' | 'nodes' | 'pods'> {
  const { namespace } = context.options
  const endpointSlices = grouped<EndpointSlice>(({ metadata }) => {
    const service = metadata.labels?.[ENDPOINT_SLICE_SERVICE_LABEL]
    return service === undefined ? undefined : `${metadata.namespace}/${service}`
  })
  following(context, ENDPOINT_SLICES, {
    project: trimEndpointSlice,
    onChange: (key, now, before) => {
      const services = endpointSlices.take(key, now)
      if (services.length === 1 && sameServingNodes(now, before)) return
      for (const service of services) listener.onEndpoints(service)
    },
  })
  return {
    endpointSlices,
    services: following(context, SERVICES, { project: trimService, onChange: listener.onService }),
    nodes: following(context, NODES, {
      project: trimNode,
      onChange: (name, now, before) => sameNode(now, before) || listener.onNode(name),
    }),
    pods: following(context, PODS, { scope: { namespace }, project: trimPod, onChange: listener.onPod }),
  }
}

function followConfig(context: Context, listener: ClusterListener): () => SpeakerObjects {
  const scope = { namespace: context.options.namespace }
  const kind = <T extends KubeObject>(resource: Resource<T>): ReadonlyMap<string, T> =>
    following(context, resource, {
      scope,
      onChange: (_key, now, before) => sameConfigObject(now, before) || listener.onConfigInput('own'),
    })
  const pools = kind(IP_ADDRESS_POOLS)
  const communities = kind(COMMUNITIES)
  const l2Advertisements = kind(L2_ADVERTISEMENTS)
  const bgpAdvertisements = kind(BGP_ADVERTISEMENTS)
  const bgpPeers = kind(BGP_PEERS)
  const bfdProfiles = kind(BFD_PROFILES)
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
  return () => ({
    pools: [...pools.values()],
    communities: [...communities.values()],
    namespaces: [...namespaces.values()],
    l2Advertisements: [...l2Advertisements.values()],
    bgpAdvertisements: [...bgpAdvertisements.values()],
    bgpPeers: [...bgpPeers.values()],
    bfdProfiles: [...bfdProfiles.values()],
    secrets: [...secrets.values()],
  })
}

function followStatuses(
  context: Context,
  listener: ClusterListener,
): Pick<Cluster, 'serviceStatuses' | 'announcersOf' | 'ownState' | 'notices'> {
  const { namespace } = context.options
  const serviceStatuses = grouped<ServiceL2Status>((object) => {
    const read = readServiceL2Status(object)
    return read.ok ? `${read.value.serviceNamespace}/${read.value.serviceName}` : undefined
  })
  following(context, SERVICE_L2_STATUSES, {
    scope: { namespace },
    project: trimStatus,
    onChange: (key, now) => {
      for (const service of serviceStatuses.take(key, now)) listener.onServiceStatus(service)
    },
  })
  const notices = following<ConfigurationState>(context, CONFIGURATION_STATES, {
    scope: { namespace, labelSelector: MISSING_INTERFACES },
    project: trimStatus,
    onChange: listener.onNotice,
  })
  return {
    serviceStatuses,
    announcersOf: (key) => serviceStatuses.of(key).flatMap((object) => claimant(object) ?? []),
    notices,
    ownState: followOwnState(context, listener),
  }
}

function followOwnState(context: Context, listener: ClusterListener): Cluster['ownState'] {
  const { namespace, stateName } = context.options
  const own = following<ConfigurationState>(context, CONFIGURATION_STATES, {
    scope: { namespace, fieldSelector: `metadata.name=${stateName}` },
    isPassing: true,
    project: trimStatus,
    onChange: listener.onOwnState,
  })
  return () => own.get(`${namespace}/${stateName}`)
}
