import {
  counter,
  gauge,
  histograms,
  one,
  type Sample,
  type Series,
  type Timings,
  timingSamples,
} from '@steelyard/metrics'
import type { PoolCapacity } from '@steelyard/model'
import type { Active } from '../active.ts'
import { type Ledger, poolUses, type PoolUse, servicesByPool } from '../decide/ledger.ts'
import type { PassName } from '../world.ts'

/** What the controller's own metrics are read from. */
export type ControllerSource = {
  /** Undefined while another replica is the active one. */
  readonly active: () => ActiveParts | undefined
  readonly timings: Timings<PassName>
}

/** As much of the active replica as is told. */
export type ActiveParts = {
  readonly allocation: Pick<Active['allocation'], 'allocator' | 'failing'>
  readonly config: Active['config']
}

const IN_POOL = { labels: ['pool'], bound: 'pools in force; none in a controller that stands by' }
const ONLY_ACTIVE = { bound: '1; none in a controller that stands by' }

export const CONTROLLER_SERIES: readonly Series<ControllerSource>[] = [
  ofPools('addresses_total', 'Addresses that the pool has, of both families.', ({ capacity }) => capacity.total),
  ofPools('ipv4_addresses_total', 'IPv4 addresses that the pool has.', ({ capacity }) => capacity.ipv4),
  ofPools('ipv6_addresses_total', 'IPv6 addresses that the pool has.', ({ capacity }) => capacity.ipv6),
  ofPools(
    'addresses_in_use_total',
    'Addresses in use, each counted once however shared.',
    ({ ipv4, ipv6 }) => ipv4 + ipv6,
  ),
  ofPools('ipv4_addresses_in_use_total', 'IPv4 addresses in use.', ({ ipv4 }) => ipv4),
  ofPools('ipv6_addresses_in_use_total', 'IPv6 addresses in use.', ({ ipv6 }) => ipv6),
  gauge(
    'metallb_allocator_services_allocated_total',
    { help: 'Services that the pool serves.', ...IN_POOL },
    (source) =>
      fromLedger(source, (ledger) => [...servicesByPool(ledger)].map(([pool, value]) => ({ labels: { pool }, value }))),
  ),
  gauge('steelyard_controller_active', { help: '1 in the replica that decides.', bound: '1' }, ({ active }) =>
    one(active() !== undefined),
  ),
  gauge(
    'steelyard_services_waiting',
    { help: 'Services that want an address that no pool can give them.', ...ONLY_ACTIVE },
    ({ active }) => one(active()?.allocation.allocator.waiters.services.size),
  ),
  gauge(
    'steelyard_services_unwritten',
    { help: 'Services whose last write failed, and is tried again.', ...ONLY_ACTIVE },
    ({ active }) => one(active()?.allocation.failing.size),
  ),
  histograms(
    'steelyard_reconcile_seconds',
    {
      help: 'How long the controller thought. pass: configuration (all of it, with every Service), service (one).',
      labels: ['pass'],
      bound: '2 passes',
    },
    ({ timings }) => timingSamples(timings),
  ),
  counter(
    'steelyard_config_refusals_total',
    { help: 'Passes over the configuration that refused it.', ...ONLY_ACTIVE },
    ({ active }) => one(active()?.config.refusals),
  ),
]

function ofPools(
  name: string,
  help: string,
  valueOf: (use: PoolUse & { readonly capacity: PoolCapacity }) => bigint | number,
): Series<ControllerSource> {
  return gauge(`metallb_allocator_${name}`, { help, ...IN_POOL }, (source) =>
    fromLedger(source, (ledger) =>
      poolUses(ledger).map((use) => ({ labels: { pool: use.pool }, value: Number(valueOf(use)) })),
    ),
  )
}

function fromLedger({ active }: ControllerSource, read: (ledger: Ledger) => readonly Sample[]): readonly Sample[] {
  const ledger = active()?.allocation.allocator.ledger
  return ledger === undefined ? [] : read(ledger)
}
