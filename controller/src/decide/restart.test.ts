import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FROM_A, POOLS } from '../testing/converge-table.ts'
import { drop, exampleCluster, ipsOf, put, restart } from '../testing/example-cluster.ts'
import { DUAL, IPV6_ONLY, type ServiceExample } from '../testing/examples.ts'

describe('a restart', () => {
  it('moves no address, whatever order the Services come in', () => {
    const cluster = exampleCluster(POOLS)
    for (const name of ['c', 'a', 'b']) put(cluster, `default/${name}`)
    drop(cluster, 'default/c')
    restart(cluster, POOLS)
    assert.deepEqual([ipsOf(cluster, 'default/a'), ipsOf(cluster, 'default/b')], [['10.0.0.1'], ['10.0.0.2']])
    assert.equal(cluster.writes, 3)
  })

  it('gives an older Service without address nothing that a younger one holds', () => {
    const cluster = exampleCluster()
    put(cluster, 'default/old', { createdAt: '2020-01-01T00:00:00Z' })
    put(cluster, 'default/young', { ips: ['10.0.0.0'], annotations: FROM_A })
    restart(cluster, { a: ['10.0.0.0/31'] })
    assert.deepEqual([ipsOf(cluster, 'default/old'), ipsOf(cluster, 'default/young')], [['10.0.0.1'], ['10.0.0.0']])
  })

  it('leaves an address that two show to the one with more addresses, then to the oldest', () => {
    const cluster = exampleCluster()
    put(cluster, 'default/old', { createdAt: '2020-01-01T00:00:00Z', ips: ['10.0.0.5'] })
    put(cluster, 'default/dual', { ips: ['10.0.0.5', 'fd00::5'], spec: DUAL })
    put(cluster, 'default/young', { ips: ['10.0.0.5'] })
    restart(cluster, { a: ['10.0.0.0/24', 'fd00::/64'] })
    assert.deepEqual(ipsOf(cluster, 'default/dual'), ['10.0.0.5', 'fd00::5'])
    assert.deepEqual([ipsOf(cluster, 'default/old'), ipsOf(cluster, 'default/young')], [['10.0.0.0'], ['10.0.0.1']])
  })

  const LEAVES: [why: string, older: ServiceExample][] = [
    ['is no LoadBalancer any more', { spec: { type: 'ClusterIP' } }],
    ['wants another pool', { annotations: { 'metallb.io/address-pool': 'b' } }],
    ['wants another address', { annotations: { 'metallb.io/loadBalancerIPs': '10.0.0.7' } }],
    ['is of another family', { spec: IPV6_ONLY }],
  ]
  for (const [why, older] of LEAVES) {
    it(`leaves an address that two show to the one who may have it: the older one ${why}`, () => {
      const cluster = exampleCluster()
      put(cluster, 'default/old', { createdAt: '2020-01-01T00:00:00Z', ips: ['10.0.0.5'], ...older })
      put(cluster, 'default/young', { ips: ['10.0.0.5'] })
      restart(cluster, POOLS)
      assert.deepEqual(ipsOf(cluster, 'default/young'), ['10.0.0.5'])
      assert.notDeepEqual(ipsOf(cluster, 'default/old'), ['10.0.0.5'])
    })
  }
})
