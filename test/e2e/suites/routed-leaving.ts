import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rollOutSpeakers } from '../../lab/install.ts'
import type { NodeMachine } from '../../lab/topology.ts'
import { allReady } from './cluster.ts'
import { PATHS, service } from './objects.ts'
import { allEstablished, hostRoute, type Routed, waitForNodes, withoutFailure } from './routed.ts'
import { BGP_PATHS } from './routed-objects.ts'
import { watchPath } from './routed-path.ts'
import { createService, removeService } from './scene.ts'

const ALL = ['n1', 'n2', 'n3']
const OTHERS = ['n1', 'n3']
const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers'

type Going = {
  readonly what: string
  readonly go: (routed: Routed) => Promise<void>
  readonly comeBack: (routed: Routed) => Promise<void>
}

const labelled = async ({ lab }: Routed, value: string | null): Promise<void> =>
  void (await lab.api.patch(`${PATHS.nodes}/n2`, { metadata: { labels: { [EXCLUDE]: value } } }))

const GOINGS: readonly Going[] = [
  {
    what: 'labelled to be left out',
    go: (routed) => labelled(routed, ''),
    comeBack: (routed) => labelled(routed, null),
  },
  {
    what: 'taken into maintenance',
    go: ({ lab }) => lab.faults.startMaintenance('n2'),
    comeBack: ({ lab }) => lab.faults.endMaintenance('n2'),
  },
  {
    what: 'whose speaker is stopped in order',
    go: ({ lab: { programs } }) => programs.stop(programs.speakerOn('n2'), { restart: false }),
    comeBack: async ({ lab: { programs } }) => programs.restart(programs.speakerOn('n2')),
  },
]

/** How a node goes, for a while or for good, and what users notice: nothing. */
export function leavingSuite(routed: () => Routed): void {
  const n2 = (): NodeMachine => routed().lab.node('n2')

  describe('a node', () => {
    for (const { what, go, comeBack } of GOINGS) {
      it(`${what} says that its routes are going before they go: no connection fails, nor when it comes back`, async () => {
        const all = routed()
        const [address = ''] = await createService(all.lab, service('leaving'))
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
        const path = await watchPath(all.rt, hostRoute(address), n2().address4)
        await withoutFailure(all, address, async () => {
          await go(all)
          await waitForNodes(all, all.rt, hostRoute(address), OTHERS)
          await comeBack(all)
          await waitForNodes(all, all.rt, hostRoute(address), ALL)
        })
        assert.deepEqual(await path.stop(), ['plain', 'going', 'none', 'plain'])
        await allReady(all.lab)
        await removeService(all.lab, 'leaving')
      })
    }
  })

  describe('a speaker under graceful restart', () => {
    const restartable = async (enableGracefulRestart: boolean): Promise<void> => {
      const all = routed()
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { enableGracefulRestart } })
      await all.lab.waitFor('sessions that may restart', async () => {
        const { capabilities, state } = await all.rt.session(n2().address4)
        return state === 'established' && capabilities.includes('gracefulRestart') === enableGracefulRestart
      })
      await allEstablished(all)
    }
    before(() => restartable(true))
    after(() => restartable(false))

    it('that is killed and started again costs no connection: the router keeps its routes meanwhile', async () => {
      const all = routed()
      const [address = ''] = await createService(all.lab, service('killed'))
      await waitForNodes(all, all.rt, hostRoute(address), ALL)
      const path = await watchPath(all.rt, hostRoute(address), n2().address4)
      await withoutFailure(all, address, async () => {
        all.lab.programs.kill(all.lab.programs.speakerOn('n2'))
        await all.lab.waitFor('its path to be told anew', () => path.seen.length >= 3)
        await allReady(all.lab)
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
      })
      assert.deepEqual(await path.stop(), ['plain', 'stale', 'plain'])
      await removeService(all.lab, 'killed')
    })

    it('as each is replaced in turn by a rollout, costs no connection either', async () => {
      const all = routed()
      const [address = ''] = await createService(all.lab, service('rolled'))
      await waitForNodes(all, all.rt, hostRoute(address), ALL)
      const path = await watchPath(all.rt, hostRoute(address), n2().address4)
      await withoutFailure(all, address, async () => {
        await rollOutSpeakers(all.lab)
        await allReady(all.lab)
        await allEstablished(all)
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
      })
      assert.deepEqual(await path.stop(), ['plain', 'stale', 'plain'])
      await removeService(all.lab, 'rolled')
    })

    it('forgets nothing it should: what went while it was away is gone once it has told all', async () => {
      const all = routed()
      const { programs } = all.lab
      const [stays = ''] = await createService(all.lab, service('stays'))
      const [goes = ''] = await createService(all.lab, service('goes'))
      for (const address of [stays, goes]) await waitForNodes(all, all.rt, hostRoute(address), ALL)
      programs.kill(programs.speakerOn('n2'), { restart: false })
      await removeService(all.lab, 'goes')
      await waitForNodes(all, all.rt, hostRoute(goes), ['n2'])
      programs.restart(programs.speakerOn('n2'))
      await waitForNodes(all, all.rt, hostRoute(goes), [])
      await waitForNodes(all, all.rt, hostRoute(stays), ALL)
      await allReady(all.lab)
      await removeService(all.lab, 'stays')
    })
  })
}
