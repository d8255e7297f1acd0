import assert from 'node:assert/strict'
import { after, afterEach, describe, it } from 'node:test'
import { urlHost } from '../../lab/client/client.ts'
import { allReady } from './cluster.ts'
import { PATHS, pool, service, webPod } from './objects.ts'
import { hostRoute, NODES_ASN, type Routed, statusesOf, waitForNodes } from './routed.ts'
import { BGP_PATHS, bgpAdvertisement, communityNames } from './routed-objects.ts'
import { createService, removeService } from './scene.ts'

const ALL = ['n1', 'n2', 'n3']
const DUAL = { ipFamilyPolicy: 'RequireDualStack' }
const OTHER = { annotations: { 'metallb.io/address-pool': 'other' } }

/** From an address in the status to equal paths in a router, and what they say. */
export function routesSuite(routed: () => Routed): void {
  describe('a Service that routers are told of', () => {
    it('has a path by each node, of both families over one IPv4 session, and is answered from afar', async () => {
      const all = routed()
      const [v4 = '', v6 = ''] = await createService(all.lab, service('dual', DUAL), 2)
      for (const address of [v4, v6]) {
        const paths = await waitForNodes(all, all.rt, hostRoute(address), ALL)
        for (const { asPath, origin, localPref, from } of paths) {
          assert.deepEqual([asPath, origin, localPref], [[NODES_ASN], 'igp', undefined])
          assert.ok(from?.includes('.'), `told by ${from}`)
        }
        await answersFromAll(all, address)
      }
      assert.deepEqual(await all.rt2.paths(hostRoute(v4)), [], 'the advertisement does not name rt2')
      await all.lab.waitFor('its status objects', async () => {
        const found = await statusesOf(all, 'dual')
        return found.join(' ') === 'n1>rt n2>rt n3>rt'
      })
      await removeService(all.lab, 'dual')
      for (const address of [v4, v6]) await waitForNodes(all, all.rt, hostRoute(address), [])
      await all.lab.waitFor('no status object', async () => (await statusesOf(all, 'dual')).length === 0)
    })

    it('is where its endpoints are under externalTrafficPolicy Local, and follows them', async () => {
      const all = routed()
      const { lab } = all
      await lab.api.create(PATHS.pods, webPod('near-n2', 'near', 'n2'))
      await allReady(lab)
      const local = { externalTrafficPolicy: 'Local', selector: { app: 'near' } }
      const [address = ''] = await createService(lab, service('near', local))
      await waitForNodes(all, all.rt, hostRoute(address), ['n2'])
      const answer = await lab.waitFor('an answer', () => all.far.curl(`http://${address}/`))
      assert.deepEqual([answer.pod, answer.client], ['near-n2', all.far.address4], 'it keeps the address of the user')
      await lab.api.create(PATHS.pods, webPod('near-n3', 'near', 'n3'))
      await waitForNodes(all, all.rt, hostRoute(address), ['n2', 'n3'])
      await lab.api.remove(`${PATHS.pods}/near-n2`)
      await waitForNodes(all, all.rt, hostRoute(address), ['n3'])
      await lab.waitFor('its status', async () => (await statusesOf(all, 'near')).join() === 'n3>rt')
      await lab.api.remove(`${PATHS.pods}/near-n3`)
      await waitForNodes(all, all.rt, hostRoute(address), [])
      await removeService(lab, 'near')
    })
  })

  describe('an advertisement', () => {
    const advertise = async (spec: object): Promise<void> =>
      void (await routed().lab.api.create(
        BGP_PATHS.advertisements,
        bgpAdvertisement('other', { ipAddressPools: ['other'], ...spec }),
      ))
    afterEach(async () => {
      const { lab } = routed()
      await lab.tryKubectl(['delete', 'service', 'served', '--ignore-not-found'])
      const ours = ['-n', 'metallb-system', 'delete', '--ignore-not-found']
      await lab.tryKubectl([...ours, 'bgpadvertisement/other', 'community/names'])
    })
    after(async () => routed().lab.tryKubectl(['-n', 'metallb-system', 'delete', 'ipaddresspool', 'other']))

    it('by aggregationLength gives one route for many addresses, as long as one of them needs it', async () => {
      const all = routed()
      const wide = ['203.0.113.64/26', 'fd00:77::100/120']
      await all.lab.api.create(PATHS.pools, pool('other', wide, { autoAssign: false }))
      await advertise({ aggregationLength: 26, aggregationLengthV6: 120, peers: ['rt'] })
      await createService(all.lab, service('served', DUAL, OTHER), 2)
      await createService(all.lab, service('second', {}, OTHER))
      await waitForNodes(all, all.rt, '203.0.113.64/26', ALL)
      await waitForNodes(all, all.rt, 'fd00:77::100/120', ALL)
      await removeService(all.lab, 'served')
      await waitForNodes(all, all.rt, 'fd00:77::100/120', [])
      await waitForNodes(all, all.rt, '203.0.113.64/26', ALL)
      await removeService(all.lab, 'second')
      await waitForNodes(all, all.rt, '203.0.113.64/26', [])
    })

    it('says communities by value, by name and as large ones', async () => {
      const all = routed()
      const names = [
        { name: 'far', value: '64500:300' },
        { name: 'vast', value: 'large:64500:7:8' },
      ]
      await all.lab.api.create(BGP_PATHS.communities, communityNames('names', names))
      await advertise({ communities: ['64500:100', 'far', 'large:4200000000:1:2', 'vast'], peers: ['rt'] })
      const [address = ''] = await createService(all.lab, service('served', {}, OTHER))
      for (const path of await waitForNodes(all, all.rt, hostRoute(address), ALL)) {
        assert.deepEqual(path.communities, ['64500:100', '64500:300'])
        assert.deepEqual(path.largeCommunities, ['64500:7:8', '4200000000:1:2'])
      }
    })

    it('may be for some peers only, and its localPref is said to a router of the same AS', async () => {
      const all = routed()
      await advertise({ localPref: 250, peers: ['rt2'] })
      const [address = ''] = await createService(all.lab, service('served', {}, OTHER))
      for (const { localPref, asPath } of await waitForNodes(all, all.rt2, hostRoute(address), ALL)) {
        assert.deepEqual([localPref, asPath], [250, []])
      }
      assert.deepEqual(await all.rt.paths(hostRoute(address)), [])
      await all.lab.api.patch(`${BGP_PATHS.advertisements}/other`, { spec: { peers: ['rt', 'rt2'] } })
      for (const { asPath } of await waitForNodes(all, all.rt, hostRoute(address), ALL)) {
        assert.deepEqual(asPath, [NODES_ASN])
      }
      await all.lab.waitFor('its status objects', async () => (await statusesOf(all, 'served'))[0] === 'n1>rt,rt2')
    })

    it('for a peer by IPv6 is carried with both families, IPv4 by a next hop of IPv6', async () => {
      const all = routed()
      await advertise({ peers: ['six'] })
      const [v4 = '', v6 = ''] = await createService(all.lab, service('served', DUAL, OTHER), 2)
      for (const address of [v4, v6]) {
        for (const { from, nextHops } of await waitForNodes(all, all.rt, hostRoute(address), ALL)) {
          assert.ok(from?.includes(':') && nextHops[0]?.includes(':'), `from ${from} by ${nextHops.join(' ')}`)
        }
        await answersFromAll(all, address)
      }
    })

    it('with nodeSelectors is carried out by those nodes alone', async () => {
      const all = routed()
      await advertise({ peers: ['rt'], nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': 'n2' } }] })
      const [address = ''] = await createService(all.lab, service('served', {}, OTHER))
      await waitForNodes(all, all.rt, hostRoute(address), ['n2'])
    })
  })
}

/** Under Cluster, any node may hand a connection to any Pod: all three are heard sooner or later. */
async function answersFromAll({ lab, far }: Routed, address: string): Promise<void> {
  const seen = new Set<string>()
  await lab.waitFor(`an answer of each Pod from ${address}`, async () => {
    const answer = await far.curl(`http://${urlHost(address)}/`)
    if (answer !== undefined) seen.add(answer.pod)
    return seen.size === lab.nodes.length
  })
}
