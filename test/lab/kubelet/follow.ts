import { setTimeout as pause } from 'node:timers/promises'
import type { KubeObject } from '@steelyard/model'
import type { LabApi, LabWatchEvent } from '../api.ts'
import { uidOf } from './pod.ts'

export type Followed<T> = {
  /** By uid, as last heard. */
  readonly objects: ReadonlyMap<string, T>
  readonly stop: () => Promise<void>
}

const RETRY_MS = 200

/** Keeps a map of all objects at `path`, through every outage. `onChange` is told the uid of what changed, came or went. */
export function follow<T extends KubeObject>(api: LabApi, path: string, onChange: (uid: string) => void): Followed<T> {
  const objects = new Map<string, T>()
  const stopping = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // An outage of the API is an ordinary event here: list again until it is over.
      await listAndWatch({ api, path, objects, onChange, signal: stopping.signal }).catch(() => {})
      await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const ended = loop()
  return {
    objects,
    stop: async () => {
      stopping.abort()
      await ended
    },
  }
}

type Following<T> = {
  readonly api: LabApi
  readonly path: string
  readonly objects: Map<string, T>
  readonly onChange: (uid: string) => void
  readonly signal: AbortSignal
}

async function listAndWatch<T extends KubeObject>({
  api,
  path,
  objects,
  onChange,
  signal,
}: Following<T>): Promise<void> {
  const { items, metadata } = await api.list<T>(path)
  const present = new Set(items.map(uidOf))
  for (const uid of objects.keys()) {
    if (present.has(uid)) continue
    objects.delete(uid)
    onChange(uid)
  }
  for (const item of items) {
    objects.set(uidOf(item), item)
    onChange(uidOf(item))
  }
  const apply = ({ type, object }: LabWatchEvent<T>): void => {
    const uid = uidOf(object)
    if (type === 'DELETED') objects.delete(uid)
    else if (type === 'ADDED' || type === 'MODIFIED') objects.set(uid, object)
    else return
    onChange(uid)
  }
  await api.watch<T>(`${path}?resourceVersion=${metadata.resourceVersion}`, apply, signal)
}
