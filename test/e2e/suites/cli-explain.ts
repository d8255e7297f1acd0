import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Lab } from '../../lab/lab.ts'
import { steelyard } from './cli-command.ts'
import { l2Advertisement, PATHS, pool, PRODUCT_NAMESPACE, service } from './objects.ts'
import { createService, waitForAddresses, waitForOwner } from './scene.ts'

const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'
const ASK_DARK = { annotations: { 'metallb.io/address-pool': 'dark' } }
const DARK_POOL = pool('dark', ['192.168.67.210-192.168.67.211'], { autoAssign: false })

/** Causes made for real: what the cluster then is, explain must name. */
export function cliExplainSuite(lab: () => Lab): void {
  describe('steelyard explain, of causes made for real, names', () => {
    const cause = (says: RegExp): Promise<string> =>
      lab().waitFor(`explain to say ${says}`, async () => {
        const { stdout, status } = await steelyard(lab(), ['explain', 'service', 'dark'])
        const line = stdout.split('\n').find((one) => one.startsWith('  Cause')) ?? ''
        return status === 2 && says.test(line) && line
      })
    const relabel = (value: string | null): Promise<unknown> =>
      Promise.all(
        lab().nodes.map(({ name }) =>
          lab().api.patch(`${PATHS.nodes}/${name}`, { metadata: { labels: { [EXCLUDE_LABEL]: value } } }),
        ),
      )

    afterEach(async () => {
      const gone = (...what: readonly string[]): Promise<unknown> =>
        lab().tryKubectl(['delete', '--ignore-not-found', ...what])
      await gone('service', 'dark')
      await gone(
        '-n',
        PRODUCT_NAMESPACE,
        'l2advertisement/dark',
        'bgpadvertisement/dark',
        'bgppeer/dark',
        'ipaddresspool/dark',
      )
    })

    it('a pool that is not there', async () => {
      await lab().api.create(PATHS.services, service('dark', {}, ASK_DARK))
      await cause(/ AllocationFailed: .*asks for pool dark, which does not exist/)
    })

    it('a full pool', async () => {
      await lab().api.create(PATHS.pools, pool('dark', ['192.168.67.210/32'], { autoAssign: false }))
      await createService(lab(), service('holder', {}, ASK_DARK))
      await lab().api.create(PATHS.services, service('dark', {}, ASK_DARK))
      await cause(/ AllocationFailed: .*pool dark, which is full/)
      await lab().kubectl(['delete', 'service', 'holder'])
      await waitForAddresses(lab(), 'dark')
    })

    it('an advertisement that is missing', async () => {
      await lab().api.create(PATHS.pools, DARK_POOL)
      await createService(lab(), service('dark', {}, ASK_DARK))
      await cause(/ noMatchingAdvertisement: no L2Advertisement and no BGPAdvertisement is for pool dark/)
    })

    it('node selectors that match no node', async () => {
      await lab().api.create(PATHS.pools, DARK_POOL)
      const nodeSelectors = [{ matchLabels: { rack: 'nowhere' } }]
      await lab().api.create(
        PATHS.l2Advertisements,
        l2Advertisement('dark', { ipAddressPools: ['dark'], nodeSelectors }),
      )
      await createService(lab(), service('dark', {}, ASK_DARK))
      await cause(/ noMatchingAdvertisement: .*n1, n2, n3: no L2Advertisement for it selects the node/)
    })

    it('an interface that no node has', async () => {
      await lab().api.create(PATHS.pools, DARK_POOL)
      await lab().api.create(
        PATHS.l2Advertisements,
        l2Advertisement('dark', { ipAddressPools: ['dark'], interfaces: ['eth77'] }),
      )
      await createService(lab(), service('dark', {}, ASK_DARK))
      await cause(/ announceFailed: .*has none of the interfaces eth77/)
    })

    it('labels that leave every node out', async () => {
      await createService(lab(), service('dark'))
      await waitForOwner(lab(), 'dark')
      await relabel('')
      await cause(/ notOwner: .*n1, n2, n3: the node is not eligible: it is labelled/)
      await relabel(null)
      await lab().waitFor(
        'it to answer again',
        async () => (await steelyard(lab(), ['explain', 'service', 'dark'])).status === 0,
      )
    })

    it('Pods that are missing', async () => {
      await createService(lab(), service('dark', { selector: { app: 'nobody' } }))
      await cause(/ notOwner: no endpoint is ready or serving/)
    })

    it('a router that refuses', async () => {
      await lab().api.create(PATHS.pools, DARK_POOL)
      const own = `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}/bgpadvertisements`
      const metadata = { name: 'dark', namespace: PRODUCT_NAMESPACE }
      await lab().api.create(own, {
        apiVersion: 'metallb.io/v1beta1',
        kind: 'BGPAdvertisement',
        metadata,
        spec: { ipAddressPools: ['dark'] },
      })
      // The LAN's client: it is there, and no router.
      const spec = { myASN: 64_512, peerASN: 64_513, peerAddress: '192.168.67.50' }
      const peers = `/apis/metallb.io/v1beta2/namespaces/${PRODUCT_NAMESPACE}/bgppeers`
      await lab().api.create(peers, { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata, spec })
      await createService(lab(), service('dark', {}, ASK_DARK))
      const line = await cause(
        / NotEstablished: .*dark on n1.*: 192\.168\.67\.50:179 is \w+; .*refuses connections to port 179/,
      )
      assert.ok(line.includes('n2'))
    })
  })
}
