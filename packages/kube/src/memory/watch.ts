import type { KubeObject } from '@steelyard/model'
import { ApiError, type Failure } from '../api-error.ts'
import { callName, type WatchEvent, type WatchOptions } from '../api.ts'
import { type Change, tableName } from './cluster.ts'
import { type FaultState, isQuiet, type Watching } from './faults.ts'
import { expired, type Request } from './requests.ts'
import { inScope } from './selector.ts'

type Run = {
  readonly request: Request
  readonly options: WatchOptions<KubeObject>
  readonly faults: FaultState
  /** Not yet delivered, in order. */
  readonly waiting: WatchEvent<KubeObject>[]
  readonly settled: PromiseWithResolvers<void>
  ended: boolean
}

/** Serves one watch: what changed since the version asked for, then what changes, until somebody ends it. */
export function runWatch(request: Request, options: WatchOptions<KubeObject>, faults: FaultState): Promise<void> {
  const { state } = request
  if (Number(options.resourceVersion) < state.oldest) {
    throw new ApiError(
      callName(request),
      expired(`too old resource version: ${options.resourceVersion} (${state.oldest})`),
    )
  }
  const run: Run = { request, options, faults, waiting: [], settled: Promise.withResolvers<void>(), ended: false }
  const listen = (change: Change): void => {
    if (change.version <= Number(options.resourceVersion)) return
    run.waiting.push(...eventOf(run, change))
    queueMicrotask(() => flush(run))
  }
  const detach = attach(run, listen)
  for (const change of state.changes) listen(change)
  return run.settled.promise.finally(detach)
}

/** Connects the watch to the world; the answer takes it off again. */
function attach(run: Run, listen: (change: Change) => void): () => void {
  const { request, options, faults } = run
  const { timeoutSeconds = Infinity } = options
  const stop = (): void => run.settled.resolve()
  const bookmark = (): void =>
    void run.waiting.push({ kind: 'bookmark', resourceVersion: String(request.state.version) })
  const watching: Watching = {
    flush: () => flush(run),
    bookmark: () => {
      bookmark()
      flush(run)
    },
    end: (failure) => end(run, failure),
  }
  const timeOut = (): void => {
    watching.bookmark()
    end(run)
  }
  const cancel = Number.isFinite(timeoutSeconds)
    ? faults.clock.wakeAt(faults.clock.now() + timeoutSeconds * 1000, timeOut)
    : stop
  request.state.listeners.add(listen)
  faults.watches.add(watching)
  options.signal.addEventListener('abort', stop)
  if (options.signal.aborted) stop()
  return () => {
    cancel()
    request.state.listeners.delete(listen)
    faults.watches.delete(watching)
    options.signal.removeEventListener('abort', stop)
    run.waiting.length = 0
  }
}

function end(run: Run, failure?: Failure): void {
  flush(run)
  run.ended = true
  if (failure === undefined) run.settled.resolve()
  else run.settled.reject(new ApiError(callName(run.request), failure))
}

function flush(run: Run): void {
  const { waiting, options, faults, settled } = run
  while (!isQuiet(faults) && !options.signal.aborted && !run.ended) {
    const event = waiting.shift()
    if (event === undefined) return
    try {
      options.onEvent(event)
    } catch (error) {
      return settled.reject(error)
    }
  }
}

/** A change as a watch with a scope sees it: entering the scope adds, leaving it deletes. */
function eventOf({ request, options }: Run, { table, before, now }: Change): readonly WatchEvent<KubeObject>[] {
  if (table !== tableName(request.resource)) return []
  const was = before !== undefined && inScope(options, before)
  if (now !== undefined && inScope(options, now)) return [{ kind: was ? 'modified' : 'added', object: now }]
  if (!was) return []
  const resourceVersion = (now ?? before).metadata.resourceVersion ?? ''
  return [{ kind: 'deleted', object: { ...before, metadata: { ...before.metadata, resourceVersion } } }]
}
