import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { drop, exampleCluster, type ExampleCluster, ipsOf, put, setPools } from '../testing/example-cluster.ts'
import { DUAL, examplePools, exampleView, IPV6_ONLY, PREFER_DUAL, type ServiceExample } from '../testing/examples.ts'
import { configure, newAllocator, observe, remove } from './allocator.ts'

/** A time of day on one date: what is later is younger. */
const at = (minute: number): string => `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`

function served(cluster: ExampleCluster, keys: readonly string[]): string[] {
  return keys.filter((key) => ipsOf(cluster, key).length > 0)
}

describe('those who wait for an address', () => {
  it('are served oldest first, one for each that is freed', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/31'] })
    for (const [minute, name] of ['h1', 'h2', 'w3', 'w1', 'w2'].entries()) {
      put(cluster, `default/${name}`, { createdAt: at(name.startsWith('h') ? minute : Number(name[1]) + 20) })
    }
    const waiting = ['default/w1', 'default/w2', 'default/w3']
    assert.deepEqual(served(cluster, waiting), [])
    drop(cluster, 'default/h1')
    assert.deepEqual(served(cluster, waiting), ['default/w1'])
    drop(cluster, 'default/h2')
    assert.deepEqual(served(cluster, waiting), ['default/w1', 'default/w2'])
  })

  it('are served by name when they are of one second', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32'] })
    for (const name of ['holder', 'b', 'a']) put(cluster, `default/${name}`)
    drop(cluster, 'default/holder')
    assert.deepEqual(served(cluster, ['default/a', 'default/b']), ['default/a'])
  })

  it('are passed by when what is freed is of another family', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32', 'fd00::/128'] })
    put(cluster, 'default/four')
    put(cluster, 'default/six', { spec: IPV6_ONLY })
    put(cluster, 'default/old', { createdAt: at(1) })
    put(cluster, 'default/young', { createdAt: at(2), spec: IPV6_ONLY })
    drop(cluster, 'default/six')
    assert.deepEqual(served(cluster, ['default/old', 'default/young']), ['default/young'])
  })

  it('are served in both families once the last one they lacked is there', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32', 'fd00::/128'] })
    put(cluster, 'default/four')
    put(cluster, 'default/six', { spec: IPV6_ONLY })
    put(cluster, 'default/dual', { spec: DUAL })
    drop(cluster, 'default/six')
    assert.deepEqual(ipsOf(cluster, 'default/dual'), [])
    drop(cluster, 'default/four')
    assert.deepEqual(ipsOf(cluster, 'default/dual'), ['10.0.0.0', 'fd00::'])
  })

  it('do not keep a younger one from an address they cannot use', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32', 'fd00::/128'] })
    put(cluster, 'default/four')
    put(cluster, 'default/six', { spec: IPV6_ONLY })
    put(cluster, 'default/dual', { createdAt: at(1), spec: DUAL })
    put(cluster, 'default/young', { createdAt: at(2) })
    drop(cluster, 'default/four')
    assert.deepEqual(ipsOf(cluster, 'default/young'), ['10.0.0.0'])
  })

  it('get either family when they would do with one', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32', 'fd00::/128'] })
    put(cluster, 'default/four')
    put(cluster, 'default/six', { spec: IPV6_ONLY })
    put(cluster, 'default/prefer', { spec: PREFER_DUAL })
    drop(cluster, 'default/six')
    assert.deepEqual(ipsOf(cluster, 'default/prefer'), ['fd00::'])
    drop(cluster, 'default/four')
    assert.deepEqual(ipsOf(cluster, 'default/prefer'), ['fd00::', '10.0.0.0'])
  })

  it('get the one address they asked for, before older ones who would take any', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/31'] })
    const wanted = { 'metallb.io/loadBalancerIPs': '10.0.0.1' }
    put(cluster, 'default/one')
    put(cluster, 'default/two')
    put(cluster, 'default/asks', { createdAt: at(1), annotations: wanted })
    put(cluster, 'default/any', { createdAt: at(2) })
    drop(cluster, 'default/one')
    assert.deepEqual(ipsOf(cluster, 'default/any'), ['10.0.0.0'])
    drop(cluster, 'default/two')
    assert.deepEqual(ipsOf(cluster, 'default/asks'), ['10.0.0.1'])
  })

  it('wait no more once they are gone, are no LoadBalancers, or ask for something else', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32'] })
    for (const name of ['holder', 'gone', 'changed', 'asks']) put(cluster, `default/${name}`)
    drop(cluster, 'default/gone')
    put(cluster, 'default/changed', { spec: { type: 'ClusterIP' } })
    put(cluster, 'default/asks', { annotations: { 'metallb.io/address-pool': 'nope' } })
    assert.equal(cluster.allocator.waiters.services.size, 0)
    assert.equal(cluster.allocator.waiters.byTopic.size, 0)
  })

  it('are told once why they wait, however often somebody else comes and goes', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32'] })
    put(cluster, 'default/holder')
    put(cluster, 'default/first', { createdAt: at(1) })
    put(cluster, 'default/waits', { createdAt: at(2) })
    drop(cluster, 'default/holder')
    put(cluster, 'default/other', { createdAt: at(3) })
    drop(cluster, 'default/other')
    put(cluster, 'default/waits', { createdAt: at(2), labels: { changed: 'yes' } })
    const told = cluster.events.filter((event) => event.includes('default/waits'))
    assert.equal(told.length, 1, told.join('\n'))
  })

  it('are told again when it is for another reason', () => {
    const cluster = exampleCluster({ a: ['10.0.0.0/32'] })
    put(cluster, 'default/holder')
    put(cluster, 'default/waits')
    setPools(cluster, { a: ['10.0.0.0/32'], b: ['fd00::/64'] })
    const told = cluster.events.filter((event) => event.includes('default/waits'))
    assert.equal(told.length, 2, told.join('\n'))
  })
})

