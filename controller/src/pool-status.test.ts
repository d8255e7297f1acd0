import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IP_ADDRESS_POOLS, type MemoryCluster, type PoolObject } from '@steelyard/kube'
import {
  controllerFixture,
  end,
  ipsOf,
  NAMESPACE,
  pass,
  putPool,
  putService,
  putServices,
  readPool,
  removeService,
  type Replica,
  until,
} from './testing/controller-fixture.ts'

function putStatus(cluster: MemoryCluster, name: string, status: PoolObject['status']): void {
  const pool = readPool(cluster, name)
  if (pool !== undefined && status !== undefined) cluster.put(IP_ADDRESS_POOLS, { ...pool, status })
}

function poolWrites({ api }: Replica): number {
  return api.writes().filter(({ resource }) => resource.plural === 'ipaddresspools').length
}

const full = (assignedIPv4: number, total: number): PoolObject['status'] => ({
  assignedIPv4,
  assignedIPv6: 0,
  availableIPv4: total - assignedIPv4,
  availableIPv6: 0,
})

describe('the counters of a pool', () => {
  it('follow Services that come and go', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start()
    const keys = putServices(cluster, 3)
    await until(clock, () => readPool(cluster, 'web')?.status?.['assignedIPv4'] === 3)
    for (const key of keys) removeService(cluster, key)
    await until(clock, () => readPool(cluster, 'web')?.status?.['assignedIPv4'] === 0)
    assert.deepEqual(readPool(cluster, 'web')?.status, full(0, 256))
    await end(clock, replica)
  })

  it('count a shared address once', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start()
    const annotations = { 'metallb.io/allow-shared-ip': 'k' }
    putService(cluster, 'default/a', { annotations, spec: { ports: [{ port: 80 }] } })
    putService(cluster, 'default/b', { annotations, spec: { ports: [{ port: 443 }] } })
    await until(clock, () => ipsOf(cluster, 'default/b').length === 1)
    await pass(clock, 500)
    assert.deepEqual(readPool(cluster, 'web')?.status, full(1, 256))
    await end(clock, replica)
  })

  it('leave out what avoidBuggyIPs excludes', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/23', '10.1.0.250-10.1.1.1'], { avoidBuggyIPs: true })
    const replica = start()
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    assert.deepEqual(readPool(cluster, 'web')?.status, full(0, 512 - 4 + 8 - 2))
    await end(clock, replica)
  })

  it('are exact int64 where a number could not hold them, and are then left alone', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'huge', ['fd00::/66'])
    putPool(cluster, 'large', ['fd01::/67'])
    const replica = start()
    putService(cluster, 'default/six', { spec: { clusterIPs: ['fd00:96::1'], ipFamilies: ['IPv6'] } })
    await until(clock, () => readPool(cluster, 'huge')?.status?.['assignedIPv6'] === 1)
    assert.equal(readPool(cluster, 'huge')?.status?.['availableIPv6'], 2n ** 63n - 2n)
    assert.equal(readPool(cluster, 'large')?.status?.['availableIPv6'], 2n ** 61n)
    await pass(clock, 1000)
    const before = poolWrites(replica)
    await pass(clock, 60_000)
    assert.equal(poolWrites(replica), before)
    await end(clock, replica)
  })

  it('are put back when somebody edits them, even by one', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24', 'fd00::/64'])
    const replica = start()
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    const right = readPool(cluster, 'web')?.status
    for (const edit of [{ assignedIPv4: 7 }, { availableIPv6: 2n ** 63n - 2n }, { availableIPv6: 0 }]) {
      putStatus(cluster, 'web', { ...right, ...edit })
      await until(clock, () => JSON.stringify(readPool(cluster, 'web')?.status, text) === JSON.stringify(right, text))
    }
    await end(clock, replica)
  })

  it('are written no more than once in a tenth of a second while Services come', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/16'])
    const replica = start()
    await until(clock, replica.controller.isActive)
    await pass(clock, 1000)
    const before = poolWrites(replica)
    for (let index = 0; index < 100; index++) {
      putService(cluster, `default/s${index}`)
      await clock.advanceAsync(10)
    }
    await pass(clock, 1000)
    assert.ok(poolWrites(replica) - before <= 12, `${poolWrites(replica) - before}`)
    assert.deepEqual(readPool(cluster, 'web')?.status, full(100, 65536))
    await end(clock, replica)
  })

  it('start no pass over the configuration', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start()
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    await pass(clock, 1000)
    const before = replica.api.writes().length
    putStatus(cluster, 'web', full(200, 256))
    await pass(clock, 1000)
    const written = replica.api.writes().slice(before)
    assert.deepEqual(
      written.map(({ resource }) => resource.plural),
      ['ipaddresspools'],
    )
    await end(clock, replica)
  })

  it('are written in the end, whatever fails', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start()
    const isPoolWrite = ({ resource, verb }: { resource: { plural: string }; verb: string }): boolean =>
      verb === 'update' && resource.plural === 'ipaddresspools'
    replica.api.faults.failNext(1, { status: 500, reason: 'InternalError' }, isPoolWrite)
    replica.api.faults.failNext(2, { status: 409, reason: 'Conflict' }, isPoolWrite)
    replica.api.faults.failNext(1, { status: 403, reason: 'Forbidden' }, isPoolWrite)
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    assert.equal(replica.log.filter(({ pool, level }) => pool === 'web' && level === 'warn').length, 2)
    await end(clock, replica)
  })

  it('of a refused configuration are those of the pools in force; a pool that is not gets none', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const replica = start()
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    putPool(cluster, 'broken', ['nonsense'])
    putPool(cluster, 'beside', ['10.9.0.0/24'])
    putService(cluster, 'default/web')
    await until(clock, () => readPool(cluster, 'web')?.status?.['assignedIPv4'] === 1)
    await pass(clock, 500)
    assert.equal(readPool(cluster, 'beside')?.status, undefined)
    await end(clock, replica)
  })

  it('of a pool that goes are not written any more', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putPool(cluster, 'more', ['10.0.1.0/24'])
    const replica = start()
    await until(clock, () => readPool(cluster, 'more')?.status !== undefined)
    cluster.remove(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name: 'web' })
    putService(cluster, 'default/web')
    await until(clock, () => readPool(cluster, 'more')?.status?.['assignedIPv4'] === 1)
    await pass(clock, 1000)
    assert.equal(readPool(cluster, 'web'), undefined)
    await end(clock, replica)
  })
})

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value
}
