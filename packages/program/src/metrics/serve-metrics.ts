import { systemClock } from '@steelyard/runtime'
import type { Logger } from '../logger.ts'
import { type TlsFlags, tlsSettings } from '../tls-settings.ts'
import { type MetricsPorts, type MetricsServer, startMetrics } from './metrics-server.ts'

/** What of a program's flags is about its metrics. */
export type MetricsFlags = TlsFlags & { readonly port: number; readonly 'metrics-cert-dir': string }

/**
 * Serves a program's metrics where its flags say; undefined when they say nowhere.
 * @param name what a certificate that is made is called
 * @param portsOf called only when there is something to serve
 */
export async function serveMetrics(
  name: string,
  flags: MetricsFlags,
  log: Logger,
  portsOf: () => Pick<MetricsPorts, 'registry' | 'review'>,
): Promise<MetricsServer | undefined> {
  if (flags.port === 0) return undefined
  return startMetrics(
    { port: flags.port, tls: tlsSettings(flags), certificateFolder: flags['metrics-cert-dir'], name },
    { ...portsOf(), clock: systemClock, timeOfDay: () => new Date(), log: log.from('metrics') },
  )
}
