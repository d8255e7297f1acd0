import type { Cancel, Clock } from '@steelyard/runtime'

export type LookingOptions<Found> = {
  readonly everyMs: number
  readonly clock: Clock
  /** Never rejects: what cannot be seen is something found, too. */
  readonly look: () => Promise<Found>
  /** Told of every look, whether or not it found something else than the one before. */
  readonly onLook: (found: Found) => void
}

export type Looking = {
  /** Resolves after the first look. */
  readonly first: Promise<void>
  /** Looks at once; the next look is then due after the whole time. */
  readonly lookNow: () => void
  /** Nothing is told afterwards. */
  readonly stop: () => void
}

/** Looks now, and every so often, at what changes without a word to us. */
export function lookNowAndThen<Found>({ everyMs, clock, look, onLook }: LookingOptions<Found>): Looking {
  const state: { turn: number; isStopped: boolean; cancel: Cancel | undefined } = {
    turn: 0,
    isStopped: false,
    cancel: undefined,
  }
  const lookOnce = async (): Promise<void> => {
    const turn = ++state.turn
    const found = await look()
    // One that a later look overtook says nothing.
    if (state.isStopped || turn !== state.turn) return
    state.cancel?.()
    state.cancel = clock.wakeAt(clock.now() + everyMs, () => void lookOnce())
    onLook(found)
  }
  return {
    first: lookOnce(),
    lookNow: () => void lookOnce(),
    stop: () => {
      state.isStopped = true
      state.cancel?.()
    },
  }
}
