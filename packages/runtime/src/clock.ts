/** Takes back what was asked for; calling it again does nothing. */
export type Cancel = () => void

/** Monotonic time in milliseconds, and a wake-up call. Not the time of day: that is `TimeOfDay`. */
export type Clock = {
  readonly now: () => number
  /** Calls `wake` once `now()` has reached `when`; at once, but never before returning, when it has passed. */
  readonly wakeAt: (when: number, wake: () => void) => Cancel
}

/** The time of day, for what other machines read: Lease times, Event times, log lines. */
export type TimeOfDay = () => Date

/** Node fires a longer `setTimeout` at once, so a far deadline is reached in hops. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wakeAt: (when, wake) => {
    let timer: NodeJS.Timeout
    const arm = (): void => {
      const left = when - performance.now()
      timer = setTimeout(look, Math.min(LONGEST_TIMEOUT_MS, Math.max(0, Math.ceil(left))))
    }
    // A timer counts whole milliseconds of a time that Node reads once per turn, so it may come early.
    const look = (): void => {
      if (performance.now() < when) arm()
      else wake()
    }
    arm()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or at once when `signal` is aborted. Never rejects: the caller looks at its signal. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve()
    const done = (): void => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.wakeAt(clock.now() + ms, done)
    signal?.addEventListener('abort', done)
  })
}
