import {
  COMMUNITIES,
  type ConfigObject,
  CONFIGURATION_STATES,
  type ConfigurationState,
  follow,
  type Follower,
  type FollowOptions,
  IP_ADDRESS_POOLS,
  NAMESPACES,
  type PoolObject,
  type Resource,
  type Scope,
  SERVICES,
} from '@steelyard/kube'
import type { ControllerObjects, KubeObject, Namespace, Service } from '@steelyard/model'
import { isOfInterest } from './allocation.ts'
import { concernsConfig, concernsNamespaces } from './config-pass.ts'
import type { World } from './world.ts'
import { STATE_NAME } from './configuration-state.ts'

/** What the controller follows of the cluster, as it is at this moment. */
export type Cluster = {
  readonly services: Follower<Service>
  readonly pools: Follower<PoolObject>
  readonly communities: Follower<ConfigObject>
  readonly namespaces: Follower<Namespace>
  readonly states: Follower<ConfigurationState>
}

/** What of it must be answered. */
export type ClusterListener = {
  readonly onService: (now: Service | undefined, before: Service | undefined) => void
  /** Another configuration may be meant. */
  readonly onConfig: (trigger: 'configuration' | 'namespaces') => void
  /** The pool of this name may show other counters than it should. */
  readonly onPoolStatus: (pool: string) => void
  readonly onState: () => void
}

type Following = {
  readonly world: World
  readonly listener: ClusterListener
  /** Only objects in the product's own namespace count. */
  readonly scope: Scope & { readonly namespace: string }
}

export function followCluster(world: World, namespace: string, listener: ClusterListener): Cluster {
  const following: Following = { world, listener, scope: { namespace } }
  return {
    services: start(following, SERVICES, {
      project: trimService,
      onChange: (_, now, before) => listener.onService(now, before),
    }),
    communities: followCommunities(following),
    pools: followPools(following),
    namespaces: followNamespaces(following),
    states: start(following, CONFIGURATION_STATES, {
      scope: { namespace, fieldSelector: `metadata.name=${STATE_NAME}` },
      onChange: () => listener.onState(),
    }),
  }
}

function start<T extends KubeObject>(
  { world }: Following,
  resource: Resource<T>,
  options: Pick<FollowOptions<T>, 'scope' | 'onChange' | 'project'>,
): Follower<T> {
  const { api, clock, random, log } = world
  return follow(api, resource, { clock, random, log: log.from('follow'), ...options })
}

function followPools(following: Following): Follower<PoolObject> {
  const { listener, scope } = following
  return start(following, IP_ADDRESS_POOLS, {
    scope,
    onChange: (_, now, before) => {
      if (concernsConfig(now, before)) listener.onConfig('configuration')
      if (now !== undefined) listener.onPoolStatus(now.metadata.name)
    },
  })
}

function followCommunities(following: Following): Follower<ConfigObject> {
  const { listener, scope } = following
  return start(following, COMMUNITIES, {
    scope,
    onChange: (_, now, before) => {
      if (concernsConfig(now, before)) listener.onConfig('configuration')
    },
  })
}

function followNamespaces(following: Following): Follower<Namespace> {
  return start(following, NAMESPACES, {
    project: nameAndLabels,
    onChange: (_, now, before) => {
      if (concernsNamespaces(now, before)) following.listener.onConfig('namespaces')
    },
  })
}

/**
 * Ours are kept whole, since they are written back whole; but for `managedFields`, which the server keeps when a write
 * leaves them out. Of all others nothing is needed but that they are there.
 */
function trimService(service: Service): Service {
  const { managedFields: _, ...metadata } = service.metadata as Service['metadata'] & {
    readonly managedFields?: unknown
  }
  if (isOfInterest(service)) return { ...service, metadata }
  const { annotations: _a, labels: _l, ...identity } = metadata
  return { apiVersion: service.apiVersion, kind: service.kind, metadata: identity }
}

function nameAndLabels({ apiVersion, kind, metadata }: Namespace): Namespace {
  const { name, uid, resourceVersion, labels } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, ...(uid && { uid }), ...(resourceVersion && { resourceVersion }), ...(labels && { labels }) },
  }
}

/** Whether everything was listed once; what is still missing otherwise, in words. */
export function missingFrom(cluster: Cluster): string | undefined {
  const missing = Object.entries(cluster)
    .filter(([, follower]) => !follower.isSynced())
    .map(([name]) => name)
  return missing.length === 0 ? undefined : `waiting for the first list of ${missing.join(', ')}`
}

export async function syncedOnce(cluster: Cluster): Promise<void> {
  await Promise.all(Object.values(cluster).map(({ synced }) => synced))
}

export async function stopFollowing(cluster: Cluster): Promise<void> {
  await Promise.all(Object.values(cluster).map(({ stop }) => stop()))
}

/** The objects that make up the configuration; those of other namespaces are not followed, and do not count. */
export function configObjects({ pools, communities, namespaces }: Cluster): ControllerObjects {
  return {
    pools: [...pools.objects.values()],
    communities: [...communities.objects.values()],
    namespaces: [...namespaces.objects.values()],
  }
}
