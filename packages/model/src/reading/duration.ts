import { type Field, found, mismatch } from './found.ts'

/** Milliseconds per unit of Go's durations, as Kubernetes writes them. */
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}
const WHOLE = /^(\d{1,12}(\.\d{1,12})?(ns|us|µs|ms|s|m|h))+$/
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g
const PER_MS_IN_NS = 1e6

/**
 * Reads a duration such as `90s`, `1m30s` or `1500ms`; `0` needs no unit. No sign: nothing here can
 * take a negative time.
 * @returns milliseconds, exact to the nanosecond; undefined when `text` is no duration.
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!WHOLE.test(text)) return undefined
  const parts = [...text.matchAll(PART)]
  const ms = parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0)
  return Math.round(ms * PER_MS_IN_NS) / PER_MS_IN_NS
}

/** Milliseconds. */
export const duration: Field<number> = (value, place) => {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined
  return ms === undefined ? mismatch(value, place, 'a duration such as 90s, 1m30s or 1500ms') : found(ms)
}

/** A duration within bounds that are written as durations; whole milliseconds. */
export function durationFrom(least: string, most: string): Field<number> {
  const [leastMs, mostMs] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0]
  return (value, place) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined
    const fits = ms !== undefined && ms >= leastMs && ms <= mostMs
    return fits ? found(Math.round(ms)) : mismatch(value, place, `a duration from ${least} to ${most}`)
  }
}
