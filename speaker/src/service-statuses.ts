import { type Api, isNotFound, mergePatch, refOf, type Resource } from '@steelyard/kube'
import type { ObjectMeta, OwnerReference } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Clock, type KeyedQueue, keyedQueue, type Random } from '@steelyard/runtime'
import {
  statusDraft,
  type StatusDetail,
  type StatusForm,
  type StatusObject,
  type StatusWrite,
  statusWrites,
} from './decide/service-status.ts'
import { type FailureLog, failureLog } from './quiet-failures.ts'

/** Services written at the same time; one Service takes two or three calls, one after the other. */
const CONCURRENCY = 8
const BACKOFF = { firstMs: 200, maxMs: 30_000 }
/** How long what we wrote may take to come back by the watch. */
const ECHO_MS = 2000
/**
 * Where another keeps removing our object (each half of a split network shows itself as the owner), it comes back
 * after this time at first, then after twice that, and so on up to the longest.
 */
const AGAIN_MS = { first: 1000, longest: 60_000 }
/**
 * How long the object of another living node is left alone. At a change of owner the new one often writes
 * before the old one has heard of it: what the old one would remove is the truth.
 */
const FOREIGN_MS = 1000

/** Keeps the status objects of what this node announces by one protocol. */
export type ServiceStatuses<Announced> = {
  /** All that is announced from now on, and the Services whose objects may have to change for it. */
  readonly want: (announced: ReadonlyMap<string, Announced>, changed: Iterable<string>) => void
  /** The objects of a Service changed: what waits to see its own writes may go on. */
  readonly onObject: (serviceKey: string) => void
  /** Looks whether the objects of a Service are still as they should be. */
  readonly recheck: (serviceKey: string) => void
  readonly stop: () => Promise<void>
}

export type ServiceStatusesPorts<Announced> = {
  readonly resource: Resource<StatusObject>
  readonly form: StatusForm<Announced>
  readonly api: Api
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly node: string
  readonly namespace: string
  /** All objects about a Service, as far as we know. */
  readonly objectsOf: (serviceKey: string) => readonly StatusObject[]
  readonly owner: () => OwnerReference | undefined
  /** Whether a node has a live speaker. */
  readonly isAlive: (node: string) => boolean
}

type Writer = Omit<ServiceStatusesPorts<never>, 'form'> & {
  readonly form: Omit<StatusForm<never>, 'detailOf'>
  /** Of what is announced, by Service key. Undefined until it is known: nothing is written, above all nothing removed, before that. */
  details: ((serviceKey: string) => StatusDetail | undefined) | undefined
  readonly failures: FailureLog
  readonly recheck: (serviceKey: string) => void
  /** By Service key, whoever waits to see its objects change. */
  readonly echoes: Map<string, () => void>
  /** By Service key and object name, since when another node's object has been in the way. */
  readonly foreign: Map<string, ReadonlyMap<string, number>>
  /** By Service key, when its object was made last, and how long it is not made again after that. */
  readonly made: Map<string, { readonly at: number; readonly restMs: number }>
  /** By Service key, the own objects as they were seen last, by name. */
  readonly seen: Map<string, ReadonlyMap<string, StatusObject>>
}

export function serviceStatuses<Announced>(ports: ServiceStatusesPorts<Announced>): ServiceStatuses<Announced> {
  const failures = failureLog(`write ${ports.form.kind} objects`, ports.log)
  const recheck = (key: string): void => queue.add(key)
  const writer: Writer = {
    ...ports,
    failures,
    recheck,
    echoes: new Map(),
    foreign: new Map(),
    made: new Map(),
    seen: new Map(),
    details: undefined,
  }
  const queue: KeyedQueue<string> = keyedQueue({
    handle: (key) => converge(writer, key),
    onFailure: (_key, error) => failures.failed(error),
    concurrency: CONCURRENCY,
    backoff: BACKOFF,
    clock: ports.clock,
    random: ports.random,
  })
  return {
    want: (announced, changed) => {
      writer.details = (key) => {
        const one = announced.get(key)
        return one === undefined ? undefined : ports.form.detailOf(one)
      }
      for (const key of changed) queue.add(key)
    },
    onObject: (serviceKey) => writer.echoes.get(serviceKey)?.(),
    recheck,
    stop: () => queue.stop(),
  }
}

async function converge(writer: Writer, key: string): Promise<void> {
  const { node, details, objectsOf, owner, form } = writer
  if (details === undefined) return
  await removeHidden(writer, key)
  const { namespace = '', name } = refOf(key)
  const detail = details(key)
  const writes = statusWrites({ node, namespace, name, detail, owner: owner() }, objectsOf(key), form.owners)
  if (detail === undefined) writer.made.delete(key)
  const due = withoutFreshClaims(writer, key, writes)
  if (due.some(({ kind }) => kind === 'create') && mustRest(writer, key)) return
  for (const write of due) await perform(writer, key, write)
  if (due.length > 0) writer.failures.worked()
}

/**
 * Where only the own objects are followed, by their label, one whose label was edited is not seen any more, and would
 * stay beside the one that takes its place. Whether it was that or a deletion, only the API server can tell.
 */
