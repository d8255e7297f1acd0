import type { Metric, Registry } from 'prom-client'
import { promRegistry } from './prom-client-registry.ts'
import type { Family, Series } from './series.ts'

/** All metrics of one process. There is no global one. */
export type MetricsRegistry = {
  readonly contentType: string
  /** All series as they are now, in the text format of Prometheus. */
  readonly render: () => Promise<string>
  readonly families: readonly Family[]
  readonly prom: Registry
}

export function metricsRegistry(): MetricsRegistry & { readonly families: Family[] } {
  const prom = promRegistry()
  return { contentType: prom.contentType, render: () => prom.metrics(), families: [], prom }
}

/**
 * Adds metrics that are read from `source` whenever they are asked for.
 * @param source undefined while there is nothing to read from: then they have no series
 */
export function expose<Source>(
  registry: ReturnType<typeof metricsRegistry>,
  all: readonly Series<Source>[],
  source: () => Source | undefined,
): void {
  for (const series of all) {
    const { name, help, type, read } = series
    const get = async (): Promise<object> => {
      const from = source()
      return { name, help, type, aggregator: 'sum', values: from === undefined ? [] : read(from) }
    }
    // The registry asks nothing of a metric but this.
    registry.prom.registerMetric({ name, get } as unknown as Metric)
    registry.families.push(series)
  }
}
