import {
  type Api,
  CONFIGURATION_STATES,
  type ConfigurationState,
  ENDPOINT_SLICES,
  type Follower,
  type Log,
  NODES,
  PODS,
  SERVICE_BGP_STATUSES,
  SERVICE_L2_STATUSES,
  type ServiceBgpStatus,
  type ServiceL2Status,
  SERVICES,
} from '@steelyard/kube'
import {
  ENDPOINT_SLICE_SERVICE_LABEL,
  type EndpointSlice,
  type KubeObject,
  type Node,
  type Pod,
  LABELS,
  readServiceBgpStatus,
  readServiceL2Status,
  type Service,
  type SpeakerObjects,
} from '@steelyard/model'
import { type Clock, type Random, sleep } from '@steelyard/runtime'
import { followConfig } from './cluster-config.ts'
import { type Context, following } from './cluster-context.ts'
import {
  sameNode,
  sameServingNodes,
  trimEndpointSlice,
  trimNode,
  trimPod,
  trimService,
  trimStatus,
} from './decide/cluster-objects.ts'
import { stateNameOf } from './decide/configuration-state.ts'
import { labelValue } from './decide/label-value.ts'
import { claimant } from './decide/service-status.ts'
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
  /** A ServiceBGPStatus of the own node about a Service. */
  readonly onBgpStatus: (serviceKey: string) => void
  readonly onOwnState: () => void
  readonly onNotice: () => void
}

export type ClusterOptions = {
  readonly namespace: string
  /** The own one. */
  readonly node: string
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
  /** Those of the own node, by Service key. */
  readonly bgpStatuses: Grouped<ServiceBgpStatus>
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
    unsynced: () => followers.filter((one) => !one.isOptional && !one.follower.isSynced()).map(({ what }) => what),
    synced: synced(context),
    stop: async () => {
      await Promise.all(followers.map(({ follower }) => follower.stop()))
    },
  }
}

/** How long a kind that the cluster may lack is waited for. */
const PATIENCE_MS = 2000

function synced({ followers, options }: Context): Promise<unknown> {
  const patience = sleep(options.clock, PATIENCE_MS)
  const waits = followers.map(({ follower, isOptional }) =>
    isOptional ? Promise.race([follower.synced, patience]) : follower.synced,
  )
  return Promise.all(waits)
}

function followWorkloads(
  context: Context,
  listener: ClusterListener,
): Pick<Cluster, 'services' | 'endpointSlices' | 'nodes' | 'pods'> {
  const { namespace, node } = context.options
  const endpointSlices = grouped<EndpointSlice>(({ metadata }) => {
    const service = metadata.labels?.[ENDPOINT_SLICE_SERVICE_LABEL]
    return service === undefined ? undefined : `${metadata.namespace}/${service}`
  })
  following(context, ENDPOINT_SLICES, {
    project: (slice) => trimEndpointSlice(slice, node),
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

function followStatuses(
  context: Context,
  listener: ClusterListener,
): Pick<Cluster, 'serviceStatuses' | 'bgpStatuses' | 'announcersOf' | 'ownState' | 'notices'> {
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
    bgpStatuses: followBgpStatuses(context, listener),
    announcersOf: (key) => serviceStatuses.of(key).flatMap((object) => claimant(object) ?? []),
    notices,
    ownState: followOwnState(context, listener),
  }
}

/** There may be one for each Service and node, so only the own ones are followed. */
function followBgpStatuses(context: Context, listener: ClusterListener): Grouped<ServiceBgpStatus> {
  const { namespace, node } = context.options
  const statuses = grouped<ServiceBgpStatus>((object) => {
    const read = readServiceBgpStatus(object)
    return read.ok ? `${read.value.serviceNamespace}/${read.value.serviceName}` : undefined
  })
  following(context, SERVICE_BGP_STATUSES, {
    scope: { namespace, labelSelector: `${LABELS.node}=${labelValue(node)}` },
    isPassing: true,
    project: trimStatus,
    onChange: (key, now) => {
      for (const service of statuses.take(key, now)) listener.onBgpStatus(service)
    },
  })
  return statuses
}

function followOwnState(context: Context, listener: ClusterListener): Cluster['ownState'] {
  const { namespace, node } = context.options
  const stateName = stateNameOf(node)
  const own = following<ConfigurationState>(context, CONFIGURATION_STATES, {
    scope: { namespace, fieldSelector: `metadata.name=${stateName}` },
    isPassing: true,
    project: trimStatus,
    onChange: listener.onOwnState,
  })
  return () => own.get(`${namespace}/${stateName}`)
}
