import type { KubeObject } from '@steelyard/model'
import type { WatchEvent } from '../api.ts'
import { keyOf } from '../objects.ts'

export type Snapshot<T extends KubeObject> = {
  readonly objects: Map<string, T>
  readonly project: (object: T) => T
  readonly onChange: (key: string, now: T | undefined, before: T | undefined) => void
}

/** Puts one event of a watch into the snapshot; the answer is the version from which to go on. */
export function takeEvent<T extends KubeObject>(snapshot: Snapshot<T>, event: WatchEvent<T>): string {
  if (event.kind === 'bookmark') return event.resourceVersion
  const { object } = event
  if (event.kind === 'deleted') drop(snapshot, keyOf(object))
  else keep(snapshot, object)
  return object.metadata.resourceVersion ?? ''
}

/** An object as it is now. One that we have in this very version is no news. */
export function keep<T extends KubeObject>({ objects, project, onChange }: Snapshot<T>, object: T): string {
  const key = keyOf(object)
  const before = objects.get(key)
  if (before !== undefined && before.metadata.resourceVersion === object.metadata.resourceVersion) return key
  const now = project(object)
  objects.set(key, now)
  onChange(key, now, before)
  return key
}

export function drop<T extends KubeObject>({ objects, onChange }: Snapshot<T>, key: string): void {
  const before = objects.get(key)
  if (before === undefined) return
  objects.delete(key)
  onChange(key, undefined, before)
}

/**
 * Puts objects in that did not come from the server. They lose their version, so that whatever the server has is
 * news, even under the same version: a restored backup counts versions anew.
 */
export function seedSnapshot<T extends KubeObject>({ objects, onChange }: Snapshot<T>, seed: Iterable<T>): void {
  for (const object of seed) {
    const key = keyOf(object)
    if (objects.has(key)) continue
    const { resourceVersion: _, ...metadata } = object.metadata
    const now = { ...object, metadata }
    objects.set(key, now)
    onChange(key, now, undefined)
  }
}

/** Who set which field and when: often half of an object, and nothing we read. A PUT without it changes nothing. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { readonly managedFields?: unknown }
  return { ...object, metadata }
}
