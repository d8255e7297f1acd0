import type { Labels, Sample } from './series.ts'

/** How often something was how large. Belongs to whoever measures, who changes it by `observe`. */
export type Histogram = {
  /** Upper bounds, ascending, each included. */
  readonly bounds: readonly number[]
  /** By bound; above the last one at the end. */
  readonly counts: number[]
  sum: number
}

export function histogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

export function observe(state: Histogram, value: number): void {
  const found = state.bounds.findIndex((bound) => value <= bound)
  const at = found < 0 ? state.bounds.length : found
  state.counts[at] = (state.counts[at] ?? 0) + 1
  state.sum += value
}

/** As the text format has it: each bucket counts those below it as well. */
export function histogramSamples(name: string, labels: Labels, { bounds, counts, sum }: Histogram): readonly Sample[] {
  let total = 0
  const buckets = counts.map((count, at) => {
    total += count
    const le = bounds[at] === undefined ? '+Inf' : String(bounds[at])
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
