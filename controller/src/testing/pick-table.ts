import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { exampleCluster, ipsOf, poolOfService, put } from './example-cluster.ts'
import { IPV4_ONLY, IPV6_ONLY, type PoolExamples, type ServiceExample } from './examples.ts'

type Expected = { readonly ips: readonly string[]; readonly pool?: string; readonly event?: RegExp }
export type PickCase = readonly [name: string, pools: PoolExamples, service: ServiceExample, expected: Expected]

/** What one new Service is given and told. Each case starts with these addresses taken, by Services that asked for them. */
export function pickTable(title: string, cases: readonly PickCase[], taken: readonly string[] = []): void {
  void describe(title, () => {
    for (const [name, pools, service, { ips, pool, event = /IPAllocated/ }] of cases) {
      void it(name, () => {
        const cluster = exampleCluster(pools)
        for (const ip of taken) put(cluster, `taken/${ip.replaceAll(/[.:]/g, '-')}`, holder(ip))
        put(cluster, 'default/web', service)
        assert.deepEqual(ipsOf(cluster, 'default/web'), ips)
        assert.equal(poolOfService(cluster, 'default/web'), ips.length === 0 ? undefined : pool)
        assert.match(cluster.events.filter((line) => line.includes('default/web')).join('\n'), event)
      })
    }
  })
}

function holder(ip: string): ServiceExample {
  return { annotations: { 'metallb.io/loadBalancerIPs': ip }, spec: ip.includes(':') ? IPV6_ONLY : IPV4_ONLY }
}

/** A Service that names addresses. */
export function asking(ips: string, more: ServiceExample = {}): ServiceExample {
  return { ...more, annotations: { 'metallb.io/loadBalancerIPs': ips, ...more.annotations } }
}

/** A Service that names a pool. */
export function inPool(pool: string, more: ServiceExample = {}): ServiceExample {
  return { ...more, annotations: { 'metallb.io/address-pool': pool, ...more.annotations } }
}

export const TWO_POOLS: PoolExamples = {
  a: ['10.0.0.0/24', 'fd00::/64'],
  b: { addresses: ['10.0.1.0/24', 'fd01::/64'], autoAssign: false },
}
export const ADMITS_SHOP: PoolExamples = {
  a: { addresses: ['10.0.0.0/24'], serviceAllocation: { namespaces: ['shop'] } },
  b: ['10.0.1.0/24'],
}
/** A criterion that no namespace meets. */
export const NOWHERE = { namespaceSelectors: [{ matchLabels: { no: 'where' } }] }

/** The part of a pool that says whom it serves. */
export function pinned(priority: number | undefined, more: object = {}): { readonly serviceAllocation: object } {
  return { serviceAllocation: { ...(priority !== undefined && { priority }), ...more } }
}
