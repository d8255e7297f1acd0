import type { Pool, ServiceView } from '@steelyard/model'
import { type Address, parsePrefix } from '@steelyard/net'
import { type Allocator, configure, newAllocator, observe, remove } from '../../controller/src/decide/allocator.ts'
import type { BenchResult } from './result.ts'

const ADDRESSES = 10_000
/** The first and the last of this many are compared: what is flat has the same figures in both. */
const WINDOW = 1000
/** Addresses asked for by name in the way of the search: every this many, from the start of the pool. */
const OBSTACLE_EVERY = 3

type Variant = {
  readonly name: string
  readonly cidr: string
  readonly avoidBuggyIPs?: boolean
  readonly obstacles?: boolean
}

const VARIANTS: readonly Variant[] = [
  { name: '10.0.0.0/8', cidr: '10.0.0.0/8' },
  { name: '10.0.0.0/8 with avoidBuggyIPs', cidr: '10.0.0.0/8', avoidBuggyIPs: true },
  { name: '10.0.0.0/8 with every third address taken', cidr: '10.0.0.0/8', obstacles: true },
  { name: 'fd00::/64', cidr: 'fd00::/64' },
]

/**
 * Hands out 10 000 addresses one by one, decision and ledger included, without any API. Time per address of the first
 * thousand and of the last: equal, because the search does not grow with what is handed out nor with the pool.
 */
export async function run(): Promise<readonly BenchResult[]> {
  // One round nobody looks at, so that the first window does not measure the compiler.
  for (const variant of VARIANTS) measure(variant)
  return [...VARIANTS.flatMap(measure), ...freedAndTaken()]
}

function measure(variant: Variant): BenchResult[] {
  const views = Array.from({ length: ADDRESSES }, (_, index) => viewOf(`bench/s${index}`, variant.cidr))
  const allocator = allocatorOf(variant)
  const samples = views.map((view) => microseconds(() => void observe(allocator, view)))
  return [
    { name: `${variant.name}: address 1 to ${WINDOW}`, unit: 'µs', samples: samples.slice(0, WINDOW) },
    {
      name: `${variant.name}: address ${ADDRESSES - WINDOW + 1} to ${ADDRESSES}`,
      unit: 'µs',
      samples: samples.slice(-WINDOW),
    },
  ]
}

/** A full pool before which a thousand wait: each Service that goes leaves its address to the oldest of them. */
function freedAndTaken(): BenchResult[] {
  const allocator = allocatorOf({ name: '', cidr: '10.0.0.0/22' })
  const keys = Array.from({ length: 2 * 1024 }, (_, index) => `bench/s${index}`)
  for (const key of keys) observe(allocator, viewOf(key, '10.0.0.0/22'))
  const samples = keys.slice(0, WINDOW).map((key) => microseconds(() => void remove(allocator, key)))
  return [{ name: 'a Service goes, the oldest of 1024 who wait is served', unit: 'µs', samples }]
}

function microseconds(work: () => void): number {
  const started = performance.now()
  work()
  return (performance.now() - started) * 1000
}

function allocatorOf({ cidr, avoidBuggyIPs = false, obstacles = false }: Variant): Allocator {
  const prefix = parsePrefix(cidr)
  if (prefix === undefined) throw new Error(`${cidr} is no CIDR`)
  const pool: Pool = { name: 'bench', entries: [{ text: cidr, prefixes: [prefix] }], autoAssign: true, avoidBuggyIPs }
  const allocator = newAllocator('')
  configure(allocator, [pool])
  if (obstacles) placeObstacles(allocator)
  return allocator
}

function placeObstacles(allocator: Allocator): void {
  for (let index = 0; index < ADDRESSES; index += OBSTACLE_EVERY) {
    const ip = `10.0.${Math.floor(index / 256)}.${index % 256}`
    observe(allocator, { ...viewOf(`bench/by-name-${index}`, ip), annotations: { 'metallb.io/loadBalancerIPs': ip } })
  }
}

function viewOf(key: string, cidr: string): ServiceView {
  const [namespace = '', name = ''] = key.split('/')
  const clusterIp: Address = cidr.includes(':')
    ? { family: 6, words: [0xfd000096, 0, 0, 1] }
    : { family: 4, words: [0x0a600001] }
  return {
    key,
    namespace,
    name,
    uid: key,
    createdAt: '2026-01-01T00:00:00Z',
    deleting: false,
    labels: {},
    annotations: {},
    isLoadBalancer: true,
    loadBalancerClass: undefined,
    clusterIps: [clusterIp],
    primaryFamily: clusterIp.family,
    familyPolicy: 'SingleStack',
    trafficPolicy: 'Cluster',
    selector: { app: name },
    ports: [{ protocol: 'TCP', port: 80 }],
    specLoadBalancerIp: undefined,
    ingress: [],
  }
}
