import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY, POOLS } from '../testing/converge-table.ts'
import { drop, exampleCluster, ipsOf, put } from '../testing/example-cluster.ts'
import { DUAL, IPV6_ONLY, PREFER_DUAL } from '../testing/examples.ts'

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
    drop(cluster, 'default/six')
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.0', 'fd00::'])
  })
})
