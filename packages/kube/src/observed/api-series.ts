import { counter, gauge, one, type Sample, type Series } from '@steelyard/metrics'
import type { ApiObservations, Followed } from './observe-api.ts'

/** What both programs tell of their dealings with the API server. */
export type ClientSource = {
  readonly observations: ApiObservations
  /** The clock's time. */
  readonly now: () => number
  /** Undefined while it is none of this process's business: a controller that stands by. */
  readonly config: () => ConfigStanding | undefined
}

export type ConfigStanding = {
  /** A valid one is in force. */
  readonly isLoaded: boolean
  /** A newer one was refused. */
  readonly isStale: boolean
  /** Passes that refused what they found. */
  readonly refusals: number
}

const RESOURCE = { labels: ['resource'], bound: 'the resources that the program follows, at most 16' }

export const CLIENT_SERIES: readonly Series<ClientSource>[] = [
  counter(
    'metallb_k8s_client_updates_total',
    { help: 'Objects that the API server has told of, listed or changed.', bound: '1' },
    ({ observations }) => one(total(observations.follows.values(), 'changes')),
  ),
  counter(
    'metallb_k8s_client_update_errors_total',
    { help: 'Passes that refused a configuration, and writes that failed or were refused.', bound: '1' },
    ({ observations, config }) => one(failedWrites(observations) + (config()?.refusals ?? 0)),
  ),
  gauge(
    'metallb_k8s_client_config_loaded_bool',
    { help: '1 when a valid configuration is in force.', bound: '1; none in a controller that stands by' },
    ({ config }) => one(config()?.isLoaded),
  ),
  gauge(
    'metallb_k8s_client_config_stale_bool',
    { help: '1 when the newest configuration was refused.', bound: '1; none in a controller that stands by' },
    ({ config }) => one(config()?.isStale),
  ),
  counter(
    'steelyard_api_writes_total',
    {
      help: 'Writes to the API server, reviews of access included. outcome: ok, conflict, refused, failed.',
      labels: ['verb', 'resource', 'outcome'],
      bound: 'what the program writes: at most 15 kinds of writes with 4 outcomes',
    },
    ({ observations: { writes } }) => [...writes.values()].map(({ count, ...labels }) => ({ labels, value: count })),
  ),
  gauge(
    'steelyard_watch_age_seconds',
    { help: 'Since the API server last said anything about a resource; it does so each minute or so.', ...RESOURCE },
    watchAges,
  ),
  counter(
    'steelyard_watch_changes_total',
    { help: 'Objects listed and changes heard, by resource.', ...RESOURCE },
    ({ observations }) => byResource(observations, (all) => total(all, 'changes')),
  ),
  counter(
    'steelyard_watch_failures_total',
    { help: 'Lists and watches that broke off; each is tried again.', ...RESOURCE },
    ({ observations }) => byResource(observations, (all) => total(all, 'failures')),
  ),
]

/** Of several that follow the same resource, the one that has waited longest. None while one has never heard anything. */
function watchAges({ observations, now }: ClientSource): readonly Sample[] {
  const at = now()
  const ages = byResource(observations, (all) => (at - Math.min(...all.map(({ heardAt }) => heardAt))) / 1000)
  return ages.filter(({ value }) => Number.isFinite(value))
}

function byResource({ follows }: ApiObservations, valueOf: (all: readonly Followed[]) => number): readonly Sample[] {
  const grouped = Map.groupBy(follows.values(), ({ resource }) => resource)
  return [...grouped].map(([resource, all]) => ({ labels: { resource }, value: valueOf(all) }))
}

function total(all: Iterable<Followed>, field: 'changes' | 'failures'): number {
  let sum = 0
  for (const followed of all) sum += followed[field]
  return sum
}

/** A conflict is nobody's failure: the write is made again from what is there now. */
function failedWrites({ writes }: ApiObservations): number {
  const failed = [...writes.values()].filter(({ outcome }) => outcome === 'refused' || outcome === 'failed')
  return failed.reduce((sum, { count }) => sum + count, 0)
}
