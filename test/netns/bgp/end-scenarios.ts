import assert from 'node:assert/strict'
import { type Peer, routeText } from './peer.ts'
import type { Scenario, Stage } from './scenario.ts'

const SHORT = { holdSeconds: 6, keepaliveSeconds: 2 }
const WORDS = 'back at noon'
const FAREWELL = 'new cables'
const ADMINISTRATIVE_SHUTDOWN = 2

/** How sessions end, and what is left of them. */
export const END_SCENARIOS: readonly Scenario[] = [
  {
    shows: 'NOTIFICATION to the router',
    plan: { host: 51 },
    run: async ({ up, wait, routerSession }) => {
      const peer = await up()
      await peer.stop({ kind: 'cease', subcode: ADMINISTRATIVE_SHUTDOWN })
      await wait('the end in the router', async () => (await routerSession()).state !== 'established')
    },
  },
  {
    shows: 'NOTIFICATION to the router with words, which it shows (RFC 9003)',
    needs: 'shutdown communication shown',
    plan: { host: 58 },
    run: async ({ up, wait, routerSession, neighbour, router }) => {
      const peer = await up()
      await peer.stop({ kind: 'cease', subcode: ADMINISTRATIVE_SHUTDOWN, text: WORDS })
      await wait(`our words about ${neighbour} in the router`, async () =>
        `${(await routerSession()).lastError ?? ''}${router.fullLog()}`.includes(WORDS),
      )
    },
  },
  {
    shows: 'NOTIFICATION from the router, and the session comes back when the router lets it',
    plan: { host: 52 },
    run: async (stage) => {
      const { peer } = await shutDown(stage)
      await stage.router.enable(stage.neighbour)
      await peer.established()
    },
  },
  {
    shows: 'NOTIFICATION from the router with words, which we tell (RFC 9003)',
    needs: 'shutdown communication sent',
    plan: { host: 59 },
    run: async (stage) => assert.match((await shutDown(stage, FAREWELL)).meaning, new RegExp(FAREWELL)),
  },
  {
    shows: 'graceful restart: our process is killed, the routes stay, End-of-RIB sweeps what is stale (RFC 4724)',
    needs: 'graceful restart helper',
    plan: { host: 53, ours: { gracefulRestart: { restartSeconds: 120 } } },
    run: async ({ up, start, path, gone, wait, paths, routerSession }) => {
      const first = await up()
      first.announce([routeText('203.0.126.0/24'), routeText('203.0.127.0/24'), routeText('2001:db8:126::/48')])
      first.complete()
      for (const prefix of ['203.0.126.0/24', '203.0.127.0/24', '2001:db8:126::/48']) await path(prefix)
      await first.kill()
      await wait('the loss in the router', async () => (await routerSession()).state !== 'established')
      assert.equal((await paths('203.0.126.0/24')).length, 1)
      const second = start({ restarting: true })
      await second.established()
      second.announce([routeText('203.0.126.0/24'), routeText('2001:db8:126::/48')])
      second.complete()
      await gone('203.0.127.0/24')
      assert.notEqual((await path('203.0.126.0/24')).stale, true)
      await path('2001:db8:126::/48')
    },
  },
  {
    shows: 'graceful restart: the router marks what it keeps as stale',
    needs: 'stale routes shown',
    plan: { host: 60, ours: { gracefulRestart: { restartSeconds: 120 } } },
    run: async ({ up, path, wait, paths }) => {
      const peer = await up()
      peer.announce([routeText('203.0.131.0/24')])
      peer.complete()
      assert.equal((await path('203.0.131.0/24')).stale, false)
      await peer.kill()
      await wait('the mark', async () => (await paths('203.0.131.0/24'))[0]?.stale)
    },
  },
  {
    shows: 'without graceful restart a killed process takes its routes along',
    plan: { host: 54 },
    run: async ({ up, path, gone }) => {
      const peer = await up()
      peer.announce([routeText('203.0.128.0/24')])
      await path('203.0.128.0/24')
      await peer.kill()
      await gone('203.0.128.0/24')
    },
  },
  {
    shows: 'our hold timer: a router that says nothing is left',
    alone: true,
    plan: { host: 55, router: SHORT, ours: { holdMs: 6000, keepaliveMs: 2000 } },
    run: async ({ up, wait, router }) => {
      const peer = await up()
      router.pause()
      try {
        const { code } = await wait(
          'our NOTIFICATION',
          () => peer.notifications.find(({ which }) => which === 'sent'),
          20_000,
        )
        assert.equal(code, 4)
        await wait('a view that says why', () => /hold/i.test(peer.view().lastError ?? ''))
      } finally {
        router.resume()
      }
      await peer.established()
    },
  },
  {
    shows: "the router's hold timer: we say nothing, and are left",
    plan: { host: 56, router: SHORT, ours: { holdMs: 6000, keepaliveMs: 2000 } },
    run: async ({ up, wait, routerSession, path, gone }) => {
      const peer = await up()
      peer.announce([routeText('203.0.129.0/24')])
      await path('203.0.129.0/24')
      peer.signal('SIGSTOP')
      try {
        await wait('the loss in the router', async () => (await routerSession()).state !== 'established', 20_000)
        await gone('203.0.129.0/24')
      } finally {
        peer.signal('SIGCONT')
      }
      await peer.established()
      await path('203.0.129.0/24')
    },
  },
  {
    shows: 'the router is killed and starts again: the session and the routes come back',
    alone: true,
    plan: { host: 57 },
    run: async ({ up, path, router, wait }) => {
      const peer = await up()
      peer.announce([routeText('203.0.130.0/24')])
      await path('203.0.130.0/24')
      await router.kill()
      await wait('the loss', () => peer.view().state !== 'established')
      await router.restart()
      await peer.established()
      await path('203.0.130.0/24')
      assert.equal(peer.view().flaps, 1)
    },
  },
]

/** The router ends the session; gives what its NOTIFICATION meant to us. */
async function shutDown(
  { up, wait, router, neighbour }: Stage,
  words?: string,
): Promise<{ readonly peer: Peer; readonly meaning: string }> {
  const peer = await up()
  await router.shutdown(neighbour, words)
  const received = await wait('the NOTIFICATION', () => peer.notifications.find(({ which }) => which === 'received'))
  assert.deepEqual([received.code, received.subcode], [6, ADMINISTRATIVE_SHUTDOWN])
  // Another try may have been refused since.
  await wait('a view that says why', () => peer.views.some(({ lastError }) => /shut/i.test(lastError ?? '')))
  return { peer, meaning: received.meaning }
}
