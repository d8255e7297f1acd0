import type { KubeObject, ObjectMeta } from '@steelyard/model'
import { ApiError, type Failure } from '../api-error.ts'
import { callName, type DeleteOptions, type ListOptions, type Page, type Patch, type Verb } from '../api.ts'
import { applyBody, keyOf, type ObjectRef } from '../objects.ts'
import { apiVersionOf, type Resource } from '../resources.ts'
import { admitChange, admitNew } from './admit.ts'
import { type ClusterState, erase, placeOf, sortedObjects, store, tableName, tableOf } from './cluster.ts'
import { applied, mergePatched } from './merge.ts'
import { inScope } from './selector.ts'

/** What a client asks of the cluster: where, and under which name errors speak of it. */
export type Request = {
  readonly state: ClusterState
  readonly verb: Verb
  readonly resource: Resource
  readonly ref: { readonly namespace?: string; readonly name?: string }
  readonly subresource?: 'status'
}

function refuse(request: Request, failure: Failure): ApiError {
  return new ApiError(callName(request), failure)
}

export function listPage(request: Request, options: ListOptions): Page<KubeObject> {
  const { state, resource } = request
  const from = options.continue === undefined ? { version: state.version, after: '' } : parseToken(options.continue)
  if (from.version < state.oldest) throw refuse(request, expired('The provided continue parameter is too old'))
  const all = sortedObjects(state, resource).filter(
    (object) => inScope(options, object) && placeOf(object) > from.after,
  )
  const items = options.limit === undefined ? all : all.slice(0, options.limit)
  const last = items.at(-1)
  const more = items.length < all.length && last !== undefined
  const token = more ? { continue: `${from.version}:${placeOf(last)}` } : {}
  return { items, resourceVersion: String(from.version), ...token }
}

function parseToken(token: string): { version: number; after: string } {
  const [version = '', after = ''] = token.split(/:(.*)/s)
  return { version: Number(version), after }
}

export function expired(message: string): Failure {
  return { status: 410, reason: 'Expired', message }
}

export function find(request: Request): KubeObject {
  const name = request.ref.name ?? ''
  const object = tableOf(request.state, request.resource).get(keyOf({ metadata: { ...request.ref, name } }))
  if (object !== undefined) return object
  throw refuse(request, { status: 404, reason: 'NotFound', message: `${request.resource.plural} "${name}" not found` })
}

export function createObject(request: Request, draft: KubeObject): KubeObject {
  const { state, resource } = request
  state.names++
  const serial = state.names.toString(36).padStart(5, '0')
  const named = draft.metadata as Partial<ObjectMeta>
  const name = named.name ?? `${named.generateName ?? ''}${serial}`
  const object = admitNew(resource, draft, {
    name,
    uid: `00000000-0000-4000-8000-0000000${serial}`,
    createdAt: state.timeOfDay(),
  })
  if (tableOf(state, resource).has(keyOf(object))) {
    throw refuse(request, {
      status: 409,
      reason: 'AlreadyExists',
      message: `${resource.plural} "${name}" already exists`,
    })
  }
  return store(state, resource, object)
}

export function replaceObject(request: Request, next: KubeObject): KubeObject {
  const old = find(request)
  const wanted = next.metadata.resourceVersion
  if (wanted !== undefined && wanted !== old.metadata.resourceVersion) throw refuse(request, changedMeanwhile(old))
  if (next.metadata.uid !== undefined && next.metadata.uid !== old.metadata.uid) throw refuse(request, otherUid(old))
  return store(request.state, request.resource, admitChange(request.resource, old, next, request.subresource))
}

function changedMeanwhile({ metadata }: KubeObject): Failure {
  const message = `Operation cannot be fulfilled on "${metadata.name}": the object has been modified`
  return { status: 409, reason: 'Conflict', message }
}

function otherUid({ metadata }: KubeObject): Failure {
  return {
    status: 409,
    reason: 'Conflict',
    message: `Precondition failed: UID of "${metadata.name}" is ${metadata.uid}`,
  }
}

export function patchObject(request: Request, patch: Patch): KubeObject {
  if (patch.kind === 'merge') return replaceObject(request, mergePatched(find(request), patch.body) as KubeObject)
  const { state, resource, ref, subresource } = request
  const wanted = applyBody(
    { apiVersion: apiVersionOf(resource), kind: resource.kind },
    { name: '', ...ref },
    patch.body,
  )
  const memory = [tableName(resource), ref.namespace, ref.name, subresource, patch.fieldManager].join('|')
  const former = state.applied.get(memory)
  const exists = tableOf(state, resource).has(keyOf({ metadata: { ...ref, name: ref.name ?? '' } }))
  if (!exists && subresource === undefined) return createObject(request, wanted as KubeObject)
  const result = replaceObject(request, applied(find(request), wanted, former) as KubeObject)
  state.applied.set(memory, wanted)
  return result
}

export function deleteObject(request: Request, { resourceVersion, uid }: DeleteOptions): void {
  const object = find(request)
  const { metadata } = object
  if ((uid ?? metadata.uid) !== metadata.uid) throw refuse(request, otherUid(object))
  if ((resourceVersion ?? metadata.resourceVersion) !== metadata.resourceVersion) {
    throw refuse(request, changedMeanwhile(object))
  }
  erase(request.state, request.resource, keyOf(object))
}

export function refOfDraft(draft: { readonly metadata: Partial<ObjectRef> }): Request['ref'] {
  const { namespace, name } = draft.metadata
  return { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) }
}
