import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drop, exampleCluster, ipsOf, put } from '../testing/example-cluster.ts'
import type { ServiceExample } from '../testing/examples.ts'

const KEY = 'metallb.io/allow-shared-ip'
const OLD_KEY = 'metallb.universe.tf/allow-shared-ip'
const WANTED = { 'metallb.io/loadBalancerIPs': '10.0.0.5' }

function sharer(port: number | string, more: ServiceExample = {}, key = 'k'): ServiceExample {
  const [protocol = '', number] = typeof port === 'string' ? port.split('/') : ['TCP', port]
  const ports = [{ protocol, port: Number(number) }]
  return { ...more, annotations: { ...WANTED, [KEY]: key, ...more.annotations }, spec: { ports, ...more.spec } }
}

const LOCAL = { externalTrafficPolicy: 'Local' }

describe('two Services that ask for one address', () => {
  const pairs: [name: string, first: ServiceExample, second: ServiceExample, refusal: RegExp | undefined][] = [
    ['share it with equal keys and different ports', sharer(80), sharer(443), undefined],
    ['share it with equal port numbers of different protocols', sharer('TCP/53'), sharer('UDP/53'), undefined],
    ['do not share it on one port', sharer(80), sharer(80), /port TCP\/80 belongs to default\/first/],
    [
      'do not share it with different keys',
      sharer(80),
      sharer(443, {}, 'other'),
      /held by default\/first with another sharing key/,
    ],
    [
      'do not share it when the first has no key',
      { annotations: WANTED },
      sharer(443),
      /held by default\/first, which does not share/,
    ],
    [
      'do not share it when the second has no key',
      sharer(80),
      { annotations: WANTED, spec: { ports: [{ port: 443 }] } },
      /this Service has no sharing key/,
    ],
    ['do not share it with empty keys', sharer(80, {}, ''), sharer(443, {}, ''), /does not share/],
    [
      'share it under the deprecated key',
      sharer(80),
      { annotations: { ...WANTED, [OLD_KEY]: 'k' }, spec: { ports: [{ port: 443 }] } },
      undefined,
    ],
    [
      'do not share it when an empty stable key beats the deprecated one',
      sharer(80),
      sharer(443, { annotations: { [OLD_KEY]: 'k' } }, ''),
      /no sharing key/,
    ],
    [
      'share it under Cluster whatever their selectors',
      sharer(80, { spec: { selector: { app: 'a' } } }),
      sharer(443, { spec: { selector: { app: 'b' } } }),
      undefined,
    ],
    [
      'share it under Local with equal selectors',
      sharer(80, { spec: { ...LOCAL, selector: { a: '1', b: '2' } } }),
      sharer(443, { spec: { ...LOCAL, selector: { b: '2', a: '1' } } }),
      undefined,
    ],
    [
      'do not share it under Local with different selectors',
      sharer(80, { spec: { ...LOCAL, selector: { a: '1' } } }),
      sharer(443, { spec: { ...LOCAL, selector: { a: '2' } } }),
      /other backends/,
    ],
    ['do not share it under Cluster and Local', sharer(80), sharer(443, { spec: LOCAL }), /other backends/],
    [
      'share it under Cluster and Local when the Local one has no selector',
      sharer(80),
      sharer(443, { spec: { ...LOCAL, selector: {} } }),
      undefined,
    ],
    [
      'share it with no ports at all',
      sharer(80, { spec: { ports: [] } }),
      sharer(80, { spec: { ports: [] } }),
      undefined,
    ],
  ]
  for (const [name, first, second, refusal] of pairs) {
    it(name, () => {
      const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
      put(cluster, 'default/first', first)
      put(cluster, 'other/second', second)
      assert.deepEqual(ipsOf(cluster, 'default/first'), ['10.0.0.5'])
      assert.deepEqual(ipsOf(cluster, 'other/second'), refusal === undefined ? ['10.0.0.5'] : [])
      const told = cluster.events.find((event) => event.includes('AllocationFailed'))
      if (refusal === undefined) assert.equal(told, undefined)
      else assert.match(told ?? '', refusal)
    })
  }
})

function opportunist(port: number, key = 'k'): ServiceExample {
  return { annotations: { [KEY]: key }, spec: { ports: [{ port }] } }
}

