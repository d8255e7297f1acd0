import type { KubeObject } from '@steelyard/model'
import type { TimeOfDay } from '@steelyard/runtime'
import { isDeepStrictEqual } from 'node:util'
import { fromJson, toJson } from '../json.ts'
import { keyOf } from '../objects.ts'
import { apiVersionOf, type Resource } from '../resources.ts'

/** One write, as watches see it; `before` tells a watch with a selector what left its view. */
export type Change = {
  readonly version: number
  readonly table: string
  readonly before: KubeObject | undefined
  readonly now: KubeObject | undefined
}

/** Who there is, and who may read what beside objects: what reviews are answered by. */
export type AccessRules = {
  /** By bearer token. */
  readonly users: Map<string, { readonly username: string; readonly groups: readonly string[] }>
  /** `user verb path`. */
  readonly grants: Set<string>
}

/** The state of an API server in memory, shared by its clients. */
export type ClusterState = {
  readonly timeOfDay: TimeOfDay
  readonly tables: Map<string, Map<string, KubeObject>>
  readonly changes: Change[]
  /** What each field manager applied, by object and subresource. */
  readonly applied: Map<string, unknown>
  readonly listeners: Set<(change: Change) => void>
  readonly access: AccessRules
  version: number
  /** Watches and pages from before this version are refused as expired. */
  oldest: number
  names: number
}

/** More than any test looks back; the rest is forgotten, as a real server compacts. */
const CHANGES_KEPT = 20_000

export function newClusterState(timeOfDay: TimeOfDay): ClusterState {
  const access = { users: new Map(), grants: new Set() }
  const empty = { tables: new Map(), changes: [], applied: new Map(), listeners: new Set(), access }
  return { timeOfDay, ...empty, version: 1, oldest: 0, names: 0 } as ClusterState
}

export function tableName(resource: Resource): string {
  return `${resource.group}/${resource.plural}`
}

export function tableOf(state: ClusterState, resource: Resource): Map<string, KubeObject> {
  const name = tableName(resource)
  const table = state.tables.get(name) ?? new Map<string, KubeObject>()
  state.tables.set(name, table)
  return table
}

/** Objects in the order a real server lists them: by namespace, then name. */
export function sortedObjects(state: ClusterState, resource: Resource): readonly KubeObject[] {
  return [...tableOf(state, resource).values()].toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
}

/** Where an object stands in a list; sortable as text. */
export function placeOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** Stores an object under the next resource version and tells the watches; an unchanged one is left as it is. */
export function store(state: ClusterState, resource: Resource, object: KubeObject): KubeObject {
  const table = tableOf(state, resource)
  const key = keyOf(object)
  const before = table.get(key)
  const clean = fromJson(toJson(object)) as KubeObject
  if (before !== undefined && isDeepStrictEqual(withVersion(clean, '0'), withVersion(before, '0'))) return before
  const now = frozen(
    withVersion({ ...clean, apiVersion: apiVersionOf(resource), kind: resource.kind }, nextVersion(state)),
  )
  table.set(key, now)
  record(state, resource, before, now)
  return now
}

/** Takes an object away; watches see it with the version of its deletion. */
export function erase(state: ClusterState, resource: Resource, key: string): void {
  const before = tableOf(state, resource).get(key)
  if (before === undefined) return
  tableOf(state, resource).delete(key)
  record(state, resource, frozen(withVersion(before, nextVersion(state))), undefined)
}

function record(
  state: ClusterState,
  resource: Resource,
  before: KubeObject | undefined,
  now: KubeObject | undefined,
): void {
  const change = { version: state.version, table: tableName(resource), before, now }
  state.changes.push(change)
  if (state.changes.length > CHANGES_KEPT) state.oldest = state.changes.shift()?.version ?? state.oldest
  for (const listener of state.listeners) listener(change)
}

function nextVersion(state: ClusterState): string {
  state.version++
  return String(state.version)
}

function withVersion(object: KubeObject, resourceVersion: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion } }
}

/** Nobody may change what others hold; a test that tries learns of it at once. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
