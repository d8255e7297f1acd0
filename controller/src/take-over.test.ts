import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import { LEASES, SERVICES } from '@steelyard/kube'
import { mergeServices } from './take-over.ts'
import {
  allIps,
  end,
  controllerFixture,
  ipsOf,
  NAMESPACE,
  pass,
  putPool,
  putService,
  putServices,
  until,
} from './testing/controller-fixture.ts'
import { exampleService } from './testing/examples.ts'

describe('a controller killed in the midst of 200 Services', () => {
  for (const writes of [1, 37, 120, 199]) {
    it(`after ${writes} writes: the next one gives all the others theirs, all unique, none changed`, async () => {
      const { cluster, clock, start, crash } = controllerFixture()
      putPool(cluster, 'web', ['10.0.0.0/24'])
      const first = start()
      await until(clock, first.controller.isActive)
      const keys = putServices(cluster, 200)
      const written = (): number => first.api.writes().filter(({ resource }) => resource.plural === 'services').length
      await until(clock, () => {
        if (written() >= writes) crash(first)
        return written() >= writes
      })
      const before = new Map(keys.map((key) => [key, ipsOf(cluster, key)]))
      const second = start()
      await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
      assert.equal(new Set(allIps(cluster)).size, 200)
      for (const [key, ips] of before) if (ips.length > 0) assert.deepEqual(ipsOf(cluster, key), ips)
      await end(clock, second)
    })
  }
})

describe('two replicas', () => {
  it('the second is ready, decides nothing and writes nothing but its wish', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const first = start('one')
    await until(clock, first.controller.isActive)
    const second = start('two')
    await until(clock, () => second.controller.notReady() === undefined)
    const keys = putServices(cluster, 20)
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    await pass(clock, 5000)
    assert.equal(second.controller.isActive(), false)
    assert.ok(second.api.writes().every(({ resource }) => resource.plural === 'leases'))
    await end(clock, first, second)
  })

  it('after a crash the second serves within three seconds and moves nobody', async () => {
    const { cluster, clock, start, crash } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const first = start('one')
    await until(clock, first.controller.isActive)
    const second = start('two')
    const keys = putServices(cluster, 20)
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    await pass(clock, 2000)
    const before = keys.map((key) => ipsOf(cluster, key))
    crash(first)
    putService(cluster, 'default/new')
    const took = await until(clock, () => ipsOf(cluster, 'default/new').length === 1)
    assert.ok(took <= 3000, `${took} ms`)
    assert.deepEqual(
      keys.map((key) => ipsOf(cluster, key)),
      before,
    )
    assert.deepEqual(ipsOf(cluster, 'default/new'), ['10.0.0.20'])
    await end(clock, second)
  })

  it('after an orderly stop the second takes over at once', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const first = start('one')
    await until(clock, first.controller.isActive)
    const second = start('two')
    await pass(clock, 2000)
    const stopped = first.controller.stop()
    const took = await until(clock, second.controller.isActive)
    await stopped
    assert.ok(took <= 200, `${took} ms`)
    await end(clock, second)
  })

  it('an orderly stop first ends the writes under way', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const { api, controller } = start()
    await until(clock, controller.isActive)
    api.faults.delay(300)
    putService(cluster, 'default/web')
    await clock.advanceAsync(50)
    const stopped = controller.stop()
    await pass(clock, 2000)
    await stopped
    assert.deepEqual(ipsOf(cluster, 'default/web'), ['10.0.0.0'])
    assert.equal(cluster.read(LEASES, { namespace: NAMESPACE, name: 'steelyard-controller' })?.spec?.holderIdentity, '')
  })

  it('the second reads all statuses afresh: what its own watch has not heard of counts', async () => {
    const { cluster, clock, start, crash } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const first = start('one')
    await until(clock, first.controller.isActive)
    const second = start('two')
    await until(clock, () => second.controller.notReady() === undefined)
    putService(cluster, 'default/unheard')
    await until(clock, () => ipsOf(cluster, 'default/unheard').length === 1)
    await pass(clock, 1000)
    second.api.faults.endWatches()
    second.api.faults.failNext(60, {}, ({ verb, resource }) => verb === 'watch' && resource.plural === 'services')
    cluster.put(SERVICES, exampleService('default/written-late', { ips: ['10.0.0.1'] }))
    crash(first)
    putService(cluster, 'default/new')
    await until(clock, () => ipsOf(cluster, 'default/new').length === 1)
    assert.deepEqual(ipsOf(cluster, 'default/new'), ['10.0.0.2'])
    await end(clock, second)
  })

  it('one that lost the Lease says so and acts no more', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const first = start('one')
    await until(clock, first.controller.isActive)
    let lost = false
    void first.controller.lost.then(() => (lost = true))
    const lease = cluster.read(LEASES, { namespace: NAMESPACE, name: 'steelyard-controller' })
    if (lease !== undefined) cluster.put(LEASES, { ...lease, spec: { holderIdentity: 'two', leaseTransitions: 7 } })
    await until(clock, () => lost)
    putService(cluster, 'default/web')
    await pass(clock, 3000)
    assert.deepEqual(ipsOf(cluster, 'default/web'), [])
    assert.equal(first.controller.isActive(), false)
    await end(clock, first)
  })

  it('waits with the take-over until the Services can be read', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putService(cluster, 'default/web')
    const { api, controller } = start()
    let lists = 0
    api.faults.failNext(5, { status: 503, reason: 'ServiceUnavailable' }, ({ verb, resource }) => {
      return verb === 'list' && resource.plural === 'services' && ++lists > 1
    })
    await clock.advanceAsync(10)
    assert.equal(controller.isActive(), false)
    await until(clock, () => ipsOf(cluster, 'default/web').length === 1)
    await end(clock, { controller })
  })
})

describe('the Services of a take-over', () => {
  const at = (name: string, resourceVersion: string): Service => {
    const service = exampleService(`default/${name}`)
    return { ...service, metadata: { ...service.metadata, resourceVersion } }
  }
  const cases: [name: string, listed: Service[], watched: Service[], deleted: string[], expected: string[]][] = [
    ['those of the list', [at('a', '5')], [], [], ['a@5']],
    ['those of the list that are newer than the watch has them', [at('a', '9')], [at('a', '8')], [], ['a@9']],
    ['those of the watch that are newer than in the list', [at('a', '9')], [at('a', '10')], [], ['a@10']],
    ['those created after the list', [], [at('a', '101')], [], ['a@101']],
    ['not those deleted before the list, of which the watch does not know yet', [], [at('a', '99')], [], []],
    ['not those deleted since, of which the list does not know', [at('a', '5')], [], ['uid of default/a'], []],
  ]
  for (const [name, listed, watched, deleted, expected] of cases) {
    it(`are ${name}`, () => {
      const reading = { services: listed, resourceVersion: '100' }
      const found = mergeServices(
        reading,
        new Map(watched.map((service) => [`default/${service.metadata.name}`, service])),
        new Set(deleted),
      )
      assert.deepEqual(
        found.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`),
        expected,
      )
    })
  }
})
