import { counter, gauge, one, type Series } from '@steelyard/metrics'

/** What can be asked of any process, by the names that dashboards of others expect. */
export type ProcessSource = {
  readonly rssBytes: () => number
  readonly cpuSeconds: () => number
  /** Seconds since 1970. */
  readonly startedAt: number
}

export function thisProcess(timeOfDay: () => Date): ProcessSource {
  return {
    rssBytes: () => process.memoryUsage.rss(),
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
    startedAt: timeOfDay().getTime() / 1000 - process.uptime(),
  }
}

export const PROCESS_SERIES: readonly Series<ProcessSource>[] = [
  gauge('process_resident_memory_bytes', { help: 'Memory of the process.', bound: '1' }, ({ rssBytes }) =>
    one(rssBytes()),
  ),
  counter('process_cpu_seconds_total', { help: 'Processor time of the process.', bound: '1' }, ({ cpuSeconds }) =>
    one(cpuSeconds()),
  ),
  gauge(
    'process_start_time_seconds',
    { help: 'When the process began, in seconds since 1970.', bound: '1' },
    ({ startedAt }) => one(startedAt),
  ),
]
