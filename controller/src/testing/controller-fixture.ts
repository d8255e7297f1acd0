import {
  CONFIGURATION_STATES,
  type ConfigurationState,
  EVENTS,
  IP_ADDRESS_POOLS,
  memoryApi,
  type MemoryApi,
  memoryCluster,
  type MemoryCluster,
  NAMESPACES,
  PODS,
  type PoolObject,
  SERVICES,
} from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import type { LogFields, Logger } from '@steelyard/program'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { type Controller, type ControllerOptions, startController } from '../controller.ts'
import type { Webhook } from '../webhook/webhook.ts'
import type { PlainWorld } from '../world.ts'
import { examplePoolObject, exampleService, type ServiceExample } from './examples.ts'

export const NAMESPACE = 'metallb-system'

export type LogLine = LogFields & { readonly level: string; readonly message: string }
export type Replica = {
  readonly name: string
  readonly api: MemoryApi
  readonly controller: Controller
  readonly log: readonly LogLine[]
}

/** A cluster in memory, controllers on it that can be broken one by one, and a clock turned by hand. */
export type ControllerFixture = {
  readonly clock: FakeClock
  readonly cluster: MemoryCluster
  readonly start: (
    name?: string,
    more?: Partial<Pick<ControllerOptions, 'loadBalancerClass' | 'membershipSecret'>> & {
      /** Made with the replica's own API, clock and log, and stopped with it. */
      readonly webhookFor?: (ports: Omit<PlainWorld, 'events'>) => Webhook
    },
  ) => Replica
  /** SIGKILL: it never hears or says anything again. */
  readonly crash: (replica: Replica) => void
}

export function controllerFixture(): ControllerFixture {
  const clock = fakeClock()
  const cluster = memoryCluster(() => new Date(clock.now()))
  let started = 0
  cluster.put(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', uid: 'ns-default' } })
  return {
    clock,
    cluster,
    crash: ({ api }) => {
      api.faults.partition(true)
      api.faults.failNext(Infinity, {})
    },
    start: (name = 'one', { loadBalancerClass = '', membershipSecret, webhookFor } = {}) => {
      const api = memoryApi({ cluster, clock })
      const log: LogLine[] = []
      started++
      const common = { clock, timeOfDay: () => new Date(clock.now()), random: seededRandom(started) }
      const options = {
        api,
        ...common,
        namespace: NAMESPACE,
        identity: name,
        podName: name,
        loadBalancerClass,
        membershipSecret,
      }
      cluster.put(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: NAMESPACE, name, uid: `pod-${name}` } })
      const webhook = webhookFor?.({ ...options, log: recordingLog(log) })
      const controller = startController({ ...options, webhook, log: recordingLog(log) })
      const stop = async (): Promise<void> => void (await Promise.all([controller.stop(), webhook?.stop()]))
      return { name, api, log, controller: { ...controller, stop } }
    },
  }
}

export function recordingLog(lines: LogLine[]): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, ...fields })
  const log: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), from: () => log }
  return log
}

/** Lets time pass in small steps until `holds`; the answer is how long it took. Fails the test when it takes too long. */
export async function until(clock: FakeClock, holds: () => boolean, limitMs = 30_000): Promise<number> {
  const since = clock.now()
  while (!holds()) {
    if (clock.now() - since > limitMs) throw new Error(`still not so after ${limitMs} ms: ${holds.toString()}`)
    await clock.advanceAsync(10)
  }
  return clock.now() - since
}

/** Stops in order, with the time that takes. */
export async function end(clock: FakeClock, ...replicas: readonly Pick<Replica, 'controller'>[]): Promise<void> {
  const stopped = Promise.all(replicas.map(({ controller }) => controller.stop()))
  await pass(clock, 2000)
  await stopped
}

/** Lets time pass in small steps. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) await clock.advanceAsync(Math.min(100, left))
}

export function putPool(cluster: MemoryCluster, name: string, addresses: readonly string[], more: object = {}): void {
  const before = cluster.read(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name })
  const generation = (before?.metadata.generation ?? 0) + 1
  const object = examplePoolObject(name, addresses, more)
  const metadata = { ...before?.metadata, ...object.metadata, uid: `pool-${name}`, generation }
  cluster.put(IP_ADDRESS_POOLS, { ...(before?.status && { status: before.status }), ...object, metadata })
}

/** As a user: a new Service, or another spec, annotations and labels for one that is there. */
export function putService(cluster: MemoryCluster, key: string, example: ServiceExample = {}): void {
  const before = readService(cluster, key)
  const fresh = exampleService(key, {
    createdAt: before?.metadata.creationTimestamp ?? '2026-01-01T00:00:00Z',
    ...example,
  })
  if (before === undefined) return void cluster.put(SERVICES, fresh)
  const annotations = { ...before.metadata.annotations, ...fresh.metadata.annotations }
  const status = example.ips === undefined && example.ingress === undefined ? before.status : fresh.status
  cluster.put(SERVICES, { ...fresh, metadata: { ...fresh.metadata, annotations }, ...(status && { status }) })
}

export function putServices(cluster: MemoryCluster, count: number, example: ServiceExample = {}): string[] {
  const keys = Array.from({ length: count }, (_, index) => `default/s${String(index).padStart(4, '0')}`)
  for (const key of keys) putService(cluster, key, example)
  return keys
}

export function removeService(cluster: MemoryCluster, key: string): void {
  cluster.remove(SERVICES, refOfKey(key))
}

export function readService(cluster: MemoryCluster, key: string): Service | undefined {
  return cluster.read(SERVICES, refOfKey(key))
}

function refOfKey(key: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = key.split('/')
  return { namespace, name }
}

export function ipsOf(cluster: MemoryCluster, key: string): string[] {
  return (readService(cluster, key)?.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
}

/** Every address shown by any Service. */
export function allIps(cluster: MemoryCluster): string[] {
  return cluster
    .readAll(SERVICES)
    .flatMap(({ status }) => (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip))
}

export function readPool(cluster: MemoryCluster, name: string): PoolObject | undefined {
  return cluster.read(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name })
}

export function readState(cluster: MemoryCluster): ConfigurationState | undefined {
  return cluster.read(CONFIGURATION_STATES, { namespace: NAMESPACE, name: 'controller' })
}

/** Events as `reason name: message`. */
export function eventsOf(cluster: MemoryCluster): string[] {
  return cluster
    .readAll(EVENTS)
    .map(({ reason, involvedObject, message }) => `${reason} ${involvedObject.name}: ${message}`)
}
