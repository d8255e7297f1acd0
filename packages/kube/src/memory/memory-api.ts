import type { KubeObject } from '@steelyard/model'
import { type Clock, systemClock, type TimeOfDay } from '@steelyard/runtime'
import type { Api, CallName, CallOptions, Verb } from '../api.ts'
import { keyOf, type ObjectRef } from '../objects.ts'
import type { Resource } from '../resources.ts'
import {
  type AccessRules,
  type ClusterState,
  erase,
  newClusterState,
  sortedObjects,
  store,
  tableOf,
} from './cluster.ts'
import { type Faults, faultsOf, type FaultState, newFaults, throughFaults } from './faults.ts'
import {
  createObject,
  deleteObject,
  find,
  listPage,
  patchObject,
  refOfDraft,
  replaceObject,
  type Request,
} from './requests.ts'
import { answerReview } from './reviews.ts'
import { runWatch } from './watch.ts'

/** The cluster behind memory clients, and what a test does to it behind their backs. */
export type MemoryCluster = {
  readonly state: ClusterState
  /** Stores an object as it is, status included, as a kubelet or another controller would have it. */
  readonly put: <T extends KubeObject>(resource: Resource<T>, object: T) => T
  readonly remove: (resource: Resource, ref: ObjectRef) => void
  readonly read: <T extends KubeObject>(resource: Resource<T>, ref: ObjectRef) => T | undefined
  readonly readAll: <T extends KubeObject>(resource: Resource<T>) => readonly T[]
  /** What TokenReviews and SubjectAccessReviews are answered by. */
  readonly access: AccessRules
  /** Compaction: watches and pages from before now are refused with 410. */
  readonly expireVersions: () => void
}

export type MemoryApi = Api & {
  readonly cluster: MemoryCluster
  readonly faults: Faults
  /** Every call this client made, in order; a test may empty it. */
  readonly calls: CallName[]
  /** The calls that change something: what must be none at rest. */
  readonly writes: () => readonly CallName[]
}

export type MemoryApiOptions = {
  /** Shared by clients of one cluster; each has its own faults. */
  readonly cluster?: MemoryCluster
  readonly clock?: Clock
  /** How long a call hangs in a partition. */
  readonly requestTimeoutMs?: number
}

/** An API server in memory, for tests. `timeOfDay` gives creation times. */
export function memoryCluster(timeOfDay: TimeOfDay = () => new Date(0)): MemoryCluster {
  const state = newClusterState(timeOfDay)
  return {
    state,
    access: state.access,
    put: <T extends KubeObject>(resource: Resource<T>, object: T) => store(state, resource, object) as T,
    remove: (resource, ref) => erase(state, resource, keyOf({ metadata: ref })),
    read: <T extends KubeObject>(resource: Resource<T>, ref: ObjectRef) =>
      tableOf(state, resource).get(keyOf({ metadata: ref })) as T | undefined,
    readAll: <T extends KubeObject>(resource: Resource<T>) => sortedObjects(state, resource) as readonly T[],
    expireVersions: () => {
      state.version++
      state.oldest = state.version
    },
  }
}

type Client = { readonly state: ClusterState; readonly faults: FaultState; readonly calls: CallName[] }

/**
 * A client of a memory cluster that keeps the contract of `Api`. Not modelled, on purpose: schemas and
 * defaults, admission, namespaces that must exist, finalizers, garbage collection, authorization.
 */
export function memoryApi(options: MemoryApiOptions = {}): MemoryApi {
  const { cluster = memoryCluster(), clock = systemClock, requestTimeoutMs = 10_000 } = options
  const faults = newFaults(clock, requestTimeoutMs)
  const client: Client = { state: cluster.state, faults, calls: [] }
  return {
    cluster,
    faults: faultsOf(faults),
    calls: client.calls,
    writes: () => client.calls.filter(({ verb }) => WRITES.has(verb)),
    ...readsOf(client),
    ...writesOf(client),
  }
}

const WRITES: ReadonlySet<Verb> = new Set<Verb>(['create', 'update', 'patch', 'delete'])

function readsOf(client: Client): Pick<Api, 'list' | 'watch' | 'get'> {
  return {
    list: (resource, options = {}) =>
      call(client, { verb: 'list', resource, ref: namespaceOf(options) }, (request) => listPage(request, options)),
    watch: (resource, options) =>
      call(client, { verb: 'watch', resource, ref: namespaceOf(options) }, (request) =>
        runWatch(request, options as Parameters<typeof runWatch>[1], client.faults),
      ),
    get: (resource, ref, options) => call(client, { verb: 'get', resource, ref, ...options }, find),
  }
}

function writesOf(client: Client): Omit<Api, 'list' | 'watch' | 'get'> {
  return {
    create: (resource, draft, options) =>
      call(
        client,
        { verb: 'create', resource, ref: refOfDraft(draft), ...options },
        (request) => answerReview(request, draft) ?? createObject(request, draft as unknown as KubeObject),
      ),
    update: (resource, object, options) =>
      call(client, { verb: 'update', resource, ref: object.metadata, ...options }, (request) =>
        replaceObject(request, object),
      ),
    updateStatus: (resource, object, options) =>
      call(client, { verb: 'update', resource, ref: object.metadata, subresource: 'status', ...options }, (request) =>
        replaceObject(request, object),
      ),
    patch: (resource, ref, patch, options) => {
      const { subresource } = patch
      const name = {
        verb: 'patch' as const,
        resource,
        ref,
        ...(subresource === undefined ? {} : { subresource }),
        ...options,
      }
      return call(client, name, (request) => patchObject(request, patch))
    },
    delete: (resource, ref, options = {}) =>
      call(client, { verb: 'delete', resource, ref, ...options }, (request) => deleteObject(request, options)),
  }
}

function namespaceOf({ namespace }: { readonly namespace?: string }): { namespace?: string } {
  return namespace === undefined ? {} : { namespace }
}

/** The objects are what was stored under this resource, so they have its type: `Result` is a matter of trust here. */
async function call<Result>(
  client: Client,
  name: CallName & CallOptions,
  work: (request: Request) => unknown,
): Promise<Result> {
  client.calls.push(name)
  return (await throughFaults(client.faults, name, () => work({ state: client.state, ref: {}, ...name }))) as Result
}
