import type { Clock } from './clock.ts'

export type FakeClock = Clock & {
  /** Moves time on by `ms`, running every wake that falls due, in due order; a wake may ask for another. */
  readonly advance: (ms: number) => void
  /** As `advance`, but lets promises settle after each wake, for code that awaits between two waits. */
  readonly advanceAsync: (ms: number) => Promise<void>
  /** When the next wake is due; undefined when nobody waits. */
  readonly nextWakeAt: () => number | undefined
}

type Wake = { readonly when: number; readonly wake: () => void }

/** A clock that a test turns by hand. It starts at 0. */
export function fakeClock(): FakeClock {
  let now = 0
  const wakes = new Set<Wake>()
  const earliest = (): Wake | undefined =>
    [...wakes].reduce<Wake | undefined>(
      (best, wake) => (best === undefined || wake.when < best.when ? wake : best),
      undefined,
    )
  const runNext = (end: number): boolean => {
    const next = earliest()
    if (next === undefined || next.when > end) return false
    wakes.delete(next)
    now = Math.max(now, next.when)
    next.wake()
    return true
  }
  return {
    now: () => now,
    wakeAt: (when, wake) => {
      const entry = { when, wake }
      wakes.add(entry)
      return () => void wakes.delete(entry)
    },
    advance: (ms) => {
      const end = now + ms
      while (runNext(end));
      now = end
    },
    advanceAsync: async (ms) => {
      const end = now + ms
      await settle()
      while (runNext(end)) await settle()
      now = end
    },
    nextWakeAt: () => earliest()?.when,
  }
}

/** Lets every promise that can go on without time passing do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
