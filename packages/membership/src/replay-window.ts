import { REPLAY_WINDOW } from './constants.ts'

/** Which counters of one boot were seen already. RFC 4303 section 3.4.3. */
export type ReplayWindow = {
  /** -1 = nothing was seen. */
  highest: number
  /** Of the counter c at c mod 128: 1 = seen. */
  readonly seen: Uint8Array
}

export function replayWindow(): ReplayWindow {
  return { highest: -1, seen: new Uint8Array(REPLAY_WINDOW) }
}

/**
 * Notes a counter; only call it with one that was authenticated.
 * @returns false when it was seen before, or is too far behind to know.
 */
export function acceptCounter(window: ReplayWindow, counter: number): boolean {
  const behind = window.highest - counter
  if (behind >= REPLAY_WINDOW) return false
  if (behind >= 0 && window.seen[counter % REPLAY_WINDOW] === 1) return false
  if (behind < 0) moveTo(window, counter)
  window.seen[counter % REPLAY_WINDOW] = 1
  return true
}

/** The places of the counters that were skipped held older ones. */
function moveTo(window: ReplayWindow, counter: number): void {
  if (counter - window.highest >= REPLAY_WINDOW) window.seen.fill(0)
  else for (let at = window.highest + 1; at < counter; at++) window.seen[at % REPLAY_WINDOW] = 0
  window.highest = counter
}
