import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { CHANGE_TABLE } from '../../../speaker/src/decide/bgp/change-table.ts'
import { PATHS, pool, service } from './objects.ts'
import {
  allEstablished,
  hostRoute,
  type Routed,
  RT2_PASSWORD,
  RT_ASN,
  NODES_ASN,
  shownSession,
  waitForNodes,
  withoutReset,
} from './routed.ts'
import { BGP_PATHS, bgpAdvertisement, bgpPeer } from './routed-objects.ts'
import { WALK, WALKED } from './routed-walk.ts'
import { createService, removeService } from './scene.ts'

const ALL = ['n1', 'n2', 'n3']
/** For the speakers to hear of a change and to act on it. */
const SETTLE_MS = 120
/** Of the retransmissions of TCP, the first few. */
const UNHEARD_MS = 1000

/** What makes sessions come and go, and what does not. */
export function sessionsSuite(routed: () => Routed): void {
  resetsSuite(routed)
  selectionSuite(routed)
  passwordSuite(routed)
}

function resetsSuite(routed: () => Routed): void {
  describe('a standing session', () => {
    it('is not reset by any change of which the table says so', async () => {
      const all = routed()
      const harmless = CHANGE_TABLE.filter(({ effect }) => effect !== 'reset')
      assert.deepEqual(Object.keys(WALK).toSorted(), harmless.map(({ kind, field }) => `${kind} ${field}`).toSorted())
      const { api } = all.lab
      for (const [path, object] of WALKED) await api.create(path, object)
      const [v4 = ''] = await createService(all.lab, service('walker', {}, inPool('walk')))
      await waitForNodes(all, all.rt, hostRoute(v4), ALL)
      for (const [what, { at, set, back }] of Object.entries(WALK)) {
        await withoutReset(all, what, async () => {
          for (const spec of [set, back]) {
            if (spec === undefined) continue
            await api.patch(at, { spec })
            await pause(SETTLE_MS)
          }
        })
      }
      await withoutReset(all, 'all of them', async () => {
        await createService(all.lab, service('after-all'))
        const [address = ''] = await createService(all.lab, service('after-all-too'))
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
        for (const name of ['walker', 'after-all', 'after-all-too']) await removeService(all.lab, name)
        await all.rt.setBfd(false)
        await api.patch(`${BGP_PATHS.peers}/rt`, { spec: { bfdProfile: null } })
        for (const [path, { metadata }] of WALKED) await api.remove(`${path}/${metadata.name}`)
        await pause(SETTLE_MS)
        await all.rt.setBfd(true)
      })
    })

    it('is not reset by what is new: a pool, an advertisement, a Service, a peer that nobody answers for', async () => {
      const all = routed()
      const { api } = all.lab
      await withoutReset(all, 'new objects', async () => {
        await api.create(PATHS.pools, pool('new', ['203.0.113.192/28'], { autoAssign: false }))
        await api.create(BGP_PATHS.advertisements, bgpAdvertisement('new', { ipAddressPools: ['new'], peers: ['rt'] }))
        const nobody = { myASN: NODES_ASN, peerASN: RT_ASN, peerAddress: '192.168.67.99' }
        await api.create(BGP_PATHS.peers, bgpPeer('nobody', nobody))
        const [address = ''] = await createService(all.lab, service('new', {}, inPool('new')))
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
        await removeService(all.lab, 'new')
        await api.remove(`${BGP_PATHS.peers}/nobody`)
        await api.remove(`${BGP_PATHS.advertisements}/new`)
        await api.remove(`${PATHS.pools}/new`)
        await waitForNodes(all, all.rt, hostRoute(address), [])
      })
    })

    it('is reset by what is said in its OPEN, and no other is: so a reset would have been seen', async () => {
      const all = routed()
      const [before, others] = await Promise.all([all.rt.counters(), all.rt2.counters()])
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { holdTime: '60s', keepaliveTime: '20s' } })
      for (const { address4 } of all.lab.nodes) {
        await all.lab.waitFor(`a second session of ${address4}`, async () => {
          const now = (await all.rt.counters())[address4]
          return now?.dropped === (before[address4]?.dropped ?? 0) + 1 && now.established === now.dropped + 1
        })
      }
      const after = await all.rt.counters()
      for (const { address6 } of all.lab.nodes) assert.deepEqual(after[address6], before[address6])
      assert.deepEqual(await all.rt2.counters(), others)
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, {
        spec: { holdTime: null, keepaliveTime: null },
      })
      await allEstablished(all)
    })
  })
}

