import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import type { Lab } from '../../lab/lab.ts'
import { addressesOf, PATHS, service } from './objects.ts'
import { assertOneOwner, createService, eventReasons, removeService, waitForAnswer } from './scene.ts'

const OTHERS: Readonly<Record<string, object>> = {
  ClusterIP: { type: 'ClusterIP' },
  headless: { type: 'ClusterIP', clusterIP: 'None' },
  NodePort: { type: 'NodePort' },
  ExternalName: { type: 'ExternalName', externalName: 'example.org', selector: null },
  'of a foreign load-balancer class': { loadBalancerClass: 'example.org/other' },
}

/** Services that are none of our business, and one that looks as if it were not. */
export function leftAloneSuite(lab: () => Lab): void {
  describe('Services left alone', () => {
    it('those of other types and classes are not touched, while one created after them is served', async () => {
      const names = Object.keys(OTHERS).map((_, index) => `other-${index}`)
      const created = await Promise.all(
        Object.values(OTHERS).map((spec, index) =>
          lab().api.create<Service>(PATHS.services, service(`other-${index}`, spec)),
        ),
      )
      const [address = ''] = await createService(lab(), service('ours'))
      await waitForAnswer(lab(), address)
      for (const [index, name] of names.entries()) {
        const now = await lab().api.get<Service>(`${PATHS.services}/${name}`)
        assert.equal(now.metadata.resourceVersion, created[index]?.metadata.resourceVersion, Object.keys(OTHERS)[index])
        assert.deepEqual(addressesOf(now), [])
        assert.deepEqual(await eventReasons(lab(), name), [])
        await removeService(lab(), name)
      }
      await removeService(lab(), 'ours')
    })

    it('one without a selector works through its address, with endpoints made by hand', async () => {
      const [address = ''] = await createService(lab(), service('manual', { selector: null }))
      const web = lab()
        .programs.pods()
        .find(({ name }) => name === 'web-n1')
      await lab().api.create(PATHS.endpointSlices, {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'manual-1', labels: { 'kubernetes.io/service-name': 'manual' } },
        addressType: 'IPv4',
        ports: [{ name: 'web', port: 8080, protocol: 'TCP' }],
        endpoints: [{ addresses: [web?.ips[0] ?? ''] }],
      })
      await assertOneOwner(lab(), 'manual', address)
      assert.equal((await waitForAnswer(lab(), address)).pod, 'web-n1')
      await removeService(lab(), 'manual')
    })
  })
}
