import type { KubeObject, ObjectMeta } from '@steelyard/model'
import { isDeepStrictEqual } from 'node:util'
import { apiVersionOf, type Resource } from '../resources.ts'

/** What the server adds to a new object. */
export type Birth = { readonly name: string; readonly uid: string; readonly createdAt: Date }

/** A new object as the server stores it: identity set by the server, status left out where it is a subresource. */
export function admitNew(resource: Resource, draft: KubeObject, { name, uid, createdAt }: Birth): KubeObject {
  const creationTimestamp = `${createdAt.toISOString().slice(0, 19)}Z`
  const generation = countsGenerations(resource) ? { generation: 1 } : {}
  const metadata: ObjectMeta = { ...draft.metadata, name, uid, creationTimestamp, ...generation }
  const named = { ...draft, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata }
  return resource.status ? withStatus(named, undefined) : named
}

/** What a write of `next` over `old` leaves stored; `old` itself when nothing changes. */
export function admitChange(
  resource: Resource,
  old: KubeObject,
  next: KubeObject,
  subresource: 'status' | undefined,
): KubeObject {
  const metadata = keepIdentity(old.metadata, next.metadata)
  const result =
    subresource === 'status'
      ? withStatus({ ...old, metadata: isCustom(resource) ? old.metadata : metadata }, statusOf(next))
      : withStatus({ ...next, metadata }, statusOf(resource.status ? old : next))
  if (isDeepStrictEqual(result, old)) return old
  return countsGenerations(resource) && !sameSpec(old, result) ? nextGeneration(result) : result
}

/** The server's own kinds take metadata along in a status write, custom resources do not. */
function isCustom({ group }: Resource): boolean {
  return group.includes('.') && !group.endsWith('.k8s.io')
}

function countsGenerations(resource: Resource): boolean {
  return isCustom(resource) || resource.group === 'apps'
}

function sameSpec(old: KubeObject, next: KubeObject): boolean {
  return isDeepStrictEqual(specOf(old), specOf(next))
}

function specOf(object: KubeObject): unknown {
  return { ...object, metadata: undefined, status: undefined }
}

function nextGeneration(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, generation: (object.metadata.generation ?? 0) + 1 } }
}

const SET_BY_SERVER = ['name', 'namespace', 'uid', 'creationTimestamp', 'generation', 'resourceVersion'] as const

function keepIdentity(old: ObjectMeta, next: ObjectMeta): ObjectMeta {
  const kept = Object.fromEntries(SET_BY_SERVER.flatMap((name) => (old[name] === undefined ? [] : [[name, old[name]]])))
  return { ...next, ...kept }
}

function statusOf(object: KubeObject): unknown {
  return (object as { readonly status?: unknown }).status
}

function withStatus(object: KubeObject, status: unknown): KubeObject {
  const { status: _gone, ...rest } = object as KubeObject & { readonly status?: unknown }
  return status === undefined ? rest : ({ ...rest, status } as KubeObject)
}