function inPool(name: string): { readonly annotations: Readonly<Record<string, string>> } {
  return { annotations: { 'metallb.io/address-pool': name } }
}

function selectionSuite(routed: () => Routed): void {
  describe('the nodes of a peer', () => {
    const label = async (name: string, rack: string | null): Promise<void> =>
      void (await routed().lab.api.patch(`${PATHS.nodes}/${name}`, { metadata: { labels: { rack } } }))

    it('are those that its selectors select: sessions come and go as labels do, others go on', async () => {
      const all = routed()
      const [, , third] = all.lab.nodes
      const state = async (): Promise<string> => (await all.rt.session(third?.address4 ?? '')).state
      for (const name of ALL) await label(name, 'a')
      await withoutReset(all, 'selectors that select the same', async () => {
        await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { nodeSelectors: [{ matchLabels: { rack: 'a' } }] } })
        await pause(SETTLE_MS)
      })
      const before = await all.rt.counters()
      await label('n3', null)
      await all.lab.waitFor('the session of n3 to end', async () => (await state()) !== 'established')
      assert.match((await all.rt.session(third?.address4 ?? '')).lastError ?? '', /Administrative Shutdown/)
      await label('n3', 'a')
      await all.lab.waitFor('the session of n3', async () => (await state()) === 'established')
      const after = await all.rt.counters()
      for (const { address4 } of all.lab.nodes.slice(0, 2)) assert.deepEqual(after[address4], before[address4])
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec: { nodeSelectors: null } })
      for (const name of ALL) await label(name, null)
    })
  })
}

function passwordSuite(routed: () => Routed): void {
  describe('the password of a peer', () => {
    const setPassword = async (password: string): Promise<void> =>
      void (await routed().lab.api.patch(`${BGP_PATHS.secrets}/rt2`, { stringData: { password } }))
    before(async () => {
      await routed().lab.api.patch(`${BGP_PATHS.advertisements}/all`, { spec: { peers: ['rt', 'rt2'] } })
    })
    after(async () => {
      await routed().lab.api.patch(`${BGP_PATHS.advertisements}/all`, { spec: { peers: ['rt'] } })
    })

    it('is swapped while the session stands: unheard with another, heard again with the right one', async () => {
      const all = routed()
      await withoutReset(all, 'another password and back', async () => {
        await setPassword('another')
        await pause(SETTLE_MS)
        const [address = ''] = await createService(all.lab, service('keyed'))
        await waitForNodes(all, all.rt, hostRoute(address), ALL)
        await pause(UNHEARD_MS)
        assert.deepEqual(await all.rt2.paths(hostRoute(address)), [], 'it was not swapped')
        await setPassword(RT2_PASSWORD)
        await waitForNodes(all, all.rt2, hostRoute(address), ALL)
        await removeService(all.lab, 'keyed')
      })
    })

    it('if it is wrong, keeps the session down, and the SpeakerStatus says so; the right one brings it back', async () => {
      const all = routed()
      await setPassword('wrong')
      await pause(SETTLE_MS)
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt2`, { spec: { holdTime: '60s' } })
      const shown = await all.lab.waitFor('the SpeakerStatus of n1 to tell why', async () => {
        const session = await shownSession(all, 'n1', 'rt2')
        return session?.state !== 'Established' && session?.lastError !== undefined && session
      })
      assert.match(shown.lastError ?? '', /password/)
      assert.doesNotMatch(shown.lastError ?? '', /wrong|both-sides/)
      assert.equal((await shownSession(all, 'n1', 'rt'))?.state, 'Established')
      await setPassword(RT2_PASSWORD)
      await allEstablished(all)
      await all.lab.api.patch(`${BGP_PATHS.peers}/rt2`, { spec: { holdTime: null } })
      await allEstablished(all)
    })
  })
}