describe('sharing without asking for an address', () => {
  it('takes the first address that is free or sharable', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/plain')
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(443))
    assert.deepEqual(ipsOf(cluster, 'a/two'), ['10.0.0.1'])
  })

  it('takes a lower free address rather than a higher shared one', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/plain')
    put(cluster, 'a/one', opportunist(80))
    drop(cluster, 'a/plain')
    put(cluster, 'a/two', opportunist(443))
    assert.deepEqual(ipsOf(cluster, 'a/two'), ['10.0.0.0'])
  })

  it('fills each address before the next: equal ports stand on different ones', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    for (const name of ['a', 'b', 'c']) put(cluster, `web/${name}`, opportunist(80))
    for (const name of ['a', 'b', 'c']) put(cluster, `tls/${name}`, opportunist(443))
    const held = ['web/a', 'web/b', 'web/c', 'tls/a', 'tls/b', 'tls/c'].map((key) => ipsOf(cluster, key)[0])
    assert.deepEqual(held, ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.0', '10.0.0.1', '10.0.0.2'])
  })

  it('finds room again on an address that a sharer left', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    for (const name of ['a', 'b', 'c']) put(cluster, `web/${name}`, opportunist(80))
    put(cluster, 'tls/a', opportunist(443))
    drop(cluster, 'web/a')
    put(cluster, 'web/d', opportunist(80))
    assert.deepEqual(ipsOf(cluster, 'web/d'), ['10.0.0.0'])
  })

  it('uses a full pool for sharers', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/32'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(443))
    put(cluster, 'a/three', opportunist(80))
    assert.deepEqual(ipsOf(cluster, 'a/two'), ['10.0.0.0'])
    assert.deepEqual(ipsOf(cluster, 'a/three'), [])
  })

  it('counts the shared address once', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(443))
    assert.equal(cluster.allocator.ledger.slots.size, 1)
  })
})

describe('one who may not share', () => {
  it('is told who holds the address: five by name, and how many more', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    for (let index = 1; index <= 7; index++) put(cluster, `a/s${index}`, sharer(index))
    put(cluster, 'a/other', sharer(80, {}, 'l'))
    assert.match(cluster.events.at(-1) ?? '', /held by a\/s1, a\/s2, a\/s3, a\/s4, a\/s5 and 2 more with another/)
  })
})

describe('a sharer that changes', () => {
  it('keeps its address when it alone holds it and changes the key', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/one', opportunist(80, 'new'))
    put(cluster, 'a/two', opportunist(443, 'new'))
    assert.deepEqual([ipsOf(cluster, 'a/one'), ipsOf(cluster, 'a/two')], [['10.0.0.0'], ['10.0.0.0']])
  })

  it('gets another address when it takes a port of its neighbour, who stays', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(443))
    put(cluster, 'a/two', opportunist(80))
    assert.deepEqual([ipsOf(cluster, 'a/one'), ipsOf(cluster, 'a/two')], [['10.0.0.0'], ['10.0.0.1']])
    assert.match(
      cluster.events.join('\n'),
      /Normal a\/two ClearAssignment: 10\.0\.0\.0 cannot be had: its port TCP\/80 belongs to a\/one; looking for another/,
    )
  })

  it('gets another address when it changes the key beside a neighbour', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(443))
    put(cluster, 'a/two', opportunist(443, 'new'))
    assert.deepEqual([ipsOf(cluster, 'a/one'), ipsOf(cluster, 'a/two')], [['10.0.0.0'], ['10.0.0.1']])
  })

  it('loses an address it asked for when it no longer fits, and is told', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
    put(cluster, 'a/one', sharer(80))
    put(cluster, 'a/two', sharer(443))
    put(cluster, 'a/two', sharer(443, {}, 'new'))
    assert.deepEqual([ipsOf(cluster, 'a/one'), ipsOf(cluster, 'a/two')], [['10.0.0.5'], []])
    assert.match(cluster.events.at(-1) ?? '', /Warning a\/two AllocationFailed/)
  })

  const helpers: [name: string, change: (cluster: ReturnType<typeof exampleCluster>) => void][] = [
    ['the holder takes the same key', (cluster) => put(cluster, 'a/one', sharer(80, {}, 'new'))],
    ['the holder goes', (cluster) => drop(cluster, 'a/one')],
    ['the holder is no LoadBalancer any more', (cluster) => put(cluster, 'a/one', { spec: { type: 'ClusterIP' } })],
  ]
  for (const [name, change] of helpers) {
    it(`lets one who waits for its address have it once ${name}`, () => {
      const cluster = exampleCluster({ web: ['10.0.0.0/24'] })
      put(cluster, 'a/one', sharer(80))
      put(cluster, 'a/two', sharer(443, {}, 'new'))
      assert.deepEqual(ipsOf(cluster, 'a/two'), [])
      change(cluster)
      assert.deepEqual(ipsOf(cluster, 'a/two'), ['10.0.0.5'])
    })
  }

  it('lets one who waits for its port have it once it gives the port up', () => {
    const cluster = exampleCluster({ web: ['10.0.0.0/32'] })
    put(cluster, 'a/one', opportunist(80))
    put(cluster, 'a/two', opportunist(80))
    assert.deepEqual(ipsOf(cluster, 'a/two'), [])
    put(cluster, 'a/one', opportunist(443))
    assert.deepEqual(ipsOf(cluster, 'a/two'), ['10.0.0.0'])
  })
})
