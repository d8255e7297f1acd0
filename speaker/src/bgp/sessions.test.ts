import type { RouteChanges, SessionView } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PEER, PROFILE, route, sessionScene, set, settled } from '../testing/session-scene.ts'

const UNNUMBERED: BgpPeer = { ...PEER, neighbour: { kind: 'interface', interface: 'eth1' } }
const AGREED: Partial<SessionView> = {
  established: {
    localAddress: { family: 4, words: [0xc0000201] },
    remoteAddress: { family: 4, words: [0xc00002fe] },
    remoteAsn: 64513,
    remoteRouterId: 0xc00002fe,
    holdMs: 9000,
    keepaliveMs: 3000,
    families: [4],
    fourOctetAsn: true,
    extendedNextHop: false,
    gracefulRestart: false,
    routeRefresh: true,
  },
}
const UP: Partial<SessionView> = { state: 'established' }

const HARMLESS: readonly { readonly name: string; readonly after: BgpPeer }[] = [
  { name: 'a password', after: { ...PEER, password: 'secret' } },
  { name: 'how long it leaves', after: { ...PEER, policy: { ...PEER.policy, gracefulShutdownMs: 0 } } },
  { name: 'a BFD profile', after: { ...PEER, bfdProfile: PROFILE } },
  { name: "multihop, which is BFD's affair", after: { ...PEER, ebgpMultiHop: true } },
  {
    name: 'selectors that still select this node',
    after: { ...PEER, nodeSelectors: [[]] },
  },
]
for (const { name, after } of HARMLESS) {
  it(`changes ${name} without a reset`, async () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, PEER)
    set(sessions, after)
    await settled()
    assert.equal(bgp.sessions.length, 1)
    assert.equal(bgp.standing().length, 1)
  })
}

it('takes another time of retry without a reset: at once where there is no session, else when it is lost', async () => {
  const { bgp, sessions } = sessionScene()
  const later = (connectMs: number): BgpPeer => ({ ...PEER, connectMs })
  set(sessions, PEER)
  set(sessions, later(5000))
  await settled()
  assert.deepEqual([bgp.sessions.length, bgp.standing()[0]?.options.config.connectMs], [2, 5000])
  bgp.standing()[0]?.see(UP)
  set(sessions, later(9000))
  await settled()
  assert.equal(bgp.standing()[0]?.options.config.connectMs, 5000)
  bgp.standing()[0]?.see({ state: 'idle' })
  await settled()
  assert.equal(bgp.standing()[0]?.options.config.connectMs, 9000)
})

const RESETS: readonly { readonly name: string; readonly after: BgpPeer }[] = [
  { name: 'an AS number', after: { ...PEER, myAsn: 64999 } },
  { name: 'the AS number shown', after: { ...PEER, localAsn: 64998 } },
  { name: "the peer's AS number", after: { ...PEER, peerAsn: { kind: 'external' } } },
  { name: 'the address', after: { ...PEER, neighbour: { kind: 'address', address: '192.0.2.2' } } },
  { name: 'the port', after: { ...PEER, port: 1179 } },
  { name: 'the source address', after: { ...PEER, sourceAddress: '192.0.2.9' } },
  { name: 'the router id', after: { ...PEER, routerId: '192.0.2.9' } },
  { name: 'the VRF', after: { ...PEER, vrf: 'blue' } },
  { name: 'the hold time', after: { ...PEER, holdMs: 9000 } },
  { name: 'the families', after: { ...PEER, dualStack: true } },
  { name: 'graceful restart', after: { ...PEER, gracefulRestart: true } },
  { name: 'who connects', after: { ...PEER, policy: { ...PEER.policy, passive: true } } },
]
for (const { name, after } of RESETS) {
  it(`resets the session for another value of ${name}, and tells the peer why`, async () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, PEER)
    set(sessions, after)
    await settled()
    assert.deepEqual(
      bgp.sessions.map(({ ended }) => ended),
      [{ kind: 'cease', subcode: 6 }, undefined],
    )
  })
}

it('makes the session of a passive peer anew for another password, since an accepted connection keeps its key', async () => {
  const { bgp, sessions } = sessionScene()
  const passive = { ...PEER, policy: { ...PEER.policy, passive: true } }
  set(sessions, passive)
  set(sessions, { ...passive, password: 'secret' })
  await settled()
  assert.equal(bgp.sessions.length, 2)
  assert.equal(bgp.standing()[0]?.options.password, 'secret')
})

