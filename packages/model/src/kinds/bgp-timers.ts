import { found, type Found, inside, type Place, problemAt, refused } from '../reading/found.ts'

/** Milliseconds; 0 and 0 = neither hold timer nor keepalives. */
export type BgpTimers = { readonly holdMs: number; readonly keepaliveMs: number }

/** RFC 4271 section 4.2: hold time is 0 or at least 3 seconds, in a field of two octets. */
const LEAST_HOLD_MS = 3_000
const MOST_HOLD_MS = 65_535_000
const DEFAULT_HOLD_MS = 90_000
/** RFC 4271 section 10 suggests keepalives at a third of the hold time. */
const KEEPALIVES_PER_HOLD = 3
const SECOND_MS = 1000

const ACCEPTED_HOLD = `0, or ${LEAST_HOLD_MS / SECOND_MS}s to ${MOST_HOLD_MS / SECOND_MS}s`

/**
 * One timer alone implies the other, none the defaults. Explicit zeros switch both off, which is not
 * the same as unset. The hold time comes in whole seconds, as it goes over the wire.
 */
export function bgpTimers(
  given: { readonly holdTime: number | undefined; readonly keepaliveTime: number | undefined },
  place: Place,
): Found<BgpTimers> {
  const { holdTime, keepaliveTime } = given
  const exactHoldMs = holdTime ?? (keepaliveTime === undefined ? DEFAULT_HOLD_MS : keepaliveTime * KEEPALIVES_PER_HOLD)
  if (!isHold(exactHoldMs)) return refused([holdProblem(exactHoldMs, holdTime === undefined, place)])
  const holdMs = Math.floor(exactHoldMs / SECOND_MS) * SECOND_MS
  const keepaliveMs = keepaliveTime ?? holdMs / KEEPALIVES_PER_HOLD
  if (keepaliveMs > exactHoldMs) return refused([keepaliveProblem(keepaliveMs, exactHoldMs, place)])
  return found({ holdMs, keepaliveMs })
}

function isHold(ms: number): boolean {
  return ms === 0 || (ms >= LEAST_HOLD_MS && ms <= MOST_HOLD_MS)
}

function holdProblem(holdMs: number, isDerived: boolean, place: Place): ReturnType<typeof problemAt> {
  const seconds = `${holdMs / SECOND_MS}s`
  return isDerived
    ? problemAt(
        inside(place, 'keepaliveTime'),
        `found ${holdMs / KEEPALIVES_PER_HOLD / SECOND_MS}s without a holdTime, which makes a hold time of ${seconds}; ` +
          `accepted: a keepaliveTime whose threefold is ${ACCEPTED_HOLD}`,
      )
    : problemAt(inside(place, 'holdTime'), `found ${seconds}; accepted: ${ACCEPTED_HOLD}`)
}

function keepaliveProblem(keepaliveMs: number, holdMs: number, place: Place): ReturnType<typeof problemAt> {
  const hold = `${holdMs / SECOND_MS}s`
  return problemAt(
    inside(place, 'keepaliveTime'),
    `found ${keepaliveMs / SECOND_MS}s with a holdTime of ${hold}; accepted: at most the holdTime`,
  )
}
