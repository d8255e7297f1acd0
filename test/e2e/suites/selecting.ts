import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Lab } from '../../lab/lab.ts'
import { l2Advertisement, PATHS, pool, service } from './objects.ts'
import {
  assertOneOwner,
  assertSilence,
  createService,
  eventReasons,
  removeService,
  statusNode,
  waitForAddresses,
} from './scene.ts'

const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'
const ASK_SECOND = { annotations: { 'metallb.io/address-pool': 'second' } }

/** Which nodes and interfaces: a second pool, so that the tutorials' advertisement stays out of it. */
export function selectingSuite(lab: () => Lab): void {
  describe('who may answer', () => {
    const advertise = (spec: object): Promise<unknown> =>
      lab().api.create(PATHS.l2Advertisements, l2Advertisement('second', { ipAddressPools: ['second'], ...spec }))
    const relabel = (node: string, labels: object): Promise<unknown> =>
      lab().api.patch(`${PATHS.nodes}/${node}`, { metadata: { labels } })
    const ownedBy = (name: string, node: string | undefined): Promise<true> =>
      lab().waitFor(
        `${name} to be owned by ${node ?? 'nobody'}`,
        async () => (await statusNode(lab(), name)) === node && true,
      )

    afterEach(async () => {
      await lab().tryKubectl(['delete', 'service', 'chosen', '--ignore-not-found'])
      await lab().tryKubectl(['-n', 'metallb-system', 'delete', 'l2advertisement', 'second', '--ignore-not-found'])
    })

    it('nobody, while no advertisement names the pool: the address is given all the same', async () => {
      await lab().api.create(PATHS.pools, pool('second', ['192.168.67.210-192.168.67.219'], { autoAssign: false }))
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      assert.equal(address, '192.168.67.210')
      await assertSilence(lab(), address)
      assert.equal(await statusNode(lab(), 'chosen'), undefined)
    })

    it('only nodes that nodeSelectors select', async () => {
      await relabel('n3', { rack: 'b' })
      await advertise({ nodeSelectors: [{ matchLabels: { rack: 'b' } }] })
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      await ownedBy('chosen', 'n3')
      assert.equal(await assertOneOwner(lab(), 'chosen', address), 'n3')
      await relabel('n3', { rack: null })
      await relabel('n1', { rack: 'b' })
      await ownedBy('chosen', 'n1')
      assert.equal(await assertOneOwner(lab(), 'chosen', address), 'n1')
      await relabel('n1', { rack: null })
    })

    it('only for Services that serviceSelectors select', async () => {
      await advertise({ serviceSelectors: [{ matchLabels: { public: 'yes' } }] })
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      await assertSilence(lab(), address)
      await lab().api.patch(`${PATHS.services}/chosen`, { metadata: { labels: { public: 'yes' } } })
      await lab().waitFor('an owner', () => statusNode(lab(), 'chosen'))
      await assertOneOwner(lab(), 'chosen', address)
    })

    it('the preferred node first, and again when it comes back', async () => {
      await advertise({
        preferredNodeSelectors: [{ weight: 10, preference: { matchLabels: { 'kubernetes.io/hostname': 'n2' } } }],
      })
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      await ownedBy('chosen', 'n2')
      await relabel('n2', { [EXCLUDE_LABEL]: '' })
      await lab().waitFor('another owner', async () => !['n2', undefined].includes(await statusNode(lab(), 'chosen')))
      await relabel('n2', { [EXCLUDE_LABEL]: null })
      await ownedBy('chosen', 'n2')
      assert.equal(await assertOneOwner(lab(), 'chosen', address), 'n2')
    })

    it('not a node that is excluded by its label: another takes over', async () => {
      await advertise({})
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      const first = await lab().waitFor('an owner', () => statusNode(lab(), 'chosen'))
      await relabel(first, { [EXCLUDE_LABEL]: 'true' })
      const next = await lab().waitFor('another owner', async () => {
        const node = await statusNode(lab(), 'chosen')
        return node !== first && node
      })
      assert.equal(await assertOneOwner(lab(), 'chosen', address), next)
      await relabel(first, { [EXCLUDE_LABEL]: null })
      assert.equal(await assertOneOwner(lab(), 'chosen', address), next, 'coming back takes nothing')
    })

    it('only on the interfaces named, and a node without them says so', async () => {
      await advertise({ interfaces: ['eth1'] })
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      await lab().waitFor('announceFailed', async () =>
        (await eventReasons(lab(), 'chosen')).includes('announceFailed'),
      )
      await assertSilence(lab(), address)
      await lab().api.patch(`${PATHS.l2Advertisements}/second`, { spec: { interfaces: ['eth0'] } })
      await lab().waitFor('an owner', () => statusNode(lab(), 'chosen'))
      await assertOneOwner(lab(), 'chosen', address)
    })

    it('an address that leaves its pool falls silent, and the Service gets one of the new pool', async () => {
      await advertise({})
      const [address = ''] = await createService(lab(), service('chosen', {}, ASK_SECOND))
      await lab().waitFor('an owner', () => statusNode(lab(), 'chosen'))
      await lab().api.patch(`${PATHS.pools}/second`, { spec: { addresses: ['192.168.67.220-192.168.67.229'] } })
      const moved = await lab().waitFor('another address', async () => {
        const [now] = await waitForAddresses(lab(), 'chosen')
        return now !== address && now
      })
      assert.equal(moved, '192.168.67.220')
      await assertSilence(lab(), address)
      await assertOneOwner(lab(), 'chosen', moved)
      await removeService(lab(), 'chosen')
      await lab().api.remove(`${PATHS.pools}/second`)
    })
  })
}
