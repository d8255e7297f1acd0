import { type Histogram, histogram, observe } from './histogram.ts'
import type { Labels } from './series.ts'

/** How long each kind of pass took, in seconds. Both programs are fast when well: the buckets begin low. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** By pass. The names are few and fixed. */
export type Timings<Pass extends string> = Readonly<Record<Pass, Histogram>>

export function timings<Pass extends string>(...passes: readonly Pass[]): Timings<Pass> {
  return Object.fromEntries(passes.map((pass) => [pass, histogram(BOUNDS)])) as Record<Pass, Histogram>
}

/** Does the work, and notes how long it took. @param now milliseconds of a monotonic clock */
export function timed<Result>(into: Histogram, { now }: { readonly now: () => number }, work: () => Result): Result {
  const startedAt = now()
  try {
    return work()
  } finally {
    observe(into, (now() - startedAt) / 1000)
  }
}

export function timingSamples(all: Timings<string>): readonly (readonly [Labels, Histogram])[] {
  return Object.entries(all).map(([pass, one]) => [{ pass }, one])
}
