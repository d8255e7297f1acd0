import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { IP_ADDRESS_POOLS, memoryApi, memoryCluster, SERVICES } from '@steelyard/kube'
import { createLogger } from '@steelyard/program'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import { startController } from '../../controller/src/controller.ts'
import { BAD_ANSWERS } from './bad-answers.ts'
import { GOOD_POOL, goodService, NAMESPACE } from './resources.ts'

const FAULT_MS = 10_000
const HEAL_MS = 60_000

describe('whatever the API server does, the controller loses nothing and serves in the end', () => {
  for (const { what, fault, mend, says } of BAD_ANSWERS) {
    it(what, async () => {
      const clock = fakeClock()
      const cluster = memoryCluster(() => new Date(clock.now()))
      const api = memoryApi({ cluster, clock, requestTimeoutMs: 2000 })
      const lines: string[] = []
      const log = createLogger({ level: 'info', caller: 'test', to: { write: (line) => void lines.push(line) } })
      const addressOf = (name: string): string | undefined =>
        cluster.read(SERVICES, { namespace: 'default', name })?.status?.loadBalancer?.ingress?.[0]?.ip
      cluster.put(IP_ADDRESS_POOLS, GOOD_POOL)
      cluster.put(SERVICES, goodService('held'))
      const controller = startController({
        api,
        clock,
        timeOfDay: () => new Date(clock.now()),
        random: seededRandom(1),
        log,
        namespace: NAMESPACE,
        identity: 'test',
        podName: '',
        loadBalancerClass: '',
      })
      await clock.advanceAsync(5000)
      assert.equal(addressOf('held'), '198.51.100.0')

      fault(api.faults)
      cluster.put(SERVICES, goodService('new'))
      await clock.advanceAsync(FAULT_MS)
      mend?.(api.faults)
      await clock.advanceAsync(HEAL_MS)
      assert.deepEqual([addressOf('held'), addressOf('new')], ['198.51.100.0', '198.51.100.1'])
      if (says !== undefined)
        assert.ok(
          lines.some((line) => line.includes(says)),
          lines.join(''),
        )

      const stopping = controller.stop()
      await clock.advanceAsync(2000)
      await stopping
    })
  }
})
