import type { KubeObject } from '@steelyard/model'
import { type Backoff, backoffMs, type Clock, type Random, sleep } from '@steelyard/runtime'
import { ApiError, isExpired } from '../api-error.ts'
import type { Api, Scope } from '../api.ts'
import type { Log } from '../log.ts'
import type { Resource } from '../resources.ts'
import { listAll } from './list-all.ts'
import { seedSnapshot, type Snapshot, takeEvent, withoutManagedFields } from './snapshot.ts'

export type FollowOptions<T extends KubeObject> = {
  readonly scope?: Scope
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /**
   * Told of every difference, in order, after `objects` has it: `now` is undefined for what is gone,
   * `before` for what is new. Called synchronously; must not throw: a throw ends the process.
   */
  readonly onChange?: (key: string, now: T | undefined, before: T | undefined) => void
  /** Trims an object before it is kept; must keep `metadata.resourceVersion`. Drops `managedFields` when left out. */
  readonly project?: (object: T) => T
  readonly backoff?: Backoff
  readonly limits?: Partial<FollowLimits>
}

export type FollowLimits = {
  /** Objects asked for at a time. */
  readonly pageSize: number
  /** A watch that says nothing for this long, not even a bookmark (the server sends one a minute or so), is given up. */
  readonly idleMs: number
  /** How long a watch is asked to last: a random time from the first to twice it. */
  readonly watchSeconds: number
}

/** A copy of some objects of the cluster, kept fresh. */
export type Follower<T extends KubeObject> = {
  /** By `namespace/name`, or `name`. Changes only between two awaits of the reader. */
  readonly objects: ReadonlyMap<string, T>
  /** Resolves after the first full list; stays pending when stopped before. */
  readonly synced: Promise<void>
  readonly isSynced: () => boolean
  /**
   * Objects known from elsewhere, trimmed already, that stand until the first full list: told as new now, and with
   * the list as changed or gone. One that the server has told of stays the server's; after the list nothing is taken.
   */
  readonly seed: (objects: Iterable<T>) => void
  /** When the server last said anything, by the clock given; `-Infinity` before it did. */
  readonly lastHeardAt: () => number
  /** Ends the watch; no change is told after it resolved. */
  readonly stop: () => Promise<void>
}

type FollowState<T extends KubeObject> = {
  readonly api: Api
  readonly resource: Resource<T>
  readonly options: FollowOptions<T>
  readonly limits: FollowLimits
  readonly snapshot: Snapshot<T>
  readonly synced: PromiseWithResolvers<void>
  readonly stopping: AbortController
  /** Where the next watch goes on; undefined when a list is needed. */
  version: string | undefined
  isSynced: boolean
  heardAt: number
  listedAt: number
  /** Failures in a row, without a word from a watch in between. */
  failures: number
}

const LIMITS: FollowLimits = { pageSize: 500, idleMs: 180_000, watchSeconds: 300 }
const BACKOFF: Backoff = { firstMs: 200, maxMs: 10_000 }
/** A watch that ends in order sooner than this, having said nothing, counts as failed: some proxies do that for ever. */
const SHORTEST_WATCH_MS = 1000

/**
 * Follows a resource by list and watch: a paged list, then a watch from its version, resumed from the
 * last version seen (bookmarks included) whenever it ends, and a new list only when the server no longer
 * knows that version. It never gives up; what fails is tried again with backoff and jitter, or when the
 * server's Retry-After says.
 */
export function follow<T extends KubeObject>(api: Api, resource: Resource<T>, options: FollowOptions<T>): Follower<T> {
  const { project = withoutManagedFields, onChange = () => {} } = options
  const state: FollowState<T> = {
    api,
    resource,
    options,
    limits: { ...LIMITS, ...options.limits },
    snapshot: { objects: new Map(), project, onChange },
    synced: Promise.withResolvers(),
    stopping: new AbortController(),
    version: undefined,
    isSynced: false,
    heardAt: -Infinity,
    listedAt: -Infinity,
    failures: 0,
  }
  const ended = run(state)
  return {
    objects: state.snapshot.objects,
    synced: state.synced.promise,
    isSynced: () => state.isSynced,
    seed: (objects) => {
      if (!state.isSynced && !state.stopping.signal.aborted) seedSnapshot(state.snapshot, objects)
    },
    lastHeardAt: () => state.heardAt,
    stop: () => {
      state.stopping.abort()
      return ended
    },
  }
}

