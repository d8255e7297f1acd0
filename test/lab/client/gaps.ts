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
