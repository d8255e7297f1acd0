import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Lab } from '../../lab/lab.ts'
import { isGratuitous } from '../../lab/wire/describe.ts'
import { addressesOf, PATHS, service } from './objects.ts'
import {
  askWho,
  assertOneOwner,
  assertSilence,
  createService,
  eventReasons,
  removeService,
  statusNode,
  waitForAnswer,
  waitForOwner,
} from './scene.ts'

const BROADCAST = 'ff:ff:ff:ff:ff:ff'
const ALL_NODES_MAC = '33:33:00:00:00:01'

/** From an address in the status to frames on the wire and back to silence. */
export function announcingSuite(lab: () => Lab): void {
  describe('an announced address', () => {
    it('is the first of the pool, is answered for by exactly one node, and its client gets an answer', async () => {
      const [address = ''] = await createService(lab(), service('plain'))
      assert.equal(address, '192.168.67.120')
      await assertOneOwner(lab(), 'plain', address)
      await waitForAnswer(lab(), address)
      await lab().waitFor('its Events', async () => {
        const reasons = await eventReasons(lab(), 'plain')
        return reasons.includes('IPAllocated') && reasons.includes('nodeAssigned')
      })
      await removeService(lab(), 'plain')
    })

    it('is made known by gratuitous ARP, a request and then a reply, with every field as it should be', async () => {
      const capture = await lab().capture('client', 'arp')
      const [address = ''] = await createService(lab(), service('gratuitous'))
      const { mac } = lab().node(await waitForOwner(lab(), 'gratuitous'))
      const mine = (): typeof capture.frames =>
        capture.frames.filter(({ arp }) => arp && isGratuitous(arp) && arp.senderIp === address)
      await lab().waitFor('the first four rounds', () => mine().length >= 8)
      await capture.stop()
      assert.deepEqual(
        mine()
          .slice(0, 4)
          .map(({ arp }) => arp?.operation),
        ['request', 'reply', 'request', 'reply'],
      )
      for (const { source, destination, arp } of mine()) {
        assert.deepEqual(
          [source, destination, arp?.senderMac, arp?.targetIp, arp?.targetMac],
          [mac, BROADCAST, mac, address, BROADCAST],
        )
      }
      await removeService(lab(), 'gratuitous')
    })

    it('of IPv6 is made known and answered for by neighbour advertisements', async () => {
      const capture = await lab().capture('client', 'icmp6')
      const [address = ''] = await createService(
        lab(),
        service('six', { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] }),
      )
      assert.equal(address, 'fc00:67::100')
      const owner = await assertOneOwner(lab(), 'six', address)
      const unsolicited = await capture.waitFor(
        'an unsolicited advertisement',
        ({ ndp, destination }) => ndp?.target === address && destination === ALL_NODES_MAC,
      )
      await capture.stop()
      const { source, destination, target: _target, linkLayer, ...flags } = unsolicited.ndp ?? assert.fail()
      assert.deepEqual([source, destination, linkLayer], [address, 'ff02::1', lab().node(owner).mac])
      assert.partialDeepStrictEqual(flags, {
        solicited: false,
        override: true,
        router: false,
        hopLimit: 255,
        checksumOk: true,
      })
      const { frames } = await askWho(lab(), address)
      assert.partialDeepStrictEqual(frames[0]?.ndp, {
        solicited: true,
        override: true,
        router: false,
        hopLimit: 255,
        checksumOk: true,
      })
      assert.equal((await waitForAnswer(lab(), address)).pod.startsWith('web-'), true)
      await removeService(lab(), 'six')
    })

    it('of a dual-stack Service are two, of both families, on one node', async () => {
      const [v4 = '', v6 = ''] = await createService(lab(), service('dual', { ipFamilyPolicy: 'RequireDualStack' }), 2)
      assert.ok(v4.includes('.') && v6.includes(':'), `${v4} ${v6}`)
      assert.equal(await assertOneOwner(lab(), 'dual', v4), await assertOneOwner(lab(), 'dual', v6))
      await waitForAnswer(lab(), v4)
      await waitForAnswer(lab(), v6)
      await removeService(lab(), 'dual')
    })

    it('is met by silence once its Service is deleted, and free for the next', async () => {
      const [address = ''] = await createService(lab(), service('short'))
      await assertOneOwner(lab(), 'short', address)
      await removeService(lab(), 'short')
      await lab().waitFor('its status object to go', async () => (await statusNode(lab(), 'short')) === undefined)
      await assertSilence(lab(), address)
      const again = await createService(lab(), service('next'))
      assert.deepEqual(again, [address])
      await removeService(lab(), 'next')
    })

    it('is met by silence when the Service becomes another type, and its status is cleared', async () => {
      const [address = ''] = await createService(lab(), service('changing'))
      await assertOneOwner(lab(), 'changing', address)
      await lab().api.patch(`${PATHS.services}/changing`, {
        spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null },
      })
      await lab().waitFor(
        'an empty status',
        async () => addressesOf(await lab().api.get(`${PATHS.services}/changing`)).length === 0,
      )
      await lab().waitFor('its status object to go', async () => (await statusNode(lab(), 'changing')) === undefined)
      await assertSilence(lab(), address)
      await removeService(lab(), 'changing')
    })
  })
}