/** How often somebody is looked at again while a full pool's holders go, one after the other. */
function looksWhileHoldersGo(count: number, holder: ServiceExample, waiter: (index: number) => ServiceExample): number {
  const allocator = newAllocator('')
  configure(allocator, examplePools({ a: [`10.0.0.0-10.0.${(count - 1) >> 8}.${(count - 1) & 255}`] }))
  const indexes = Array.from({ length: count }, (_, index) => index)
  for (const index of indexes) observe(allocator, exampleView(`default/holder-${index}`, holder))
  for (const index of indexes) observe(allocator, exampleView(`default/waiter-${index}`, waiter(index)))
  assert.equal(allocator.ledger.held.size, count)
  let looks = 0
  for (const index of indexes) looks += remove(allocator, `default/holder-${index}`).length
  assert.equal(allocator.ledger.held.size, count)
  assert.equal(allocator.waiters.services.size, 0)
  return looks
}

const sharing = (...ports: number[]): ServiceExample => ({
  annotations: { 'metallb.io/allow-shared-ip': 'k' },
  spec: { ports: ports.map((port) => ({ port })) },
})

describe('many who wait', () => {
  it('cost one look each, not a thousand, while a thousand others go', () => {
    assert.equal(
      looksWhileHoldersGo(1000, {}, () => ({})),
      1000,
    )
  })

  it('cost one look each when all would share, and all want one port', () => {
    assert.equal(
      looksWhileHoldersGo(300, sharing(80), () => sharing(80)),
      300,
    )
  })

  it('cost one look each when all would share, and each has a port of its own too', () => {
    assert.equal(
      looksWhileHoldersGo(300, sharing(80), (index) => sharing(80, 1000 + index)),
      300,
    )
  })

  it('are not looked at when somebody joins or leaves the address they asked for, and their port stays taken', () => {
    const allocator = newAllocator('')
    configure(allocator, examplePools({ a: ['10.0.0.0/24'] }))
    const asking = (...ports: number[]): ServiceExample => {
      const { annotations, ...more } = sharing(...ports)
      return { ...more, annotations: { ...annotations, 'metallb.io/loadBalancerIPs': '10.0.0.5' } }
    }
    observe(allocator, exampleView('default/holder', asking(80)))
    for (let index = 0; index < 50; index++) observe(allocator, exampleView(`default/waiter-${index}`, asking(80)))
    assert.equal(observe(allocator, exampleView('default/joins', asking(443))).length, 1)
    assert.equal(observe(allocator, exampleView('default/joins', asking(444))).length, 1)
    assert.equal(remove(allocator, 'default/joins').length, 0)
    assert.equal(remove(allocator, 'default/holder').length, 1)
  })
})
