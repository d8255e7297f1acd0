import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY, POOLS } from '../testing/converge-table.ts'
import { drop, exampleCluster, ipsOf, put } from '../testing/example-cluster.ts'
import { DUAL, exampleView, IPV6_ONLY, PREFER_DUAL } from '../testing/examples.ts'
import { configure, newAllocator, observe } from './allocator.ts'

describe('step 1: a Service that is deleted', () => {
  it('leaves its address to the oldest who waits', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32'] })
    put(cluster, KEY)
    put(cluster, 'default/young', { createdAt: '2026-01-03T00:00:00Z' })
    put(cluster, 'default/old', { createdAt: '2026-01-02T00:00:00Z' })
    drop(cluster, KEY)
    assert.deepEqual([ipsOf(cluster, 'default/old'), ipsOf(cluster, 'default/young')], [['10.0.0.0'], []])
  })

  it('is another one when it comes back under its name: the old address is free', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/24'] })
    put(cluster, 'default/first')
    put(cluster, KEY, { uid: 'one' })
    put(cluster, KEY, { uid: 'two', ips: [] })
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.1'])
  })
})

describe('the family of a Service that changes', () => {
  it('a Service that becomes dual with PreferDualStack keeps its address and gets a second', () => {
    const cluster = exampleCluster(POOLS)
    put(cluster, 'default/first')
    put(cluster, KEY)
    put(cluster, KEY, { spec: PREFER_DUAL })
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.1', 'fd00::'])
  })

  it('a Service that becomes dual with RequireDualStack gets two, and may get its own again', () => {
    const cluster = exampleCluster(POOLS)
    put(cluster, KEY)
    put(cluster, KEY, { spec: DUAL })
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.0', 'fd00::'])
  })

  it('a Service whose clusterIP is now IPv6 gets IPv6', () => {
    const cluster = exampleCluster(POOLS)
    put(cluster, KEY)
    put(cluster, KEY, { spec: IPV6_ONLY })
    assert.deepEqual(ipsOf(cluster, KEY), ['fd00::'])
  })

  it('one that could have only one family gets the other once there is room', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/24', 'fd00::/128'] })
    put(cluster, 'default/six', { spec: IPV6_ONLY })
    put(cluster, KEY, { spec: PREFER_DUAL })
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.0'])
    assert.match(cluster.events.join('\n'), /AdditionalAssignFailed: .*: pool a has no free IPv6 address$/)
    drop(cluster, 'default/six')
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.0', 'fd00::'])
  })
})

describe('deprecated annotations', () => {
  const OLD = {
    'metallb.universe.tf/address-pool': 'a',
    'metallb.universe.tf/allow-shared-ip': 'k',
    'metallb.universe.tf/other': 'x',
  }

  it('are told, each key once, and only when the Service is changed', () => {
    const cluster = exampleCluster(POOLS)
    put(cluster, KEY, { annotations: OLD })
    put(cluster, KEY, { annotations: OLD, labels: { changed: 'yes' } })
    const told = cluster.events.filter((event) => event.startsWith(`Warning ${KEY} deprecatedAnnotation`))
    assert.deepEqual(
      told.map((event) => /annotation (\S+)/.exec(event)?.[1]),
      Object.keys(OLD),
    )
    put(cluster, KEY, { annotations: OLD, spec: IPV6_ONLY })
    assert.equal(cluster.events.filter((event) => event.includes('deprecatedAnnotation')).length, 2 * told.length)
  })
})

describe('step 4: no pools at all', () => {
  it('is a problem for the log, said once of each Service, and no Event', () => {
    const allocator = newAllocator('')
    configure(allocator, [])
    const view = exampleView(KEY)
    const [first, second] = [observe(allocator, view), observe(allocator, view)]
    assert.deepEqual(first, [{ service: KEY, tells: [], problem: 'there is no IPAddressPool' }])
    assert.deepEqual(second, [{ service: KEY, tells: [] }])
  })
})
