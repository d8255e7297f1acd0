import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { failedForMs } from '../../lab/client/gaps.ts'
import { allReady } from './cluster.ts'
import { PATHS, service, webPod } from './objects.ts'
import {
  allEstablished,
  BFD,
  hostRoute,
  type Routed,
  shownSession,
  waitForNodes,
  withoutFailure,
  withoutReset,
} from './routed.ts'
import { BGP_PATHS, bfdProfile } from './routed-objects.ts'
import { watchPath } from './routed-path.ts'
import { createService, removeService } from './scene.ts'

const ALL = ['n1', 'n2', 'n3']
/** BFD needs 0.15 s to be sure, and hold times are sixty times that; the rest is for a shared machine. */
const CEILING_MS = 1000

/** What a user behind the router notices of a node that is cut off. */
export function bfdSuite(routed: () => Routed): void {
  describe('a node watched by BFD, 50 ms and three times', () => {
    const isUp = async (wanted: boolean): Promise<void> =>
      void (await routed().lab.waitFor(`BFD ${wanted ? 'up' : 'down'} with each node`, async () => {
        const peers = JSON.parse(await routed().rt.tell('show bfd peers json')) as { peer: string; status: string }[]
        const up = peers.filter(({ peer, status }) => peer.includes('.') && status === 'up').length
        return wanted ? up === ALL.length : up === 0
      }))
    before(async () => {
      const all = routed()
      await all.lab.api.create(BGP_PATHS.profiles, bfdProfile('quick', BFD))
      for (const name of ALL) await all.lab.api.create(PATHS.pods, webPod(`near-${name}`, 'near', name))
      await allReady(all.lab)
    })
    after(async () => {
      for (const name of ALL) await routed().lab.api.remove(`${PATHS.pods}/near-${name}`)
    })

    it('has its session as before when BFD begins, as it is tuned, and in the SpeakerStatus', async () => {
      const all = routed()
      await withoutReset(all, 'BFD', async () => {
        await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { bfdProfile: 'quick' } })
        await isUp(true)
        await all.lab.api.patch(`${BGP_PATHS.profiles}/quick`, { spec: { transmitInterval: 80 } })
        await all.lab.waitFor('80 ms', async () => {
          const peers = JSON.parse(await all.rt.tell('show bfd peers json')) as Record<string, unknown>[]
          return peers.filter((peer) => peer['remote-transmit-interval'] === 80).length === ALL.length
        })
        await all.lab.api.patch(`${BGP_PATHS.profiles}/quick`, { spec: BFD })
        await all.lab.waitFor('the SpeakerStatus of n1', async () => {
          return (await shownSession(all, 'n1', 'rt'))?.bfd?.state === 'Up'
        })
      })
    })

    it('that is cut off is left by the router at once, and is back when its cable is', async () => {
      const all = routed()
      const local = { externalTrafficPolicy: 'Local', selector: { app: 'near' } }
      const [address = ''] = await createService(all.lab, service('cut', local))
      await waitForNodes(all, all.rt, hostRoute(address), ALL)
      const knocker = await all.far.knock(address, 80)
      await all.lab.faults.cutLink('n2')
      const cutAt = Date.now()
      await waitForNodes(all, all.rt, hostRoute(address), ['n1', 'n3'])
      await new Promise((resolve) => setTimeout(resolve, CEILING_MS))
      const seen = await knocker.stop()
      await all.lab.faults.restoreLink('n2')
      const window = failedForMs(seen.failedAt, cutAt)
      assert.ok(seen.failures > 0, 'nobody noticed that it was cut off')
      assert.ok(window < CEILING_MS, `connections failed for ${Math.round(window)} ms`)
      await waitForNodes(all, all.rt, hostRoute(address), ALL)
      await allReady(all.lab)
      await removeService(all.lab, 'cut')
    })

    it('whose speaker restarts under graceful restart costs no connection, though its BFD goes down', async () => {
      const all = routed()
      const { lab, rt } = all
      const restartable = async (enableGracefulRestart: boolean): Promise<void> => {
        await lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { enableGracefulRestart } })
        await lab.waitFor('sessions that may restart, or not', async () => {
          const { capabilities, state } = await rt.session(lab.node('n2').address4)
          return state === 'established' && capabilities.includes('gracefulRestart') === enableGracefulRestart
        })
        await allEstablished(all)
        await isUp(true)
      }
      await restartable(true)
      const [address = ''] = await createService(lab, service('both'))
      await waitForNodes(all, rt, hostRoute(address), ALL)
      await lab.waitFor('an answer', () => all.far.curl(`http://${address}/`))
      const path = await watchPath(rt, hostRoute(address), lab.node('n2').address4)
      await withoutFailure(all, address, async () => {
        lab.programs.kill(lab.programs.speakerOn('n2'))
        await lab.waitFor('its path to be told anew', () => path.seen.length >= 3)
        await allReady(lab)
        await isUp(true)
      })
      assert.deepEqual(await path.stop(), ['plain', 'stale', 'plain'])
      await removeService(lab, 'both')
      await restartable(false)
    })

    it('is watched no more once the router ends BFD, and its session goes on, then as without a profile', async () => {
      const all = routed()
      await allEstablished(all)
      await withoutReset(all, 'the end of BFD', async () => {
        await all.rt.setBfd(false)
        await isUp(false)
        await all.lab.waitFor('the SpeakerStatus of n1', async () => {
          return (await shownSession(all, 'n1', 'rt'))?.bfd?.state !== 'Up'
        })
        await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { bfdProfile: null } })
        await all.lab.waitFor('the SpeakerStatus of n1', async () => {
          return (await shownSession(all, 'n1', 'rt'))?.bfd === undefined
        })
      })
      await all.lab.api.remove(`${BGP_PATHS.profiles}/quick`)
    })
  })
}