async function removeHidden(writer: Writer, key: string): Promise<void> {
  const { form, objectsOf, seen } = writer
  if (form.owners === 'one') return
  const now = new Map(objectsOf(key).map((object) => [object.metadata.name, object]))
  const hidden = [...(seen.get(key) ?? [])].filter(([name]) => !now.has(name))
  for (const [name, { metadata }] of hidden) await remove(writer, key, { kind: 'delete', name, uid: metadata.uid })
  if (now.size === 0) seen.delete(key)
  else seen.set(key, now)
}

/** Leaves out what another node wrote only just now, and sees to it that it is looked at again. */
function withoutFreshClaims(writer: Writer, key: string, writes: readonly StatusWrite[]): readonly StatusWrite[] {
  const { clock, foreign, recheck } = writer
  const known = foreign.get(key)
  const now = clock.now()
  const since = new Map(living(writer, writes).map((name) => [name, known?.get(name) ?? now]))
  if (since.size === 0) foreign.delete(key)
  else foreign.set(key, since)
  if ([...since.values()].includes(now)) clock.wakeAt(now + FOREIGN_MS, () => recheck(key))
  return writes.filter((write) => write.kind !== 'delete' || now - (since.get(write.name) ?? -Infinity) >= FOREIGN_MS)
}

/** Whether it is too early to make the object of a Service again; it is looked at again in time. */
function mustRest({ clock, made, recheck }: Writer, key: string): boolean {
  const before = made.get(key)
  const now = clock.now()
  if (before !== undefined && now - before.at < before.restMs) {
    clock.wakeAt(before.at + before.restMs, () => recheck(key))
    return true
  }
  const isQuarrel = before !== undefined && now - before.at < 2 * before.restMs + AGAIN_MS.longest
  const restMs = isQuarrel ? Math.min(AGAIN_MS.longest, 2 * before.restMs) : AGAIN_MS.first
  made.set(key, { at: now, restMs })
  return false
}

/** The names of the objects to be removed that are claims of other living nodes. */
function living({ isAlive }: Writer, writes: readonly StatusWrite[]): string[] {
  return writes.flatMap((write) =>
    write.kind === 'delete' && write.claimant !== undefined && isAlive(write.claimant) ? [write.name] : [],
  )
}

async function perform(writer: Writer, key: string, write: StatusWrite): Promise<void> {
  const { api, namespace, resource, form } = writer
  switch (write.kind) {
    case 'create': {
      const { metadata } = await api.create(resource, statusDraft(form, namespace, write))
      return writeStatus(writer, key, { name: metadata.name, status: write.status })
    }
    case 'metadata': {
      const ref = { namespace, name: write.name }
      const { metadata } = await mergePatch(api, { resource, ref, body: { metadata: write.metadata } })
      return echo(writer, key, isAt(metadata))
    }
    case 'status':
      return writeStatus(writer, key, write)
    case 'delete':
      return remove(writer, key, write)
  }
}

type PlainStatusWrite = Pick<Extract<StatusWrite, { kind: 'status' }>, 'name' | 'status'>

/** The object may just have been created: even when its status cannot be written, it must be seen before the next try. */
async function writeStatus(writer: Writer, key: string, { name, status }: PlainStatusWrite): Promise<void> {
  const ref = { namespace: writer.namespace, name }
  const write = { resource: writer.resource, ref, body: { status }, subresource: 'status' } as const
  try {
    const { metadata } = await mergePatch(writer.api, write)
    await echo(writer, key, isAt(metadata))
  } catch (error) {
    if (!isNotFound(error)) await echo(writer, key, (objects) => objects.some(({ metadata }) => metadata.name === name))
    throw error
  }
}

async function remove(
  writer: Writer,
  key: string,
  { name, uid }: Extract<StatusWrite, { kind: 'delete' }>,
): Promise<void> {
  try {
    const ref = { namespace: writer.namespace, name }
    await writer.api.delete(writer.resource, ref, uid === undefined ? {} : { uid })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  await echo(writer, key, (objects) => objects.every(({ metadata }) => metadata.name !== name))
  const left = [...(writer.seen.get(key) ?? [])].filter(([seenName]) => seenName !== name)
  if (left.length === 0) writer.seen.delete(key)
  else writer.seen.set(key, new Map(left))
}

function isAt({ name, resourceVersion }: ObjectMeta): (objects: readonly StatusObject[]) => boolean {
  return (objects) =>
    objects.some(({ metadata }) => metadata.name === name && metadata.resourceVersion === resourceVersion)
}

/**
 * Waits until what was written has come back by the watch. A second look at this Service before that would see
 * the state of before, and write it all again: objects created twice, above all.
 */
function echo(writer: Writer, key: string, isSeen: (objects: readonly StatusObject[]) => boolean): Promise<void> {
  const { clock, echoes, objectsOf } = writer
  if (isSeen(objectsOf(key))) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      echoes.delete(key)
      resolve()
    }
    const cancel = clock.wakeAt(clock.now() + ECHO_MS, done)
    echoes.set(key, () => {
      if (isSeen(objectsOf(key))) done()
    })
  })
}
