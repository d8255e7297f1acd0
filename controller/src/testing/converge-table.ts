import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import { exampleCluster, type ExampleCluster, ipsOf, poolOfService, put } from './example-cluster.ts'
import type { PoolExamples, ServiceExample } from './examples.ts'

export const KEY = 'default/web'
export const POOLS: PoolExamples = { a: ['10.0.0.0/24', 'fd00::/64'], b: ['10.0.1.0/24', 'fd01::/64'] }
export const FROM_A = { 'metallb.io/ip-allocated-from-pool': 'a' }

/** What a Service that shows something becomes, what its owner is told, and how often it is written. */
export type ConvergeCase = readonly [
  name: string,
  service: ServiceExample,
  expected: {
    readonly ips: readonly string[]
    readonly pool?: string
    readonly events?: readonly RegExp[]
    readonly writes?: number
  },
]

/** @param pools `none`: there never was a valid configuration */
export function convergeTable(
  title: string,
  cases: readonly ConvergeCase[],
  pools: PoolExamples | 'none' = POOLS,
): void {
  void describe(title, () => {
    for (const [name, service, { ips, pool, events = [], writes }] of cases) {
      void it(name, () => {
        const cluster = pools === 'none' ? exampleCluster() : exampleCluster(pools)
        put(cluster, KEY, service)
        assert.deepEqual(ipsOf(cluster, KEY), ips)
        assert.equal(poolOfService(cluster, KEY), pool)
        assert.equal(cluster.events.length, events.length, cluster.events.join('\n'))
        events.forEach((event, at) => assert.match(cluster.events[at] ?? '', event))
        if (writes !== undefined) assert.equal(cluster.writes, writes)
        assertAtRest(cluster)
      })
    }
  })
}

/** A second pass writes nothing and tells nothing. */
export function assertAtRest(cluster: ExampleCluster): void {
  const { writes } = cluster
  const told = cluster.events.length
  lookAgain(cluster)
  assert.equal(cluster.writes, writes, 'a second pass writes')
  assert.deepEqual(cluster.events.slice(told), [], 'a second pass tells')
}

/** Each Service is heard of again, as it is. */
export function lookAgain(cluster: ExampleCluster): void {
  for (const [key, service] of cluster.services) put(cluster, key, asExample(service))
}

function asExample({ metadata, spec = {}, status }: Service): ServiceExample {
  const { uid = '', creationTimestamp = '', annotations = {} } = metadata
  return { uid, createdAt: creationTimestamp, annotations, spec, ingress: status?.loadBalancer?.ingress ?? [] }
}
