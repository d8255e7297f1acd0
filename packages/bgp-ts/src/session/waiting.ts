import { STABLE_MS, retryWaitMs } from './timing.ts'
import type { Track, Turn } from './state.ts'
import { beginConnect } from './tracks.ts'

/** How the last connection ended. */
export type Failure =
  /** There was none: nobody answered. */
  | 'unreachable'
  /** There was one, and it did not last. */
  | 'broken'

/** What comes after a connection has gone; nothing, while there is another or the session is stopped. */
export function waitAfter(turn: Turn, track: Track, failure: Failure): void {
  const { state, now, config } = turn
  if (!state.isStarted || state.tracks.length > 0) return
  const isEarly = track.state === 'established' && now - track.establishedAt < STABLE_MS
  if (track.state === 'established') state.earlyLosses = isEarly ? state.earlyLosses + 1 : 0
  const before = Math.max(state.failures, state.earlyLosses - 1)
  if (track.state !== 'established') state.failures += 1
  state.omission = 'nothing'
  const waitMs = waitMsOf(turn, before)
  if (config.peer.passive && failure === 'unreachable') return listen(turn)
  state.wait = failure === 'unreachable' ? 'connectRetry' : 'idleHold'
  state.waitUntil = now + waitMs
}

function waitMsOf({ state, now, config }: Turn, failures: number): number {
  const { connectMs, passive } = config.peer
  if (connectMs === undefined || passive) return retryWaitMs(failures, config.random())
  return Math.max(0, state.attemptAt + connectMs - now)
}

/** Active, without a timer: the peer connects. */
export function listen({ state }: Turn): void {
  state.wait = 'connectRetry'
  state.waitUntil = Number.POSITIVE_INFINITY
}

/** Once more, at once: our way to begin a connection, or to wait for the peer's. */
export function tryNow(turn: Turn): void {
  if (!turn.state.isStarted || turn.state.tracks.length > 0) return
  if (turn.config.peer.passive) listen(turn)
  else beginConnect(turn)
}