async function run<T extends KubeObject>(state: FollowState<T>): Promise<void> {
  const { signal } = state.stopping
  while (!signal.aborted) {
    try {
      state.version ??= await listNow(state)
      if (signal.aborted) return
      await watchOnce(state, state.version)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ApiError)) throw error
      await recover(state, error)
    }
  }
}

async function listNow<T extends KubeObject>(state: FollowState<T>): Promise<string> {
  const { api, resource, snapshot, options, limits, stopping, synced } = state
  const { scope = {}, clock } = options
  state.listedAt = clock.now()
  const onPage = (): void => void (state.heardAt = clock.now())
  const { signal } = stopping
  const version = await listAll({ api, resource, scope, snapshot, signal, onPage, pageSize: limits.pageSize })
  if (!signal.aborted) {
    state.isSynced = true
    synced.resolve()
  }
  return version
}

/** One watch, until it ends in order or says nothing for too long. */
async function watchOnce<T extends KubeObject>(state: FollowState<T>, resourceVersion: string): Promise<void> {
  const { api, resource, options, limits, stopping } = state
  const { clock, random, scope } = options
  const since = clock.now()
  const watch = new AbortController()
  const stop = (): void => watch.abort()
  stopping.signal.addEventListener('abort', stop)
  const ease = watchSilence(state, since, stop)
  const heardBefore = state.heardAt
  try {
    await api.watch(resource, {
      ...scope,
      resourceVersion,
      signal: watch.signal,
      timeoutSeconds: Math.round(limits.watchSeconds * (1 + random())),
      onEvent: (event) => {
        state.heardAt = clock.now()
        state.failures = 0
        state.version = takeEvent(state.snapshot, event)
      },
    })
  } finally {
    ease()
    stopping.signal.removeEventListener('abort', stop)
  }
  if (state.heardAt === heardBefore && clock.now() - since < SHORTEST_WATCH_MS) await rest(state, 'WatchTooShort')
}

/** Gives the watch up when nothing was heard for too long; the answer calls this off. */
function watchSilence<T extends KubeObject>(state: FollowState<T>, since: number, giveUp: () => void): () => void {
  const { clock, log } = state.options
  const { idleMs } = state.limits
  const heard = (): number => Math.max(since, state.heardAt)
  const check = (): void => {
    if (clock.now() - heard() < idleMs) {
      cancel = clock.wakeAt(heard() + idleMs, check)
      return
    }
    log.info(`the watch of ${state.resource.plural} was silent for ${idleMs / 1000} s: connecting anew`)
    giveUp()
  }
  let cancel = clock.wakeAt(since + idleMs, check)
  return () => cancel()
}

/** A version that is too old costs a new list, at once unless the last one is just over; all else waits first. */
async function recover<T extends KubeObject>(state: FollowState<T>, error: ApiError): Promise<void> {
  const { clock, log } = state.options
  if (!isExpired(error)) return rest(state, error)
  state.version = undefined
  if (clock.now() - state.listedAt < SHORTEST_WATCH_MS) return rest(state, error)
  log.info(`listing ${state.resource.plural} again: the version we had is too old`, { error })
}

async function rest<T extends KubeObject>(state: FollowState<T>, why: ApiError | 'WatchTooShort'): Promise<void> {
  const { clock, random, log, backoff = BACKOFF } = state.options
  state.failures++
  const asked = why === 'WatchTooShort' ? 0 : (why.retryAfterMs ?? 0)
  // Those who were sent away together must not come back together.
  const retryInMs = Math.round(Math.max(backoffMs(state.failures, backoff, random), asked * (1 + random() / 2)))
  const fields = why === 'WatchTooShort' ? { reason: why } : { reason: why.reason, error: why }
  log.warn(`following ${state.resource.plural} failed: trying again`, { ...fields, retryInMs })
  await sleep(clock, retryInMs, state.stopping.signal)
}
