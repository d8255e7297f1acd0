import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY } from '../testing/converge-table.ts'
import { exampleCluster, ipsOf, poolOfService, put, setPools } from '../testing/example-cluster.ts'
import { type PoolExamples } from '../testing/examples.ts'

describe('pools that change', () => {
  const cases: [name: string, after: PoolExamples, expected: { ips: string[]; pool?: string; event?: RegExp }][] = [
    ['a renamed pool: only the annotation changes', { z: ['10.0.0.0/24'] }, { ips: ['10.0.0.0'], pool: 'z' }],
    [
      'a split pool: only the annotation changes',
      { a: ['10.0.0.128/25'], z: ['10.0.0.0/25'] },
      { ips: ['10.0.0.0'], pool: 'z' },
    ],
    [
      'a pool with other addresses: another is given',
      { a: ['10.0.9.0/24'] },
      { ips: ['10.0.9.0'], pool: 'a', event: /ClearAssignment: 10\.0\.0\.0 is in no pool/ },
    ],
    ['a pool of the other family: cleared', { a: ['fd00::/64'] }, { ips: [], event: /AllocationFailed/ }],
    ['no pool at all: cleared without a word', {}, { ips: [] }],
    [
      'autoAssign switched off: kept',
      { a: { addresses: ['10.0.0.0/24'], autoAssign: false } },
      { ips: ['10.0.0.0'], pool: 'a' },
    ],
    [
      'a serviceAllocation that admits others only: another is given',
      {
        a: { addresses: ['10.0.0.0/24'], serviceAllocation: { namespaces: ['shop'] } },
        b: ['10.0.1.0/24'],
      },
      { ips: ['10.0.1.0'], pool: 'b', event: /ClearAssignment: 10\.0\.0\.0 of pool a is not for this Service/ },
    ],
    [
      'avoidBuggyIPs switched on: evicted from .0',
      { a: { addresses: ['10.0.0.0/24'], avoidBuggyIPs: true } },
      { ips: ['10.0.0.1'], pool: 'a', event: /ClearAssignment: 10\.0\.0\.0 is excluded by avoidBuggyIPs of pool a/ },
    ],
    [
      'a better pool beside it: a valid address never moves',
      {
        a: ['10.0.0.0/24'],
        b: { addresses: ['10.0.1.0/24'], serviceAllocation: { priority: 1 } },
      },
      { ips: ['10.0.0.0'], pool: 'a' },
    ],
  ]
  for (const [name, after, { ips, pool, event }] of cases) {
    it(name, () => {
      const cluster = exampleCluster({ a: ['10.0.0.0/24'] })
      put(cluster, KEY)
      cluster.events.length = 0
      setPools(cluster, after)
      assert.deepEqual(ipsOf(cluster, KEY), ips)
      assert.equal(poolOfService(cluster, KEY), pool)
      if (event === undefined) assert.deepEqual(cluster.events, [])
      else assert.match(cluster.events.join('\n'), event)
    })
  }

  it('a pool that appears serves those who wait, the oldest first', () => {
    const cluster = exampleCluster({})
    put(cluster, 'default/young', { createdAt: '2026-01-03T00:00:00Z' })
    put(cluster, 'default/old', { createdAt: '2026-01-02T00:00:00Z' })
    setPools(cluster, { a: ['10.0.0.0/32'] })
    assert.deepEqual([ipsOf(cluster, 'default/old'), ipsOf(cluster, 'default/young')], [['10.0.0.0'], []])
  })
})
