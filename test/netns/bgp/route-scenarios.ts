import assert from 'node:assert/strict'
import { OURS, ourAddress } from './network.ts'
import { routeText } from './peer.ts'
import { OUR_ASN, ROUTER_ASN } from './plan.ts'
import type { Scenario } from './scenario.ts'

const MANY = 1000

/** What the router has of our routes. */
export const ROUTE_SCENARIOS: readonly Scenario[] = [
  {
    shows: 'IPv4 and IPv6 routes on eBGP: next hop, AS_PATH, ORIGIN, communities, large communities',
    plan: { host: 31 },
    run: async ({ up, path }) => {
      const peer = await up()
      const more = { localPref: 500, communities: [65_001 * 65_536 + 7], largeCommunities: [[OUR_ASN, 1, 2]] as const }
      peer.announce([routeText('203.0.116.0/24', more), routeText('2001:db8:116::/48', more)])
      const same = {
        asPath: [OUR_ASN],
        origin: 'igp',
        communities: ['65001:7'],
        largeCommunities: [`${OUR_ASN}:1:2`],
        extendedCommunities: [],
      }
      const v4 = await path('203.0.116.0/24')
      assert.deepEqual({ ...v4, ...same }, v4)
      assert.deepEqual(v4.nextHops, [ourAddress(31, 'ipv4')])
      const v6 = await path('2001:db8:116::/48')
      assert.deepEqual({ ...v6, ...same }, v6)
      assert.equal(v6.nextHops[0], OURS.ipv6)
      // LOCAL_PREF is ours only within our AS: what stands here is the router's own default.
      assert.notEqual(v4.localPref, 500)
    },
  },
  {
    shows: 'LOCAL_PREF on iBGP, and an empty AS_PATH',
    plan: { host: 32, ourAsn: ROUTER_ASN },
    run: async ({ up, path }) => {
      const peer = await up()
      peer.announce([routeText('203.0.117.0/24', { localPref: 333 }), routeText('203.0.118.0/24', { localPref: 0 })])
      const { localPref, asPath } = await path('203.0.117.0/24')
      assert.deepEqual({ localPref, asPath }, { localPref: 333, asPath: [] })
      assert.equal((await path('203.0.118.0/24')).localPref, 0)
    },
  },
  {
    shows: 'GRACEFUL_SHUTDOWN (RFC 8326) added to a route that stands, without a flap',
    plan: { host: 33 },
    run: async ({ up, path, wait, paths, routerSession }) => {
      const peer = await up()
      peer.announce([routeText('203.0.119.0/24')])
      assert.deepEqual((await path('203.0.119.0/24')).communities, [])
      peer.announce([routeText('203.0.119.0/24', { communities: [0xff_ff_00_00] })])
      await wait('the community', async () => (await paths('203.0.119.0/24'))[0]?.communities.includes('65535:0'))
      assert.equal((await routerSession()).flaps, 0)
    },
  },
  {
    shows: 'link bandwidth, read by the router',
    needs: 'link bandwidth shown',
    plan: { host: 34, ourAsn: 65_034 },
    run: async ({ up, path, wait, paths }) => {
      const peer = await up()
      peer.announce([routeText('203.0.120.0/24', { linkBandwidth: 125_000_000 })])
      assert.deepEqual((await path('203.0.120.0/24')).linkBandwidth, { asn: 65_034, bytesPerSecond: 125_000_000 })
      peer.announce([routeText('203.0.120.0/24', { linkBandwidth: 250_000_000 })])
      await wait(
        'another',
        async () => (await paths('203.0.120.0/24'))[0]?.linkBandwidth?.bytesPerSecond === 250_000_000,
      )
    },
  },
  {
    shows: 'withdrawal, IPv4 and IPv6',
    plan: { host: 35 },
    run: async ({ up, path, gone, paths }) => {
      const peer = await up()
      const all = ['203.0.121.0/24', '203.0.122.0/24', '2001:db8:121::/48', '2001:db8:122::/48']
      peer.announce(all.map((prefix) => routeText(prefix)))
      for (const prefix of all) await path(prefix)
      peer.withdraw(['203.0.121.0/24', '2001:db8:121::/48'])
      await gone('203.0.121.0/24')
      await gone('2001:db8:121::/48')
      assert.equal((await paths('203.0.122.0/24')).length, 1)
      assert.equal((await paths('2001:db8:122::/48')).length, 1)
    },
  },
  {
    shows: 'IPv4 routes with an IPv6 next hop on an IPv6 session (RFC 8950)',
    needs: 'extended next hop',
    plan: { host: 36, over: 'ipv6', router: { extendedNextHop: true }, ours: { extendedNextHop: true } },
    run: async ({ up, path }) => {
      const peer = await up()
      assert.equal((await peer.established()).extendedNextHop, true)
      peer.announce([routeText('203.0.123.0/24')])
      assert.equal((await path('203.0.123.0/24')).nextHops[0], ourAddress(36, 'ipv6'))
    },
  },
  {
    shows: 'route refresh asked for by the router',
    needs: 'route refresh',
    plan: { host: 37 },
    run: async ({ up, path, wait, router, neighbour }) => {
      const peer = await up()
      peer.announce([routeText('203.0.124.0/24'), routeText('2001:db8:124::/48')])
      peer.complete()
      await path('203.0.124.0/24')
      await path('2001:db8:124::/48')
      const before = (await peer.look()).counters
      await router.refresh(neighbour)
      await wait('both families again', async () => {
        const { counters } = await peer.look()
        return counters.received.routeRefresh >= 2 && counters.sent.update >= before.sent.update + 2
      })
      await path('203.0.124.0/24')
      assert.equal(peer.view().flaps, 0)
    },
  },
  {
    shows: 'enhanced route refresh: begin and end marked (RFC 7313)',
    needs: 'enhanced route refresh',
    plan: { host: 38 },
    run: async ({ up, path, wait, router, neighbour }) => {
      const peer = await up()
      peer.announce([routeText('203.0.125.0/24')])
      peer.complete()
      await path('203.0.125.0/24')
      await router.refresh(neighbour)
      await wait('begin and end of both families', async () => (await peer.look()).counters.sent.routeRefresh >= 4)
      await path('203.0.125.0/24')
    },
  },
  {
    shows: `${MANY} routes in few UPDATEs`,
    plan: { host: 39 },
    run: async ({ up, wait, router, neighbour }) => {
      const peer = await up()
      const before = (await peer.look()).counters.sent.update
      peer.announce(Array.from({ length: MANY }, (_, n) => routeText(`10.${n >> 8}.${n & 255}.0/24`)))
      await wait(`${MANY} routes`, async () => {
        const routes = await router.routes('ipv4')
        return routes.filter(({ from, prefix }) => from === neighbour && prefix.startsWith('10.')).length === MANY
      })
      // 4 bytes each, in messages of 4096.
      const sent = (await peer.look()).counters.sent.update - before
      assert.ok(sent <= 2, `${sent} UPDATEs`)
      peer.withdraw(Array.from({ length: MANY }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`))
      await wait(
        'none of them',
        async () => !(await router.routes('ipv4')).some(({ prefix }) => prefix.startsWith('10.')),
      )
    },
  },
  {
    shows: 'routes of the router: heard, counted, not kept',
    plan: { host: 40 },
    run: async ({ up, wait, router }) => {
      const peer = await up()
      await router.announce('192.88.99.0/24')
      await wait('the route', async () => (await peer.look()).counters.receivedPrefixes >= 1)
      assert.equal((await peer.look()).counters.malformedUpdates, 0)
    },
  },
]
