import type { Logger } from '@steelyard/program'
import { type Clock, sleep } from '@steelyard/runtime'
import type { Cluster } from './cluster.ts'
import type { StateDir } from './state-dir.ts'

/** So long the API server has to list everything; then what was stored stands in for what it has not listed. */
const PATIENCE_MS = 3000
const OP = 'standIn'

/** What a speaker may decide from: the API, or for a while the stored state. */
export type StandIn = {
  /** Resolves once there is something whole to decide from. */
  readonly ready: Promise<unknown>
  readonly isReady: () => boolean
  /** Of when the stored state is that stands in for something still; undefined when nothing is decided from it. */
  readonly since: () => string | undefined
  readonly stop: () => void
}

export type StandInOptions = {
  readonly cluster: Pick<Cluster, 'kept' | 'synced' | 'unsynced'>
  readonly state: Pick<StateDir, 'cluster' | 'wantObjects'>
  readonly clock: Clock
  readonly log: Logger
}

/** Waits for the cluster, and puts the stored state in its place when it does not come. */
export function standIn(options: StandInOptions): StandIn {
  const { cluster } = options
  const state: State = { since: undefined, stopping: new AbortController(), seeded: Promise.withResolvers() }
  const isListed = (): boolean => cluster.unsynced().length === 0
  void cluster.synced.then(() => listed(state, options))
  void seedLater(state, options)
  return {
    ready: Promise.race([cluster.synced, state.seeded.promise]),
    isReady: () => state.since !== undefined || isListed(),
    since: () => (isListed() ? undefined : state.since),
    stop: () => state.stopping.abort(),
  }
}

type State = {
  readonly stopping: AbortController
  readonly seeded: PromiseWithResolvers<void>
  since: string | undefined
}

/** From here on it is the API's word that is stored: all of it once, then what changes. */
function listed({ since, stopping }: State, { cluster, state, log }: StandInOptions): void {
  stopping.abort()
  if (since !== undefined) log.info('everything is listed: the stored state is out of use', { op: OP, savedAt: since })
  for (const { what, follower } of cluster.kept) state.wantObjects(what, () => follower.objects.values())
}

async function seedLater(state: State, { cluster, state: stored, clock, log }: StandInOptions): Promise<void> {
  await sleep(clock, PATIENCE_MS, state.stopping.signal)
  if (state.stopping.signal.aborted) return
  const found = await stored.cluster(cluster.kept)
  const missing = cluster.unsynced()
  if (found === undefined || missing.length === 0 || state.stopping.signal.aborted) return
  for (const { what, follower } of cluster.kept) follower.seed(found.objects.get(what) ?? [])
  state.since = found.savedAt
  const told = { op: OP, savedAt: found.savedAt, missing }
  log.warn('the API server has not listed everything: the stored state stands in', told)
  state.seeded.resolve()
}
