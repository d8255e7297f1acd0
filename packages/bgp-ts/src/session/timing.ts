/** How long a connection may take until the peer's OPEN is there. RFC 4271 section 8.2.2 suggests four minutes for the OPEN alone. */
export const OPEN_WITHIN_MS = 10_000
/** RFC 9687 section 4: how long a peer may read nothing: this, or twice the hold time when that is longer. */
export const SEND_HOLD_MS = 480_000
/** Of the waits between attempts: 0, 1, 2, 4 … 120 s. */
export const RETRY_FIRST_MS = 1000
export const RETRY_MOST_MS = 120_000
/** A session that was lost sooner has flapped: the next one waits longer (RFC 4271 section 8.1.1, DampPeerOscillations). */
export const STABLE_MS = 30_000
/** RFC 4271 section 10: timers are cut by a random part of this much, so that peers do not beat together. */
const JITTER = 0.25

/** @param random 0 (included) to 1 (excluded) */
export function jittered(ms: number, random: number): number {
  return ms * (1 - JITTER * random)
}

/**
 * The wait before the next attempt.
 * @param failures how many attempts failed in a row before this one
 */
export function retryWaitMs(failures: number, random: number): number {
  if (failures <= 0) return 0
  return jittered(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 30)), random)
}
