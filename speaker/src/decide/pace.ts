/** So many moves a second, a few of them at once: a plain bucket of tokens. */
export type Pace = { tokens: number; at: number }

export function pace(): Pace {
  return { tokens: 0, at: Number.NEGATIVE_INFINITY }
}

/** The share of a second's moves that may come at once after a rest. */
const BURST_SHARE = 0.1

/** @returns whether one more move may be made now; it is counted then. */
export function mayMove(state: Pace, perSecond: number, now: number): boolean {
  const room = Math.max(1, perSecond * BURST_SHARE)
  const earned = ((now - state.at) / 1000) * perSecond
  state.tokens = Math.min(room, state.tokens + Math.min(earned, room))
  state.at = now
  if (state.tokens < 1) return false
  state.tokens -= 1
  return true
}

/** When the next move may be made. */
export function nextMoveAt({ tokens, at }: Pace, perSecond: number): number {
  return tokens >= 1 ? at : at + ((1 - tokens) / perSecond) * 1000
}
