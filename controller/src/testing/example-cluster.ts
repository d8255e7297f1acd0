import { ANNOTATIONS, type Pool, type Service, viewService } from '@steelyard/model'
import { type Allocator, configure, type Decision, newAllocator, note, observe, remove } from '../decide/allocator.ts'
import type { Tell } from '../decide/outcome.ts'
import { storing } from '../decide/stored-service.ts'
import { exampleService, examplePools, type PoolExamples, type ServiceExample } from './examples.ts'

/** Services and their allocator without an API between them: what is decided is stored at once. */
export type ExampleCluster = {
  readonly services: Map<string, Service>
  allocator: Allocator
  /** Every Event told, as `key reason: message`. */
  readonly events: string[]
  /** How many objects were written. */
  writes: number
}

export function exampleCluster(pools?: PoolExamples, loadBalancerClass = ''): ExampleCluster {
  const cluster: ExampleCluster = {
    services: new Map(),
    allocator: newAllocator(loadBalancerClass),
    events: [],
    writes: 0,
  }
  if (pools !== undefined) setPools(cluster, pools)
  return cluster
}

/** Creates or changes a Service. Unless the example gives a status, it keeps the one it has. */
export function put(cluster: ExampleCluster, key: string, example: ServiceExample = {}): void {
  const before = cluster.services.get(key)
  const fresh = exampleService(key, example)
  const given = example.ips !== undefined || example.ingress !== undefined
  const pool = before?.metadata.annotations?.[ANNOTATIONS.allocatedFromPool]
  const annotations = {
    ...(pool !== undefined && { [ANNOTATIONS.allocatedFromPool]: pool }),
    ...fresh.metadata.annotations,
  }
  const kept = before?.status === undefined || given ? {} : { status: before.status }
  putObject(cluster, { ...fresh, metadata: { ...fresh.metadata, annotations }, ...kept })
}

export function putObject(cluster: ExampleCluster, service: Service): void {
  const view = viewService(service)
  cluster.services.set(view.key, service)
  finish(cluster, observe(cluster.allocator, view))
}

export function drop(cluster: ExampleCluster, key: string): void {
  cluster.services.delete(key)
  finish(cluster, remove(cluster.allocator, key))
}

export function setPools(cluster: ExampleCluster, pools: PoolExamples): void {
  usePools(cluster, examplePools(pools))
}

export function usePools(cluster: ExampleCluster, pools: readonly Pool[]): void {
  finish(cluster, configure(cluster.allocator, pools))
}

/** A new process: nothing is left but the Services. */
export function restart(cluster: ExampleCluster, pools: PoolExamples): void {
  cluster.allocator = newAllocator(cluster.allocator.loadBalancerClass)
  for (const service of cluster.services.values()) note(cluster.allocator, viewService(service))
  setPools(cluster, pools)
}

export function ipsOf(cluster: ExampleCluster, key: string): string[] {
  return (cluster.services.get(key)?.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? `${hostname}`)
}

export function poolOfService(cluster: ExampleCluster, key: string): string | undefined {
  return cluster.services.get(key)?.metadata.annotations?.[ANNOTATIONS.allocatedFromPool]
}

/** Stores what was decided until nothing is left to store. */
function finish(cluster: ExampleCluster, decisions: readonly Decision[]): void {
  for (const { service, tells } of decisions) cluster.events.push(...tells.map((tell) => eventText(service, tell)))
  for (const [key, subject] of cluster.allocator.subjects) {
    const service = cluster.services.get(key)
    if (subject.decided === undefined || service === undefined) continue
    cluster.writes++
    putObject(cluster, storing(service, subject.decided))
  }
}

function eventText(service: string, { type, reason, message }: Tell): string {
  return `${type} ${service} ${reason}: ${message}`
}
