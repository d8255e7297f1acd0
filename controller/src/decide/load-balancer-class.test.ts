import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FROM_A, KEY } from '../testing/converge-table.ts'
import { exampleCluster, ipsOf, put } from '../testing/example-cluster.ts'
import { type ServiceExample } from '../testing/examples.ts'

describe('load balancer classes', () => {
  const OTHERS = { loadBalancerClass: 'example.com/other' }
  const OURS = { loadBalancerClass: 'example.com/ours' }
  const cases: [name: string, flag: string, service: ServiceExample, ips: string[], writes: number][] = [
    ['without --lb-class: a Service without loadBalancerClass is served', '', {}, ['10.0.0.0'], 1],
    ['without --lb-class: a Service with a loadBalancerClass is left alone', '', { spec: OTHERS }, [], 0],
    [
      'without --lb-class: a Service with a loadBalancerClass is not even cleared',
      '',
      { spec: OTHERS, ips: ['10.0.0.9', '192.0.2.1'], annotations: FROM_A },
      ['10.0.0.9', '192.0.2.1'],
      0,
    ],
    ['with --lb-class: that loadBalancerClass is served', 'example.com/ours', { spec: OURS }, ['10.0.0.0'], 1],
    [
      'with --lb-class: another loadBalancerClass is left alone',
      'example.com/ours',
      { spec: OTHERS, ips: ['10.0.0.9'] },
      ['10.0.0.9'],
      0,
    ],
    [
      'with --lb-class: a Service without loadBalancerClass is left alone',
      'example.com/ours',
      { ips: ['192.0.2.1'] },
      ['192.0.2.1'],
      0,
    ],
  ]
  for (const [name, flag, service, ips, writes] of cases) {
    it(name, () => {
      const cluster = exampleCluster({ a: ['10.0.0.0/24'] }, flag)
      put(cluster, KEY, service)
      assert.deepEqual(ipsOf(cluster, KEY), ips)
      assert.equal(cluster.writes, writes)
    })
  }

  it('an address on a Service of another loadBalancerClass is free for ours', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/24'] })
    put(cluster, 'default/theirs', { spec: OTHERS, ips: ['10.0.0.0'] })
    put(cluster, KEY)
    assert.deepEqual(ipsOf(cluster, KEY), ['10.0.0.0'])
  })
})
