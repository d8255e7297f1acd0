import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { capture } from '../netns/link/capture.ts'
import { CABLE } from '../netns/bgp/network.ts'
import { routeText } from '../netns/bgp/peer.ts'
import { LOOPBACK, ONLY_RED, OURS, PLAIN_IPV6, ROUTER, SOURCES } from './vrf/network.ts'
import {
  CALM_DETECT_MS,
  CALM_PROFILE,
  DETECT_MS,
  openVrfStage,
  PASSWORD,
  plainPeer,
  PROFILE,
  vrfPeer,
  type VrfStage,
} from './vrf/stage.ts'

/** All that a session and its BFD are made of. */
const SESSION_FRAMES = 'outbound and (tcp port 179 or udp port 3784 or udp port 4784)'
const GUARDED = { password: PASSWORD, bfdProfile: PROFILE } as const
/** With a check of the TTL as well (RFC 5082). */
const STRICT = { ...vrfPeer('').policy, minimumTtl: 255 }

describe('BGP and BFD in a VRF', () => {
  let stage: VrfStage
  before(async () => {
    stage = await openVrfStage('kvr')
  })
  afterEach(async () => {
    stage.node.serve([])
    const isOver = async (): Promise<boolean> =>
      [...(await stage.red.sessions()), ...(await stage.plain.sessions())].every(({ state }) => state !== 'established')
    await stage.wait('the end of all sessions', isOver)
  })
  after(() => stage.close())
  const nextHops = async (prefix: string): Promise<readonly string[]> => {
    const [path] = await stage.wait(`${prefix} in the router`, async () => {
      const paths = await stage.red.paths(prefix)
      return paths.length > 0 && paths
    })
    return path?.nextHops ?? []
  }

  for (const family of ['ipv4', 'ipv6'] as const) {
    it(`is up over ${family} with a password and BFD, tells routes of both families, and stays in the VRF`, async () => {
      const { network, node, wait, red } = stage
      const outside = await capture(network.us, 'eth0', SESSION_FRAMES)
      const name = `in red over ${family}`
      const neighbour = { kind: 'address', address: ROUTER[family] } as const
      node.serve([vrfPeer(name, { neighbour, ...GUARDED })])
      const peer = node.peer(name)
      assert.equal((await peer.established()).localAddress, OURS[family])
      await wait('BFD', () => peer.bfd()?.state === 'up')
      await wait('BFD there', async () => (await red.bfd?.session(OURS[family]))?.state === 'up')
      peer.announce([routeText('203.0.113.0/24'), routeText('2001:db8:113::/48')])
      assert.deepEqual((await nextHops('203.0.113.0/24')).slice(0, 1), [OURS.ipv4])
      // The first that the kernel lists is that of another table.
      const [global] = await nextHops('2001:db8:113::/48')
      assert.notEqual(global, PLAIN_IPV6)
      assert.equal(global, OURS.ipv6)
      peer.withdraw(['203.0.113.0/24', '2001:db8:113::/48'])
      await wait('the end of the route', async () => (await red.paths('203.0.113.0/24')).length === 0)
      outside.close()
      assert.equal(outside.frames.length, 0, 'something of it went out by eth0')
    })
  }

  it('is up with a check of the TTL, and with BFD over several hops', async () => {
    const { node, wait } = stage
    // FRR 8.4 takes a neighbour with TTL security for one that may be several hops away, as far as BFD is concerned.
    const more = { sourceAddress: SOURCES.strict, ebgpMultiHop: true, ...GUARDED, policy: STRICT }
    node.serve([vrfPeer('strict', more)])
    await node.peer('strict').established()
    await wait('BFD', () => node.peer('strict').bfd()?.state === 'up')
  })

  it('does not reach a router in the VRF without it: the address is then one of the main table', async () => {
    const { node, wait, red } = stage
    const neighbour = { kind: 'address', address: ONLY_RED } as const
    node.serve([plainPeer('outside', { neighbour, sourceAddress: OURS.ipv4 })])
    const why = await wait('a reason', () => node.peer('outside').view().lastError)
    assert.match(why, /192\.0\.2\.3 cannot be reached \(EHOSTUNREACH\)|no answer within 9 s from 192\.0\.2\.3/)
    assert.equal((await red.session(OURS.ipv4)).state === 'established', false)
  })

  it('goes beside a session with the same address outside of it, each with its own BFD and its own end', async (test) => {
    const { network, node, wait, red, plain } = stage
    node.serve([vrfPeer('inside', GUARDED), plainPeer('outside', { ...GUARDED, bfdProfile: CALM_PROFILE })])
    const [inside, outside] = [node.peer('inside'), node.peer('outside')]
    await Promise.all([inside.established(), outside.established()])
    await wait('both BFD sessions', () => [inside, outside].every((peer) => peer.bfd()?.state === 'up'))
    inside.announce([routeText('203.0.113.0/24')])
    for (const router of [red, plain]) {
      await wait('the route', async () => (await router.paths('203.0.113.0/24')).length > 0)
    }
    // The far end says nothing any more, and its carrier stays: only silence tells.
    const shut = 'add table inet cut; add chain inet cut c { type filter hook output priority 0; policy drop; }'
    try {
      network.spaces.run(network.red, 'nft', shut)
      const cutAt = performance.now()
      await wait('the end of the one in the VRF', () => inside.view().state !== 'established')
      test.diagnostic(`the session ended ${Math.round(performance.now() - cutAt)} ms after the cut, at 100 ms × 3`)
      const why = new RegExp(`BFD: no packet from ${ROUTER.ipv4} for ${DETECT_MS} ms`)
      await wait('the reason', () => why.test(inside.view().lastError ?? ''))
      await pause(CALM_DETECT_MS + 500)
      assert.deepEqual([outside.view().state, outside.view().flaps, outside.bfd()?.downs], ['established', 0, 0])
    } finally {
      network.spaces.run(network.red, 'nft', 'delete table inet cut')
    }
    await inside.established()
    await wait('BFD', () => inside.bfd()?.state === 'up')
    network.spaces.ip(network.plain, 'link', 'set', 'e0', 'down')
    await wait('the end of the other', () => outside.view().state !== 'established')
    await wait('the one in the VRF', () => inside.view().state === 'established')
    network.spaces.ip(network.plain, 'link', 'set', 'e0', 'up')
    network.spaces.ip(network.plain, 'addr', 'replace', `${ROUTER.ipv6}/64`, 'dev', 'e0')
    inside.withdraw(['203.0.113.0/24'])
  })

  it('waits there for a router that connects, and lets nobody in from outside', async () => {
    const { node, wait, red } = stage
    const policy = { ...vrfPeer('').policy, passive: true }
    node.serve([vrfPeer('calling', { policy, sourceAddress: SOURCES.calling })])
    const { localAddress } = await node.peer('calling').established()
    assert.equal(localAddress, SOURCES.calling)
    await wait('it there', async () => (await red.session(SOURCES.calling)).state === 'established')
    const { network } = stage
    const listening = network.spaces.run(network.us, 'ss', '-tlnH').stdout
    assert.match(listening, /0\.0\.0\.0%red:179/)
    const knocking = network.spaces.run(network.plain, 'nc', '-z', '-w', '1', OURS.ipv4, '179')
    assert.notEqual(knocking.status, 0, 'it listens outside of the VRF too')
  })

  it("speaks from an address of the VRF's own device, as from a loopback", async () => {
    const { node, wait, red } = stage
    node.serve([vrfPeer('loopback', { sourceAddress: LOOPBACK, ebgpMultiHop: true })])
    assert.equal((await node.peer('loopback').established()).localAddress, LOOPBACK)
    await wait('it there', async () => (await red.session(LOOPBACK)).state === 'established')
  })

  it('is up on an unnumbered interface of the VRF, with BFD where the VRF is named', async () => {
    const { node, wait } = stage
    const more = { neighbour: { kind: 'interface', interface: CABLE }, bfdProfile: PROFILE } as const
    node.serve([vrfPeer('unnumbered', more)])
    const peer = node.peer('unnumbered')
    const { remoteAddress, extendedNextHop } = await peer.established()
    assert.match(remoteAddress, /^fe80::/)
    assert.equal(extendedNextHop, true)
    await wait('BFD', () => peer.bfd()?.state === 'up')
    peer.announce([routeText('203.0.114.0/24')])
    assert.match((await nextHops('203.0.114.0/24')).join(), /fe80::/)
    peer.withdraw(['203.0.114.0/24'])
    node.serve([])
    await wait('the end of it', async () => (await stage.red.session(CABLE)).state !== 'established')
    node.serve([{ ...plainPeer('unnamed', more), peerAsn: vrfPeer('').peerAsn }])
    await node.peer('unnamed').established()
  })
})
