import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { CONFIGURATION_STATES, IP_ADDRESS_POOLS, memoryApi, memoryCluster, SERVICES } from '@steelyard/kube'
import { createLogger } from '@steelyard/program'
import { systemClock } from '@steelyard/runtime'
import { type Controller, startController } from '../../controller/src/controller.ts'
import { waitFor } from '../lab/wait.ts'
import { BAD_POOLS } from './bad-pools.ts'
import { GOOD_POOL, goodService, NAMESPACE, resourceOf } from './resources.ts'

/** The whole controller on an API server in memory, which holds what an API server with another schema may hold. */
describe('a broken object refuses the whole set for the controller, and the last good one stays', () => {
  const cluster = memoryCluster(() => new Date())
  const api = memoryApi({ cluster })
  let controller: Controller | undefined

  const state = (): { result?: string; errorSummary?: string } =>
    cluster.read(CONFIGURATION_STATES, { namespace: NAMESPACE, name: 'controller' })?.status ?? {}
  const addressOf = (name: string): string | undefined =>
    cluster.read(SERVICES, { namespace: 'default', name })?.status?.loadBalancer?.ingress?.[0]?.ip
  const serve = async (name: string): Promise<string> => {
    cluster.put(SERVICES, goodService(name))
    return waitFor(`an address for ${name}`, () => addressOf(name), { everyMs: 2 })
  }

  before(async () => {
    cluster.put(IP_ADDRESS_POOLS, GOOD_POOL)
    controller = startController({
      api,
      clock: systemClock,
      timeOfDay: () => new Date(),
      random: Math.random,
      log: createLogger({ level: 'none', caller: 'test' }),
      namespace: NAMESPACE,
      identity: 'test',
      podName: '',
      loadBalancerClass: '',
    })
    assert.equal(await serve('held'), '198.51.100.0')
    await waitFor('a valid configuration', () => state().result === 'Valid')
  })
  after(async () => controller?.stop())

  for (const [index, { what, objects, says }] of BAD_POOLS.entries()) {
    it(what, async () => {
      for (const object of objects) cluster.put(resourceOf(object), object)
      await waitFor('the refusal', () => state().result === 'Invalid', { everyMs: 2 })
      assert.equal(state().errorSummary, says)
      assert.match(await serve(`new-${index}`), /^198\.51\.100\.\d+$/, 'the last good pools still serve')
      assert.equal(addressOf('held'), '198.51.100.0', 'nobody lost an address')
      for (const object of objects) cluster.remove(resourceOf(object), object.metadata)
      await waitFor('the way back', () => state().result === 'Valid', { everyMs: 2 })
      assert.equal(state().errorSummary ?? '', '')
    })
  }
})
