import type { Route, RouteChanges, SessionView } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import { parsePrefix } from '@steelyard/net'
import { createLogger } from '@steelyard/program'
import { fakeClock } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { BfdFact } from '../link/messages.ts'
import { type MemoryBgp, memoryBgp } from '../testing/memory-bgp.ts'
import { type BgpSessions, bgpSessions } from './sessions.ts'

const PROFILE = {
  name: 'fast',
  receiveIntervalMs: 50,
  transmitIntervalMs: 50,
  echoIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  echoMode: false,
  passiveMode: false,
}
const PEER: BgpPeer = {
  name: 'rt',
  myAsn: 64512,
  peerAsn: { kind: 'number', asn: 64513 },
  neighbour: { kind: 'address', address: '192.0.2.1' },
  port: 179,
  holdMs: 90_000,
  keepaliveMs: 30_000,
  nodeSelectors: [],
  gracefulRestart: false,
  ebgpMultiHop: false,
  dualStack: false,
  policy: { passive: false, listenPort: 179, gracefulShutdownMs: 1000, restartSeconds: 120 },
}
const UNNUMBERED: BgpPeer = { ...PEER, neighbour: { kind: 'interface', interface: 'eth1' } }
const UP: Partial<SessionView> = { state: 'established' }

type Scene = {
  readonly bgp: MemoryBgp
  readonly sessions: BgpSessions
  readonly routes: Map<string, Route>
  readonly lines: Readonly<Record<string, unknown>>[]
  readonly wishes: () => number
}

function scene(connected: readonly string[] = []): Scene {
  const bgp = memoryBgp(connected)
  const routes = new Map<string, Route>()
  const lines: Readonly<Record<string, unknown>>[] = []
  const state = { wishes: 0 }
  const log = createLogger({
    level: 'debug',
    caller: 'test',
    to: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  })
  const sessions = bgpSessions({
    port: bgp,
    clock: fakeClock(),
    log,
    routesOf: () => new Map(routes),
    onView: () => {},
    onWantedLinks: () => void state.wishes++,
  })
  return { bgp, sessions, routes, lines, wishes: () => state.wishes }
}

function route(text: string): Route {
  const prefix = parsePrefix(text)
  assert.ok(prefix)
  return { prefix, localPref: 100, communities: [], largeCommunities: [] }
}

/** What was to be done with a session is done, one after the other. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

const set = (sessions: BgpSessions, ...peers: readonly BgpPeer[]): void => sessions.setPeers(peers, () => true)

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
    const { bgp, sessions } = scene()
    set(sessions, PEER)
    set(sessions, after)
    await settled()
    assert.equal(bgp.sessions.length, 1)
    assert.equal(bgp.standing().length, 1)
  })
}

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
    const { bgp, sessions } = scene()
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
  const { bgp, sessions } = scene()
  const passive = { ...PEER, policy: { ...PEER.policy, passive: true } }
  set(sessions, passive)
  set(sessions, { ...passive, password: 'secret' })
  await settled()
  assert.equal(bgp.sessions.length, 2)
  assert.equal(bgp.standing()[0]?.options.password, 'secret')
})

it('tells a new session all routes, and each session only its own changes', async () => {
  const { bgp, sessions, routes } = scene()
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
  const { bgp, sessions } = scene()
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
    const { bgp, sessions } = scene()
    set(sessions, PEER)
    sessions.setPeers([], () => isDeleted)
    const ended = bgp.sessions[0]?.ended
    assert.equal(ended?.kind === 'cease' ? ended.subcode : ended, subcode)
    assert.deepEqual(sessions.slots(), [])
  })
}

it('stops without a word towards peers that keep our routes, and with Cease/2 towards others', async () => {
  const { bgp, sessions } = scene()
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
  const { bgp, sessions, wishes } = scene()
  set(sessions, UNNUMBERED)
  assert.deepEqual(sessions.wantedLinks(), { bfd: [], unnumbered: ['eth1'] })
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

const FACT: BfdFact = {
  key: 'rt',
  state: 'up',
  since: 0,
  remoteState: 'up',
  transmitMs: 50,
  receiveMs: 50,
  detectMs: 150,
  ups: 1,
  downs: 0,
}
const BFD_STORIES: readonly {
  readonly name: string
  readonly facts: readonly BfdFact[]
  readonly lost: readonly string[]
}[] = [
  {
    name: 'a session that was up and goes down ends the BGP session at once',
    facts: [FACT, { ...FACT, state: 'down', downs: 1, lastDown: 'no packet for 150 ms' }],
    lost: ['BFD: no packet for 150 ms'],
  },
  {
    name: 'a down and up between two reports is not missed',
    facts: [FACT, { ...FACT, ups: 2, downs: 1, lastDown: 'no packet for 150 ms' }],
    lost: ['BFD: no packet for 150 ms'],
  },
  {
    name: "the peer's AdminDown ends nothing",
    facts: [FACT, { ...FACT, state: 'down', remoteState: 'adminDown', downs: 1 }],
    lost: [],
  },
  {
    name: 'one that never was up ends nothing',
    facts: [
      { ...FACT, state: 'down', ups: 0 },
      { ...FACT, state: 'init', ups: 0 },
      { ...FACT, state: 'down', ups: 0 },
    ],
    lost: [],
  },
]
for (const { name, facts, lost } of BFD_STORIES) {
  it(`BFD: ${name}`, () => {
    const { bgp, sessions } = scene()
    set(sessions, { ...PEER, bfdProfile: PROFILE })
    for (const fact of facts) sessions.onBfd([fact])
    assert.deepEqual(bgp.sessions[0]?.lost, lost)
  })
}

const PATHS: readonly { readonly name: string; readonly peer: Partial<BgpPeer>; readonly multihop: boolean }[] = [
  { name: 'an external peer', peer: {}, multihop: false },
  { name: 'an external peer that may be far', peer: { ebgpMultiHop: true }, multihop: true },
  { name: 'an internal peer on our subnet', peer: { peerAsn: { kind: 'internal' } }, multihop: false },
  {
    name: 'an internal peer elsewhere',
    peer: { peerAsn: { kind: 'internal' }, neighbour: { kind: 'address', address: '198.51.100.1' } },
    multihop: true,
  },
]
for (const { name, peer, multihop } of PATHS) {
  it(`BFD towards ${name} is ${multihop ? 'multihop' : 'single hop'}`, () => {
    const { sessions } = scene(['192.0.2.1'])
    set(sessions, { ...PEER, bfdProfile: PROFILE, ...peer })
    assert.equal(sessions.wantedLinks().bfd[0]?.multihop, multihop)
  })
}

it('logs a session that comes and goes, each once, with the reason', () => {
  const { bgp, sessions, lines } = scene(['192.0.2.1'])
  set(sessions, PEER)
  bgp.sessions[0]?.see(UP)
  bgp.sessions[0]?.see({ announced: 5 })
  bgp.sessions[0]?.see({ state: 'connect', lastError: 'hold timer expired after 9 s of silence' })
  assert.deepEqual(
    lines.map(({ event, msg }) => [event, msg]),
    [
      ['sessionUp', 'session established'],
      ['sessionDown', 'session down: hold timer expired after 9 s of silence'],
    ],
  )
})
