import { AS_TRANS } from '@steelyard/bgp-ts'
import assert from 'node:assert/strict'
import { routeText } from './peer.ts'
import { OUR_ASN, ROUTER_ASN } from './plan.ts'
import type { Scenario } from './scenario.ts'

const PASSWORD = 'a-key-for-both'

/** Coming up: over what, between whom, with which keys. */
export const SESSION_SCENARIOS: readonly Scenario[] = [
  {
    shows: 'eBGP over IPv4, AS numbers above 65535 on both sides',
    plan: { host: 11 },
    run: async ({ up, routerSession }) => {
      const peer = await up()
      const { remoteAsn, fourOctetAsn, families, routeRefresh } = await peer.established()
      assert.deepEqual(
        { remoteAsn, fourOctetAsn, routeRefresh },
        { remoteAsn: ROUTER_ASN, fourOctetAsn: true, routeRefresh: true },
      )
      assert.deepEqual(families, [4, 6])
      const { capabilities } = await routerSession()
      for (const each of ['multiprotocol ipv4', 'multiprotocol ipv6', 'routeRefresh', 'fourOctetAsn'] as const) {
        assert.ok(capabilities.includes(each), `the router sees no ${each}: ${capabilities.join()}`)
      }
    },
  },
  {
    shows: 'eBGP over IPv6',
    plan: { host: 12, over: 'ipv6', families: ['ipv6'] },
    run: async ({ up }) => assert.deepEqual((await (await up()).established()).families, [6]),
  },
  {
    shows: 'iBGP',
    plan: { host: 13, ourAsn: ROUTER_ASN },
    run: async ({ up }) => assert.equal((await (await up()).established()).remoteAsn, ROUTER_ASN),
  },
  {
    shows: 'eBGP multihop, two hops away',
    plan: { host: 14, far: true, families: ['ipv4'], router: { ebgpMultihop: 3 } },
    run: async ({ up, path }) => {
      const peer = await up()
      peer.announce([routeText('203.0.114.0/24')])
      assert.deepEqual((await path('203.0.114.0/24')).asPath, [OUR_ASN])
    },
  },
  {
    shows: 'TTL security on the router (RFC 5082)',
    needs: 'TTL security',
    plan: { host: 15, router: { ttlSecurity: true } },
    run: async ({ up }) => void (await up()),
  },
  {
    shows: 'TCP MD5, the right key',
    plan: { host: 16, router: { password: PASSWORD }, more: { password: PASSWORD } },
    run: async ({ up }) => void (await up()),
  },
  {
    shows: 'TCP MD5, a wrong key: told what to fix',
    plan: { host: 17, router: { password: PASSWORD }, more: { password: 'another key' } },
    run: (stage) => refusedKey(stage, /password/),
  },
  {
    shows: 'TCP MD5, no key where the router has one: told what to fix',
    plan: { host: 18, router: { password: PASSWORD } },
    run: (stage) => refusedKey(stage, /password/),
  },
  {
    shows: 'a wrong AS number: told what was found and what is wanted',
    plan: { host: 19, ours: { peerAsn: 64_999 } },
    run: async ({ start, wait }) => {
      const peer = start()
      const error = await wait('an error', () => peer.view().lastError)
      assert.match(error, new RegExp(`${ROUTER_ASN}`))
      assert.match(error, /64999/)
    },
  },
  {
    shows: 'a peer that knows two octets of AS numbers only',
    needs: 'two-octet AS numbers only',
    plan: {
      host: 20,
      router: { localAsn: 65_014, fourOctetAsn: false },
      ours: { peerAsn: 65_014 },
    },
    run: async ({ up, path }) => {
      const peer = await up()
      assert.equal((await peer.established()).fourOctetAsn, false)
      peer.announce([routeText('203.0.115.0/24')])
      // A router that reads AS4_PATH although it offered no four octets sees who we are (RFC 6793 section 4.2.3).
      const [asn] = (await path('203.0.115.0/24')).asPath
      assert.ok(asn === AS_TRANS || asn === OUR_ASN, `AS_PATH ${asn}`)
    },
  },
  {
    shows: 'both connect at once: one session stands (RFC 4271 section 6.8)',
    plan: { host: 21, router: { passive: false }, more: { listens: true } },
    run: async ({ up, routerSession }) => {
      const peer = await up()
      // A second one would be found within another try of either side.
      await new Promise((resolve) => setTimeout(resolve, 2500))
      assert.equal(peer.view().state, 'established')
      assert.equal(peer.view().flaps, 0)
      assert.equal((await routerSession()).state, 'established')
    },
  },
]

async function refusedKey({ start, wait }: Parameters<Scenario['run']>[0], says: RegExp): Promise<void> {
  const peer = start()
  // Nothing answers: the kernel of the router drops what is not signed with its key.
  assert.match(await wait('an error', () => peer.view().lastError), says)
  assert.notEqual(peer.view().state, 'established')
}
