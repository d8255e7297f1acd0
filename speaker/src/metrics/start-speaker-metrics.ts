import { type Api, type ApiObservations, CLIENT_SERIES, reviewAccess } from '@steelyard/kube'
import { expose, metricsRegistry, type MetricsRegistry } from '@steelyard/metrics'
import { type Logger, type MetricsServer, PROCESS_SERIES, serveMetrics, thisProcess } from '@steelyard/program'
import { systemClock } from '@steelyard/runtime'
import type { SpeakerSettings } from '../flags.ts'
import { LAYER2_SERIES } from './layer2-series.ts'
import { MEMBERSHIP_SERIES } from './membership-series.ts'
import { BFD_SERIES, BGP_SERIES } from './session-series.ts'
import type { SpeakerSource } from './speaker-source.ts'

export type SpeakerMetrics = {
  readonly observations: ApiObservations
  /** Undefined until there is a speaker. */
  readonly observed: () => SpeakerSource | undefined
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

/** All metrics of a speaker's process. */
export function speakerRegistry({ observations, observed, now }: SpeakerMetrics): MetricsRegistry {
  const registry = metricsRegistry()
  const client = { observations, now, config: () => observed()?.config() }
  const itself = thisProcess(() => new Date())
  expose(registry, [...LAYER2_SERIES, ...BGP_SERIES, ...BFD_SERIES, ...MEMBERSHIP_SERIES], observed)
  expose(registry, CLIENT_SERIES, () => client)
  expose(registry, PROCESS_SERIES, () => itself)
  return registry
}

/** Serves them where the flags say; undefined when they say nowhere. */
export async function startSpeakerMetrics(
  { values }: SpeakerSettings,
  metrics: Omit<SpeakerMetrics, 'now'> & { readonly api: Api; readonly log: Logger },
): Promise<MetricsServer | undefined> {
  return serveMetrics('speaker', values, metrics.log, () => ({
    registry: speakerRegistry({ ...metrics, now: systemClock.now }),
    review: (token) => reviewAccess(metrics.api, { token, path: '/metrics', verb: 'get' }),
  }))
}
