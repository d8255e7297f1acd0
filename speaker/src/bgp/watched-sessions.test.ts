import type { BgpPeer } from '@steelyard/model'
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { BfdFact } from '../link/messages.ts'
import { PEER, PROFILE, sessionScene, set } from '../testing/session-scene.ts'

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
    const { bgp, sessions } = sessionScene()
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
    const { sessions } = sessionScene(['192.0.2.1'])
    set(sessions, { ...PEER, bfdProfile: PROFILE, ...peer })
    assert.equal(sessions.wantedLinks().bfd[0]?.multihop, multihop)
  })
}