it('tells a new session all routes, and each session only its own changes', async () => {
  const { bgp, sessions, routes } = sessionScene()
  routes.set('203.0.113.1/32', route('203.0.113.1/32'))
  set(sessions, PEER, { ...PEER, name: 'rt2', neighbour: { kind: 'address', address: '192.0.2.2' } })
  const changes: RouteChanges = new Map([['203.0.113.2/32', route('203.0.113.2/32')]])
  sessions.change(new Map([['rt2', changes]]))
  assert.deepEqual(
    bgp.sessions.map((one) => [...one.routes.keys()]),
    [['203.0.113.1/32'], ['203.0.113.1/32', '203.0.113.2/32']],
  )
})

it('says that all is told once it is, to sessions of before and after', () => {
  const { bgp, sessions } = sessionScene()
  set(sessions, PEER)
  assert.equal(bgp.sessions[0]?.isComplete, false)
  sessions.complete()
  set(sessions, PEER, { ...PEER, name: 'rt2', neighbour: { kind: 'address', address: '192.0.2.2' } })
  assert.deepEqual(
    bgp.sessions.map(({ isComplete }) => isComplete),
    [true, true],
  )
})

const GOODBYES = [
  { name: 'the BGPPeer is gone', isDeleted: true, subcode: 3 },
  { name: 'the node is not selected any more', isDeleted: false, subcode: 2 },
]
for (const { name, isDeleted, subcode } of GOODBYES) {
  it(`says Cease/${subcode} when ${name}`, () => {
    const { bgp, sessions } = sessionScene()
    set(sessions, PEER)
    sessions.setPeers([], () => isDeleted)
    const ended = bgp.sessions[0]?.ended
    assert.equal(ended?.kind === 'cease' ? ended.subcode : ended, subcode)
    assert.deepEqual(sessions.slots(), [])
  })
}

it('stops without a word towards peers that keep our routes, and with Cease/2 towards others', async () => {
  const { bgp, sessions } = sessionScene()
  set(sessions, PEER, { ...PEER, name: 'gr', gracefulRestart: true })
  await sessions.suspend()
  await sessions.stop()
  assert.deepEqual(
    bgp.sessions.map(({ ended }) => ended?.kind),
    ['cease', 'silent'],
  )
  assert.equal(bgp.isClosed(), true)
})

it('waits for the router of an unnumbered peer, asks the link worker for it, and connects when it is heard', async () => {
  const { bgp, sessions, wishes } = sessionScene()
  set(sessions, UNNUMBERED)
  assert.deepEqual(sessions.wantedLinks(), { bfd: [], unnumbered: ['eth1'], devices: [] })
  assert.equal(wishes(), 1)
  assert.equal(bgp.sessions.length, 0)
  sessions.onNeighbours([{ interface: 'eth1', ifindex: 7, address: 'fe80::1' }])
  await settled()
  assert.equal(bgp.sessions[0]?.options.target.ifindex, 7)
  assert.deepEqual(bgp.sessions[0]?.options.config.families, [4, 6])
  assert.equal(bgp.sessions[0]?.options.config.extendedNextHop, true)
  sessions.onNeighbours([])
  await settled()
  assert.equal(bgp.standing().length, 1, 'a router that falls silent is left to the session')
  sessions.onNeighbours([{ interface: 'eth1', ifindex: 7, address: 'fe80::2' }])
  await settled()
  assert.equal(bgp.sessions.length, 2)
})

it('logs a session that comes and goes, each once, with the reason', () => {
  const { bgp, sessions, lines } = sessionScene(['192.0.2.1'])
  set(sessions, PEER)
  bgp.sessions[0]?.see({ ...UP, ...AGREED })
  bgp.sessions[0]?.see({ announced: 5 })
  bgp.sessions[0]?.see({ state: 'connect', lastError: 'hold timer expired after 9 s of silence' })
  assert.deepEqual(
    lines.map(({ event, msg }) => [event, msg]),
    [
      ['sessionUp', 'session established'],
      ['sessionDown', 'session down: hold timer expired after 9 s of silence'],
    ],
  )
  const { localAddress, remoteAddress, remoteRouterId } = lines[0] ?? {}
  assert.deepEqual([localAddress, remoteAddress, remoteRouterId], ['192.0.2.1', '192.0.2.254', '192.0.2.254'])
})
