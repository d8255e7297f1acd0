import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  allIps,
  end,
  controllerFixture,
  eventsOf,
  ipsOf,
  pass,
  putPool,
  putService,
  putServices,
  readPool,
  readService,
  readState,
  removeService,
  until,
} from './testing/controller-fixture.ts'

describe('one controller', () => {
  it('gives each Service an address by one write that carries status and annotation', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const { api, controller } = start()
    await until(clock, controller.isActive)
    api.calls.length = 0
    const keys = putServices(cluster, 50)
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    assert.equal(new Set(allIps(cluster)).size, 50)
    const puts = api.calls.filter(({ verb, resource }) => verb === 'update' && resource.plural === 'services')
    assert.equal(puts.length, 50)
    assert.ok(puts.every(({ subresource }) => subresource === 'status'))
    const stored = readService(cluster, 'default/s0000')
    assert.deepEqual(stored?.status, { loadBalancer: { ingress: [{ ip: '10.0.0.0' }] } })
    assert.equal(stored?.metadata.annotations?.['metallb.io/ip-allocated-from-pool'], 'web')
    await end(clock, { controller })
  })

  it('writes nothing at rest, whatever bookmarks and time pass', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24', 'fd00::/64'])
    const keys = putServices(cluster, 20)
    const { api, controller } = start()
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    await pass(clock, 2000)
    api.calls.length = 0
    for (let minute = 0; minute < 30; minute++) {
      api.faults.bookmark()
      await clock.advanceAsync(60_000)
    }
    assert.deepEqual(api.writes(), [])
    await end(clock, { controller })
  })

  it('writes nothing when it starts again over Services that are served', async () => {
    const { cluster, clock, start, crash } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const keys = putServices(cluster, 20)
    const first = start()
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    await pass(clock, 1000)
    crash(first)
    const second = start()
    await until(clock, second.controller.isActive)
    await pass(clock, 2000)
    const written = second.api.writes().filter(({ resource }) => resource.plural !== 'leases')
    assert.deepEqual(
      written.map(({ resource }) => resource.plural),
      // Its condition says when the configuration was last looked at.
      ['configurationstates'],
    )
    await end(clock, second)
  })

  it('tells each Service once, and logs it as ipAllocated', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/30'])
    const { controller, log } = start()
    const keys = putServices(cluster, 6)
    await until(clock, () => keys.filter((key) => ipsOf(cluster, key).length === 1).length === 4)
    await pass(clock, 3000)
    const events = eventsOf(cluster)
    assert.equal(events.filter((event) => event.startsWith('IPAllocated')).length, 4)
    assert.equal(events.filter((event) => event.startsWith('AllocationFailed')).length, 2)
    const line = log.find(({ event }) => event === 'ipAllocated')
    assert.deepEqual(
      [line?.level, line?.service, line?.ips, line?.pool],
      ['info', 'default/s0000', ['10.0.0.0'], 'web'],
    )
    await end(clock, { controller })
  })

  it('keeps out of Services that are not its business', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putService(cluster, 'default/cluster-ip', { spec: { type: 'ClusterIP' } })
    putService(cluster, 'default/headless', { spec: { type: 'ClusterIP', clusterIPs: ['None'] } })
    putService(cluster, 'default/node-port', { spec: { type: 'NodePort' } })
    putService(cluster, 'default/external', { spec: { type: 'ExternalName', clusterIPs: [] } })
    putService(cluster, 'default/theirs', { spec: { loadBalancerClass: 'other' }, ips: ['192.0.2.1'] })
    const { api, controller } = start()
    await until(clock, controller.isActive)
    await pass(clock, 2000)
    assert.equal(api.writes().filter(({ resource }) => resource.plural === 'services').length, 0)
    await end(clock, { controller })
  })

  it('serves a Service that becomes a LoadBalancer, and clears one that ceases to be', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putService(cluster, 'default/web', { spec: { type: 'ClusterIP' } })
    const { controller } = start()
    await until(clock, controller.isActive)
    putService(cluster, 'default/web')
    await until(clock, () => ipsOf(cluster, 'default/web').length === 1)
    putService(cluster, 'default/web', { spec: { type: 'ClusterIP' } })
    await until(clock, () => ipsOf(cluster, 'default/web').length === 0)
    assert.equal(
      readService(cluster, 'default/web')?.metadata.annotations?.['metallb.io/ip-allocated-from-pool'],
      undefined,
    )
    putService(cluster, 'default/other')
    await until(clock, () => ipsOf(cluster, 'default/other')[0] === '10.0.0.0')
    await end(clock, { controller })
  })

  it('leaves the address of a deleted Service to the oldest who waits', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/32'])
    putService(cluster, 'default/holder')
    const { controller } = start()
    await until(clock, () => ipsOf(cluster, 'default/holder').length === 1)
    putService(cluster, 'default/young', { createdAt: '2026-01-03T00:00:00Z' })
    putService(cluster, 'default/old', { createdAt: '2026-01-02T00:00:00Z' })
    await pass(clock, 500)
    removeService(cluster, 'default/holder')
    await until(clock, () => ipsOf(cluster, 'default/old').length === 1)
    assert.deepEqual(ipsOf(cluster, 'default/young'), [])
    await end(clock, { controller })
  })

  it('restores a status and an annotation that somebody altered', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putService(cluster, 'default/web')
    const { controller } = start()
    await until(clock, () => ipsOf(cluster, 'default/web').length === 1)
    const altered: readonly (readonly { ip?: string; hostname?: string }[])[] = [
      [],
      [{ hostname: 'x' }],
      [{ ip: '192.0.2.9' }],
    ]
    for (const ingress of altered) {
      putService(cluster, 'default/web', { ingress, annotations: { 'metallb.io/ip-allocated-from-pool': 'mine' } })
      await until(clock, () => ipsOf(cluster, 'default/web')[0] === '10.0.0.0')
      assert.equal(
        readService(cluster, 'default/web')?.metadata.annotations?.['metallb.io/ip-allocated-from-pool'],
        'web',
      )
    }
    await end(clock, { controller })
  })

  it('is ready once it has seen everything, and not before', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const { api, controller } = start()
    api.faults.failNext(3, { status: 404, reason: 'NotFound' }, ({ resource }) => resource.plural === 'ipaddresspools')
    await clock.advanceAsync(100)
    assert.equal(controller.notReady(), 'waiting for the first list of pools')
    assert.equal(controller.isActive(), false)
    await until(clock, controller.isActive)
    assert.equal(controller.notReady(), undefined)
    await end(clock, { controller })
  })

  it('counts what is assigned in the status of the pool', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24', 'fd00::/64'])
    const { controller } = start()
    await until(clock, () => readPool(cluster, 'web')?.status !== undefined)
    putServices(cluster, 3)
    await until(clock, () => readPool(cluster, 'web')?.status?.['assignedIPv4'] === 3)
    assert.deepEqual(readPool(cluster, 'web')?.status, {
      assignedIPv4: 3,
      assignedIPv6: 0,
      availableIPv4: 253,
      availableIPv6: 9223372036854775807n,
    })
    assert.equal(readState(cluster)?.status?.result, 'Valid')
    await end(clock, { controller })
  })
})
