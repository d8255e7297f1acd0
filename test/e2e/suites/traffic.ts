import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Lab } from '../../lab/lab.ts'
import { addressesOf, PATHS, service, webPod } from './objects.ts'
import {
  assertOneOwner,
  assertSilence,
  createService,
  removeService,
  statusNode,
  waitForAnswer,
  waitForOwner,
} from './scene.ts'
import { allReady } from './cluster.ts'

/** What a user sees through the address: kube-proxy does the work, the speaker must put it on the right node. */
export function trafficSuite(lab: () => Lab): void {
  describe('traffic to an address', () => {
    it('reaches the Pods of all nodes under Cluster', async () => {
      const [address = ''] = await createService(lab(), service('spread'))
      await waitForAnswer(lab(), address)
      const seen = new Set<string>()
      await lab().waitFor('an answer from each of the three Pods', async () => {
        seen.add((await waitForAnswer(lab(), address)).pod)
        return seen.size === 3
      })
      await removeService(lab(), 'spread')
    })

    it('keeps the address of the client under Local, and goes to a node that has a Pod', async () => {
      await lab().api.create(PATHS.pods, webPod('local-n2', 'local', 'n2'))
      await allReady(lab())
      const [address = ''] = await createService(
        lab(),
        service('local', { externalTrafficPolicy: 'Local', selector: { app: 'local' } }),
      )
      assert.equal(await assertOneOwner(lab(), 'local', address), 'n2')
      const answer = await waitForAnswer(lab(), address)
      assert.deepEqual([answer.pod, answer.client], ['local-n2', lab().client.address4])
    })

    it('follows the last Pod under Local, and stops when there is none', async () => {
      const [address = ''] = addressesOf(await lab().api.get(`${PATHS.services}/local`))
      await lab().api.create(PATHS.pods, webPod('local-n3', 'local', 'n3'))
      await allReady(lab())
      await lab().api.remove(`${PATHS.pods}/local-n2`)
      await lab().waitFor('n3 to take it', async () => (await statusNode(lab(), 'local')) === 'n3')
      await assertOneOwner(lab(), 'local', address)
      await lab().api.remove(`${PATHS.pods}/local-n3`)
      await lab().waitFor('nobody to own it', async () => (await statusNode(lab(), 'local')) === undefined)
      await assertSilence(lab(), address)
      assert.deepEqual(
        addressesOf(await lab().api.get(`${PATHS.services}/local`)),
        [address],
        'the address itself stays',
      )
      await removeService(lab(), 'local')
    })

    it('may be UDP', async () => {
      const [address = ''] = await createService(
        lab(),
        service('datagrams', { ports: [{ port: 5353, protocol: 'UDP', targetPort: 8080 }] }),
      )
      await waitForOwner(lab(), 'datagrams')
      const answer = await lab().waitFor('an echo', () => lab().client.udp(address, 5353, 'hello'))
      assert.equal(answer.said, 'hello')
      await removeService(lab(), 'datagrams')
    })

    it('stays with one Pod under sessionAffinity ClientIP', async () => {
      const [address = ''] = await createService(lab(), service('faithful', { sessionAffinity: 'ClientIP' }))
      const { pod } = await waitForAnswer(lab(), address)
      for (let turn = 0; turn < 20; turn++) assert.equal((await waitForAnswer(lab(), address)).pod, pod)
      await removeService(lab(), 'faithful')
    })

    it('of two Services that share an address is told apart by port', async () => {
      const annotations = { 'metallb.io/allow-shared-ip': 'one' }
      const tcp = await createService(lab(), service('shared-tcp', {}, { annotations }))
      const other = service('shared-udp', { ports: [{ port: 80, protocol: 'UDP', targetPort: 8080 }] }, { annotations })
      assert.deepEqual(await createService(lab(), other), tcp)
      const [address = ''] = tcp
      assert.equal(await assertOneOwner(lab(), 'shared-tcp', address), await waitForOwner(lab(), 'shared-udp'))
      await waitForAnswer(lab(), address)
      await lab().waitFor('an echo', () => lab().client.udp(address, 80, 'hello'))
      await removeService(lab(), 'shared-tcp')
      await removeService(lab(), 'shared-udp')
    })
  })
}
