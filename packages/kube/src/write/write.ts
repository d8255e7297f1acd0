import type { KubeObject } from '@steelyard/model'
import { isConflict } from '../api-error.ts'
import type { Api } from '../api.ts'
import type { ObjectRef } from '../objects.ts'
import type { Resource } from '../resources.ts'

export type Update<T extends KubeObject> = {
  readonly resource: Resource<T>
  readonly ref: ObjectRef
  /**
   * The object as it should be, or undefined to leave it alone. Called again with what the server has
   * after a conflict, so it must decide from its argument alone.
   */
  readonly change: (object: T) => T | undefined
  readonly subresource?: 'status'
  /** What we believe the object to be: saves the first read. A stale one costs a conflict, never a wrong write. */
  readonly known?: T
}

/** More conflicts in a row mean a quarrel with another writer, which only waiting settles: the caller's backoff. */
const MAX_CONFLICTS = 5

/**
 * Reads, changes and writes an object, again from the read on when somebody else was faster. The answer is
 * the object as stored. Rejects with ApiError, `Conflict` after five in a row.
 */
export async function updateWithRetry<T extends KubeObject>(api: Api, update: Update<T>): Promise<T> {
  const { resource, ref, change, subresource, known } = update
  let object = known ?? (await api.get(resource, ref))
  for (let conflicts = 0; ; conflicts++) {
    const wanted = change(object)
    if (wanted === undefined || wanted === object) return object
    try {
      return await (subresource === 'status' ? api.updateStatus(resource, wanted) : api.update(resource, wanted))
    } catch (error) {
      if (!isConflict(error) || conflicts >= MAX_CONFLICTS) throw error
    }
    object = await api.get(resource, ref)
  }
}

export type MergePatch<T extends KubeObject> = {
  readonly resource: Resource<T>
  readonly ref: ObjectRef
  /** RFC 7386: null removes. */
  readonly body: unknown
  readonly subresource?: 'status'
}

/** Writes single fields, whatever the rest of the object is by now. */
export function mergePatch<T extends KubeObject>(api: Api, patch: MergePatch<T>): Promise<T> {
  const { resource, ref, body, subresource } = patch
  return api.patch(resource, ref, { kind: 'merge', body, ...(subresource === undefined ? {} : { subresource }) })
}

export type StatusApply<T extends KubeObject> = {
  readonly resource: Resource<T>
  readonly ref: ObjectRef
  /** All of the status that this manager wants to own; what it owned and leaves out goes. */
  readonly status: unknown
  readonly fieldManager: string
}

/** Forced server-side apply on the status subresource: each manager owns its conditions, by type. */
export function applyStatus<T extends KubeObject>(api: Api, apply: StatusApply<T>): Promise<T> {
  const { resource, ref, status, fieldManager } = apply
  return api.patch(resource, ref, { kind: 'apply', body: { status }, subresource: 'status', fieldManager, force: true })
}
