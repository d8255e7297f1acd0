import { type Backoff, backoffMs } from './backoff.ts'
import type { Cancel, Clock } from './clock.ts'
import type { Random } from './random.ts'

/** Work by key: a key is queued once however often it is added, and never handled twice at the same time. */
export type KeyedQueue<Key> = {
  readonly add: (key: Key) => void
  /** Nothing new starts; resolves when what runs has ended. */
  readonly stop: () => Promise<void>
  /** Resolves once nothing is queued, running or waiting for a retry. For tests and orderly ends. */
  readonly idle: () => Promise<void>
  /** Keys that wait, run or back off. */
  readonly size: () => number
}

export type KeyedQueueOptions<Key> = {
  readonly handle: (key: Key) => Promise<void>
  /** Told of every failure; the queue retries by itself. */
  readonly onFailure: (key: Key, error: unknown, retryInMs: number) => void
  readonly concurrency: number
  readonly backoff: Backoff
  readonly clock: Clock
  readonly random: Random
}

type State<Key> = {
  readonly options: KeyedQueueOptions<Key>
  readonly waiting: Set<Key>
  readonly running: Set<Key>
  readonly retries: Map<Key, Cancel>
  readonly failures: Map<Key, number>
  idlers: (() => void)[]
  stopped: boolean
}

/**
 * A queue for level-triggered work. A handler that throws is tried again with backoff, the one place
 * where failures of the world are retried. A key added while its handler runs is handled once more
 * afterwards, so that no change is missed.
 */
export function keyedQueue<Key>(options: KeyedQueueOptions<Key>): KeyedQueue<Key> {
  const state: State<Key> = {
    options,
    waiting: new Set(),
    running: new Set(),
    retries: new Map(),
    failures: new Map(),
    idlers: [],
    stopped: false,
  }
  return {
    add: (key) => add(state, key),
    stop: () => stop(state),
    idle: () => idle(state),
    size: () => size(state),
  }
}

function size<Key>({ waiting, running, retries }: State<Key>): number {
  return waiting.size + running.size + retries.size
}

function add<Key>(state: State<Key>, key: Key): void {
  if (state.stopped) return
  state.retries.get(key)?.()
  state.retries.delete(key)
  state.waiting.add(key)
  startMore(state)
}

function startMore<Key>(state: State<Key>): void {
  for (const key of state.waiting) {
    if (state.stopped || state.running.size >= state.options.concurrency) return
    if (state.running.has(key)) continue
    state.waiting.delete(key)
    state.running.add(key)
    void run(state, key)
  }
}

async function run<Key>(state: State<Key>, key: Key): Promise<void> {
  try {
    await state.options.handle(key)
    state.failures.delete(key)
  } catch (error) {
    retryLater(state, key, error)
  }
  state.running.delete(key)
  startMore(state)
  tellIdlers(state)
}

function retryLater<Key>(state: State<Key>, key: Key, error: unknown): void {
  const { backoff, random, clock, onFailure } = state.options
  const failures = (state.failures.get(key) ?? 0) + 1
  state.failures.set(key, failures)
  const waitMs = backoffMs(failures, backoff, random)
  onFailure(key, error, waitMs)
  if (state.stopped || state.waiting.has(key)) return
  state.retries.set(
    key,
    clock.wakeAt(clock.now() + waitMs, () => add(state, key)),
  )
}

function idle<Key>(state: State<Key>): Promise<void> {
  return new Promise((resolve) => {
    state.idlers.push(resolve)
    tellIdlers(state)
  })
}

function tellIdlers<Key>(state: State<Key>): void {
  if (state.running.size > 0 || (!state.stopped && size(state) > 0)) return
  for (const wake of state.idlers) wake()
  state.idlers = []
}

function stop<Key>(state: State<Key>): Promise<void> {
  state.stopped = true
  for (const cancel of state.retries.values()) cancel()
  state.retries.clear()
  state.waiting.clear()
  return idle(state)
}
