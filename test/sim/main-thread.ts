import type { Clock } from '@steelyard/runtime'
import { at, type Host, type Network } from './network.ts'

/**
 * The main thread of a process on a host: it does one thing at a time, and what comes meanwhile waits, in order.
 * A frozen host's stands still.
 */
export type MainThread = {
  readonly clock: Clock
  /** Has a message from the worker thread handled. */
  readonly hear: (handle: () => void) => void
  /** The task at hand takes so long. @returns when it will be done */
  readonly work: (ms: number) => number
  /** Its process goes on after it was frozen. */
  readonly thawed: () => void
  readonly stop: () => void
}

type State = {
  readonly net: Network
  readonly host: Host
  busyUntil: number
  /** Messages do not overtake each other. */
  heardUntil: number
  isStopped: boolean
  readonly parked: (() => void)[]
}

/** What a message takes from one thread to the other. */
const LONGEST_HOP_MS = 1
/** A process that goes on has two threads, and either may be the first. */
const LATEST_THAW_MS = 5

export function mainThread(net: Network, host: Host): MainThread {
  const state: State = { net, host, busyUntil: 0, heardUntil: 0, isStopped: false, parked: [] }
  return {
    clock: { now: () => net.now, wakeAt: (when, wake) => wakeAt(state, when, wake) },
    hear: (handle) => {
      state.heardUntil = Math.max(state.heardUntil, net.now + net.random() * LONGEST_HOP_MS)
      whenFree(state, state.heardUntil, handle)
    },
    work: (ms) => {
      state.busyUntil = net.now + ms
      return state.busyUntil
    },
    thawed: () => {
      const goOn = net.now + net.random() * LATEST_THAW_MS
      for (const task of state.parked.splice(0)) whenFree(state, goOn, task)
    },
    stop: () => {
      state.isStopped = true
    },
  }
}

function wakeAt(state: State, when: number, wake: () => void): () => void {
  let isCancelled = false
  whenFree(state, when, () => {
    if (!isCancelled) wake()
  })
  return () => {
    isCancelled = true
  }
}

function whenFree(state: State, when: number, task: () => void): void {
  const { net, host } = state
  at(net, Math.max(net.now, when), () => {
    if (state.isStopped) return
    if (host.isFrozen) state.parked.push(() => task())
    else if (state.busyUntil > net.now) whenFree(state, state.busyUntil, task)
    else task()
  })
}
