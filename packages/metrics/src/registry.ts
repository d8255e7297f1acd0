import type { Metric, Registry } from 'prom-client'
import { setImmediate as breathe } from 'node:timers/promises'
import { promRegistry } from './prom-client-registry.ts'
import type { Family, Sample, Series } from './series.ts'

/** All metrics of one process. There is no global one. */
export type MetricsRegistry = {
  readonly contentType: string
  /**
   * All series as they are now, in the text format of Prometheus, piece by piece: tens of thousands of them take a quarter
   * of a second in all, in which sessions with routers must not stand still.
   */
  readonly parts: () => AsyncIterable<string>
  /** The same as one text. */
  readonly render: () => Promise<string>
  readonly families: readonly Family[]
}

type Exposed = Family & { readonly read: () => readonly Sample[]; readonly show: (samples: readonly Sample[]) => void }
export type OpenRegistry = MetricsRegistry & { readonly prom: Registry; readonly families: Exposed[] }

/** So many lines are written in a few milliseconds. */
const LINES = 500

export function metricsRegistry(): OpenRegistry {
  const prom = promRegistry()
  const families: Exposed[] = []
  const parts = (): AsyncIterable<string> => partsOf(prom, families)
  return { contentType: prom.contentType, parts, render: () => joined(parts()), families, prom }
}

/**
 * Adds metrics that are read from `source` whenever they are asked for.
 * @param source undefined while there is nothing to read from: then they have no series
 */
export function expose<Source>(
  registry: OpenRegistry,
  all: readonly Series<Source>[],
  source: () => Source | undefined,
): void {
  for (const { read, ...family } of all) {
    const { name, help, type } = family
    const state: { shown: readonly Sample[] } = { shown: [] }
    // The registry asks nothing of a metric but this.
    const metric = { name, get: async () => ({ name, help, type, aggregator: 'sum', values: state.shown }) }
    registry.prom.registerMetric(metric as unknown as Metric)
    registry.families.push({
      ...family,
      read: () => {
        const from = source()
        return from === undefined ? [] : read(from)
      },
      show: (samples) => {
        state.shown = samples
      },
    })
  }
}

async function* partsOf(prom: Registry, families: readonly Exposed[]): AsyncIterable<string> {
  for (const { name, read, show } of families) {
    const samples = read()
    for (let at = 0; at === 0 || at < samples.length; at += LINES) {
      // It is asked for what is shown before this call returns, so that two who ask at once do not mix.
      show(samples.slice(at, at + LINES))
      const text = prom.getSingleMetricAsString(name)
      show([])
      yield `${at === 0 ? await text : withoutHead(await text)}\n`
      await breathe()
    }
  }
}

/** What the metric is stands before its first lines only. */
function withoutHead(text: string): string {
  return text.split('\n').slice(2).join('\n')
}

async function joined(parts: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const part of parts) text += part
  return text
}
