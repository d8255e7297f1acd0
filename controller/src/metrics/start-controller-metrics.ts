import { type Api, type ApiObservations, CLIENT_SERIES, type ConfigStanding, reviewAccess } from '@steelyard/kube'
import { expose, metricsRegistry, type MetricsRegistry } from '@steelyard/metrics'
import { type Logger, type MetricsServer, PROCESS_SERIES, serveMetrics, thisProcess } from '@steelyard/program'
import { systemClock } from '@steelyard/runtime'
import type { ControllerFlags } from '../flags.ts'
import { CONTROLLER_SERIES, type ControllerSource } from './controller-series.ts'

export type ControllerMetrics = {
  readonly observations: ApiObservations
  /** Undefined until there is a controller. */
  readonly observed: () => ControllerSource | undefined
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
}

/** All metrics of a controller's process. */
export function controllerRegistry({ observations, observed, now }: ControllerMetrics): MetricsRegistry {
  const registry = metricsRegistry()
  const config = (): ConfigStanding | undefined => standingOf(observed())
  const client = { observations, now, config }
  const itself = thisProcess(() => new Date())
  expose(registry, CONTROLLER_SERIES, observed)
  expose(registry, CLIENT_SERIES, () => client)
  expose(registry, PROCESS_SERIES, () => itself)
  return registry
}

function standingOf(source: ControllerSource | undefined): ConfigStanding | undefined {
  const config = source?.active()?.config
  if (config === undefined) return undefined
  const { inForce, verdict, refusals } = config
  return { isLoaded: inForce !== undefined, isStale: verdict?.kind === 'refused', refusals }
}

/** Serves them where the flags say; undefined when they say nowhere. */
export async function startControllerMetrics(
  flags: ControllerFlags,
  metrics: Omit<ControllerMetrics, 'now'> & { readonly api: Api; readonly log: Logger },
): Promise<MetricsServer | undefined> {
  return serveMetrics('controller', flags, metrics.log, () => ({
    registry: controllerRegistry({ ...metrics, now: systemClock.now }),
    review: (token) => reviewAccess(metrics.api, { token, path: '/metrics', verb: 'get' }),
  }))
}
