import type { Cancel, Clock } from '@steelyard/runtime'

/**
 * Lets work for a key happen at once when it has rested, and otherwise no more often than the window allows; whatever
 * is asked for meanwhile is done in one go at its end.
 */
export type Pacer<Key> = {
  readonly ask: (key: Key) => void
  readonly stop: () => void
}

export function pacer<Key>(clock: Clock, windowMs: number, run: (key: Key) => void): Pacer<Key> {
  const lastAt = new Map<Key, number>()
  const planned = new Map<Key, Cancel>()
  const start = (key: Key): void => {
    planned.delete(key)
    lastAt.set(key, clock.now())
    run(key)
  }
  return {
    ask: (key) => {
      if (planned.has(key)) return
      const due = (lastAt.get(key) ?? -Infinity) + windowMs
      planned.set(
        key,
        clock.wakeAt(due, () => start(key)),
      )
    },
    stop: () => {
      for (const cancel of planned.values()) cancel()
      planned.clear()
    },
  }
}
