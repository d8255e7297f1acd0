/** How often the probe opens a connection. */
export const ATTEMPT_EVERY_MS = 10

/** A stretch of time, in milliseconds since 1970. */
export type Span = { readonly from: number; readonly to: number }

/**
 * The longest time within a span during which nothing came about. What came about before counts with its last
 * occurrence, so that a gap which began before the span is not cut short; one that lasts ends with the span.
 * @param at when something came about, in order
 */
export function longestGapMs(at: readonly number[], { from, to }: Span): number {
  const before = at.findLast((time) => time <= from) ?? from
  const inside = at.filter((time) => time > from && time < to)
  return [...inside, to].reduce(
    ({ longest, last }, time) => ({ longest: Math.max(longest, time - last), last: time }),
    { longest: 0, last: before },
  ).longest
}

/**
 * For how long attempts failed that began after something happened: from then, or from the first of them if that was
 * sooner, to the one after the last, since they come every 10 ms. 0 when none failed.
 * @param happenedAt when it had happened at the latest
 */
export function failedForMs(failedAt: readonly number[], happenedAt: number): number {
  if (failedAt.length === 0) return 0
  return Math.max(...failedAt) - Math.min(happenedAt, ...failedAt) + ATTEMPT_EVERY_MS
}
