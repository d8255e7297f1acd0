import { kernelIo, type LinkIo, type Wake } from '@steelyard/raw-socket'
import { Worker } from 'node:worker_threads'
import type { LinkDesired, LinkFact } from './messages.ts'
import {
  askToStop,
  CONTROL_BYTES,
  type Control,
  type MemberStart,
  type ToWorker,
  turnsOf,
  type WorkerStart,
} from './worker-control.ts'

export type LinkHandle = {
  /** Replaces what shall be announced. Several calls in one turn of the event loop cost one message. */
  readonly set: (desired: LinkDesired) => void
  /** Facts come in the order in which the worker told them; none before the next turn of the event loop. */
  readonly onFact: (listener: (fact: LinkFact) => void) => void
  /** Carries out what was set last, falls silent and gives the sockets back. Resolves when the thread has ended. */
  readonly stop: () => Promise<void>
}

export type LinkOptions = {
  readonly io?: Pick<LinkIo, 'openWake'>
  readonly entry?: URL
  /** How often it is looked whether the worker still turns; after two looks without a turn it hangs. */
  readonly watchMs?: number
  /** Left out, membership cannot be desired. */
  readonly member?: MemberStart
}

/** Run from source it stands beside this file; bundled, beside the program's bundle (see scripts/build.ts). */
const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './speaker-link.mjs', import.meta.url)

/** Thousands of addresses take 12 MiB of heap. A small young generation keeps memory and pauses small. */
const LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }

/** The worker turns at least once a second (`LONGEST_POLL_MS`). */
const WATCH_MS = 10_000

type Thread = {
  readonly worker: Worker
  readonly wake: Wake
  readonly control: Control
  latest: LinkDesired | undefined
  isStopping: boolean
}

/**
 * Starts the link worker: its own thread, so that neither a long list nor a garbage collection here
 * delays an answer on the LAN. When it crashes, hangs or ends unasked, an uncaught exception ends
 * this process: one that seems to run and answers nobody would be worse.
 */
export function startLink(options: LinkOptions = {}): LinkHandle {
  const { io = kernelIo(), entry = ENTRY, watchMs = WATCH_MS, member } = options
  const wake = io.openWake()
  const control: Control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES))
  const workerData: WorkerStart = { wakeHandle: wake.handle, control: control.buffer, member }
  const worker = new Worker(entry, { workerData, name: 'link', resourceLimits: LIMITS })
  const thread: Thread = { worker, wake, control, latest: undefined, isStopping: false }
  const end = (): void => signalStop(thread)
  process.on('exit', end)
  const watch = setInterval(watcher(thread), watchMs).unref()
  worker.on('error', (cause) => {
    throw new Error('the link worker crashed', { cause })
  })
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      clearInterval(watch)
      process.off('exit', end)
      wake.close()
      if (!thread.isStopping) throw new Error(`the link worker ended by itself, with code ${code}`)
      resolve()
    })
  })
  return {
    set: (desired) => set(thread, desired),
    onFact: (listener) => void worker.on('message', listener),
    stop: () => {
      end()
      return ended
    },
  }
}

/** The worker sees the word when the bell has woken it; it must not sleep on, for a process waits for its threads. */
function signalStop(thread: Thread): void {
  if (thread.isStopping) return
  post(thread)
  thread.isStopping = true
  askToStop(thread.control)
  thread.wake.wake()
}

/** Posted once this turn of the event loop is done: reconciling many Services sets the whole anew for each. */
function set(thread: Thread, desired: LinkDesired): void {
  const isPosting = thread.latest !== undefined
  thread.latest = desired
  if (!isPosting) setImmediate(() => post(thread))
}

function post(thread: Thread): void {
  const desired = thread.latest
  thread.latest = undefined
  if (desired === undefined || thread.isStopping) return
  const message: ToWorker = { kind: 'desired', desired }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a thread
  thread.worker.postMessage(message)
  thread.wake.wake()
}

/**
 * Two looks, not one: this process may have been stopped as a whole during the time before the first.
 * A worker that has not begun yet is not judged; readiness waits for its `ready`.
 */
function watcher({ control }: Thread): () => void {
  let seen = { turns: 0, looks: 0 }
  return () => {
    const turns = turnsOf(control)
    seen = { turns, looks: turns !== 0 && turns === seen.turns ? seen.looks + 1 : 0 }
    if (seen.looks >= 2) throw new Error('the link worker hangs: its loop takes no turn any more')
  }
}
