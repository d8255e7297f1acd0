import { type Clock, sleep } from '@steelyard/runtime'
import { ApiError, type Failure } from '../api-error.ts'
import { type CallName, callName } from '../api.ts'

/** What a test can do to one client of the memory cluster. Nothing here touches the other clients. */
export type Faults = {
  /** The next `times` calls (those that match) fail before the cluster sees them. */
  readonly failNext: (times: number, failure: Partial<Failure>, matches?: (call: CallName) => boolean) => void
  /** As `failNext`, but the cluster does the work and only the answer is lost. */
  readonly loseNextAnswers: (times: number, matches?: (call: CallName) => boolean) => void
  /** Every call takes this long, half of it on the way there. */
  readonly delay: (ms: number) => void
  /** Cut off: calls go unanswered and time out, watches go quiet. Mending delivers what watches missed. */
  readonly partition: (on: boolean) => void
  /** Watches go quiet, calls still work: a half-open connection, or a proxy that forgot us. */
  readonly stallWatches: (on: boolean) => void
  /** Running watches end: in order, or with a failure. */
  readonly endWatches: (failure?: Partial<Failure>) => void
  /** All faults are over, planned ones too. */
  readonly heal: () => void
  /** Every running watch gets a bookmark, as a server sends each minute. */
  readonly bookmark: () => void
}

export type FaultState = {
  readonly clock: Clock
  readonly requestTimeoutMs: number
  readonly planned: { left: number; failure: Failure; after: boolean; matches: (call: CallName) => boolean }[]
  readonly watches: Set<Watching>
  delayMs: number
  partitioned: boolean
  stalled: boolean
}

/** A running watch, as faults reach it. */
export type Watching = {
  readonly end: (failure?: Failure) => void
  readonly flush: () => void
  readonly bookmark: () => void
}

const RESET: Failure = { status: 0, reason: 'Unreachable', message: 'connection reset' }

const UNBROKEN = { delayMs: 0, partitioned: false, stalled: false }

export function newFaults(clock: Clock, requestTimeoutMs: number): FaultState {
  return { clock, requestTimeoutMs, planned: [], watches: new Set(), ...UNBROKEN }
}

export function faultsOf(state: FaultState): Faults {
  const plan = (after: boolean, left: number, failure: Partial<Failure>, matches = (_call: CallName) => true): void => {
    state.planned.push({ left, failure: { ...RESET, ...failure }, after, matches })
  }
  return {
    failNext: (times, failure, matches) => plan(false, times, failure, matches),
    loseNextAnswers: (times, matches) => plan(true, times, {}, matches),
    delay: (ms) => void (state.delayMs = ms),
    partition: (on) => setQuiet(state, () => (state.partitioned = on)),
    stallWatches: (on) => setQuiet(state, () => (state.stalled = on)),
    heal: () => {
      state.planned.length = 0
      setQuiet(state, () => Object.assign(state, UNBROKEN))
    },
    bookmark: () => {
      for (const watch of state.watches) watch.bookmark()
    },
    endWatches: (failure) => {
      for (const watch of state.watches) watch.end(failure === undefined ? undefined : { ...RESET, ...failure })
    },
  }
}

function setQuiet(state: FaultState, change: () => void): void {
  change()
  for (const watch of state.watches) watch.flush()
}

/** Whether events must wait. */
export function isQuiet({ partitioned, stalled }: FaultState): boolean {
  return partitioned || stalled
}

/** Runs one call through the faults: the delay, the partition, the planned failures, then the work. */
export async function throughFaults<T>(
  state: FaultState,
  call: CallName & { readonly timeoutMs?: number },
  work: () => T,
): Promise<T> {
  await Promise.resolve()
  await linger(state)
  if (state.partitioned) await timeOut(state, call, call.timeoutMs ?? state.requestTimeoutMs)
  throwPlanned(state, call, false)
  const result = work()
  // A watch has no single answer that could be late or lost.
  if (call.verb === 'watch') return result
  await linger(state)
  throwPlanned(state, call, true)
  return result
}

async function linger({ clock, delayMs }: FaultState): Promise<void> {
  if (delayMs > 0) await sleep(clock, delayMs / 2)
}

async function timeOut(state: FaultState, call: CallName, limitMs: number): Promise<never> {
  await sleep(state.clock, limitMs)
  const message = `no answer within ${limitMs} ms`
  throw new ApiError(callName(call), { status: 0, reason: 'TimedOut', message })
}

function throwPlanned(state: FaultState, call: CallName, after: boolean): void {
  const planned = state.planned.find((entry) => entry.left > 0 && entry.after === after && entry.matches(call))
  if (planned === undefined) return
  planned.left--
  throw new ApiError(callName(call), planned.failure)
}
