import { ApiError, IP_ADDRESS_POOLS, isNotFound, type PoolObject, updateWithRetry } from '@steelyard/kube'
import type { PoolCounters } from '@steelyard/model'
import { type KeyedQueue, keyedQueue } from '@steelyard/runtime'
import { type Pacer, pacer } from './pacer.ts'
import { isNewer } from './resource-version.ts'
import type { World } from './world.ts'

/** Keeps the counters in the status of each IPAddressPool as they should be. */
export type PoolStatus = {
  /** Something may differ: the counters, or what the status shows. */
  readonly check: (pool: string) => void
  /** Ends writing; resolves when what is under way has ended. */
  readonly stop: () => Promise<void>
}

export type PoolStatusOptions = {
  /** What the pool's status should show; undefined when the configuration in force has no such pool. */
  readonly countersOf: (pool: string) => PoolCounters | undefined
  /** The pool as the watch last had it. */
  readonly objectOf: (pool: string) => PoolObject | undefined
}

/** While Services come and go one write each of this long carries all that changed in between. */
const WINDOW_MS = 100
const WRITES_AT_ONCE = 2
const WRITE_BACKOFF = { firstMs: 100, maxMs: 10_000 }

type State = PoolStatusOptions & { readonly world: World; readonly stored: Map<string, PoolObject> }

export function poolStatus(world: World, options: PoolStatusOptions): PoolStatus {
  const state: State = { world, stored: new Map(), ...options }
  const writes: KeyedQueue<string> = keyedQueue({
    handle: (pool) => write(state, pool),
    onFailure: (pool, error, retryInMs) => {
      if (!(error instanceof ApiError)) throw error
      world.log.warn('the counters of a pool could not be written: trying again', { pool, error, retryInMs })
    },
    concurrency: WRITES_AT_ONCE,
    backoff: WRITE_BACKOFF,
    clock: world.clock,
    random: world.random,
  })
  const paced: Pacer<string> = pacer(world.clock, WINDOW_MS, writes.add)
  return {
    check: (pool) => {
      if (differs(state, pool)) paced.ask(pool)
    },
    stop: () => {
      paced.stop()
      return writes.stop()
    },
  }
}

function differs(state: State, pool: string): boolean {
  const [object, counters] = [newest(state, pool), state.countersOf(pool)]
  return object !== undefined && counters !== undefined && !shows(object, counters)
}

/** The watch may not have caught up with our own last write. */
function newest({ stored, objectOf }: State, pool: string): PoolObject | undefined {
  const [watched, written] = [objectOf(pool), stored.get(pool)]
  if (watched === undefined || written === undefined) return watched
  const isOurs = watched.metadata.uid === written.metadata.uid && isNewer(written, watched)
  if (!isOurs) stored.delete(pool)
  return isOurs ? written : watched
}

async function write(state: State, pool: string): Promise<void> {
  const known = newest(state, pool)
  if (known === undefined) return
  try {
    const stored = await updateWithRetry(state.world.api, {
      resource: IP_ADDRESS_POOLS,
      ref: known.metadata,
      known,
      subresource: 'status',
      change: (object) => withCounters(object, state.countersOf(pool)),
    })
    state.stored.set(pool, stored)
  } catch (error) {
    // Gone: the watch will say so, and a pool that is no more needs no counters.
    if (!isNotFound(error)) throw error
  }
}

function withCounters(object: PoolObject, counters: PoolCounters | undefined): PoolObject | undefined {
  return counters === undefined || shows(object, counters) ? undefined : { ...object, status: counters }
}

/** The API's int64 come as `bigint` once a number cannot hold them, and as numbers before. */
function shows({ status }: PoolObject, counters: PoolCounters): boolean {
  return Object.entries(counters).every(([name, count]) => {
    const shown = status?.[name]
    return shown !== undefined && (typeof shown === 'bigint' || Number.isInteger(shown)) && BigInt(shown) === count
  })
}
