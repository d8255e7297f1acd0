import { type Address, parseAddress } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeEcho } from './echo.ts'
import { type BfdPacket, decodePacket, encodePacket } from './packet.ts'
import {
  addSession,
  type BfdPlace,
  type BfdRefusal,
  type BfdSessions,
  bfdSessions,
  type ControlArrival,
  feedSession,
  forgetSession,
  isOver,
  nextSessionAt,
  receiveControl,
  receiveEcho,
  retireSession,
  type SessionEntry,
  tickSessions,
} from './sessions.ts'
import { seededRandom } from '@steelyard/runtime'
import { CONFIG, middle, peerPacket } from './testing/peer-packet.ts'

const address = (text: string): Address => {
  const parsed = parseAddress(text)
  assert.ok(parsed !== undefined, text)
  return parsed
}
const PEER = address('192.0.2.1')
const HOP: BfdPlace = { peer: PEER, multihop: false, device: undefined, ifindex: undefined, local: undefined }
const ARRIVAL: Omit<ControlArrival, 'bytes'> = {
  source: PEER,
  destination: address('192.0.2.2'),
  ifindex: 2,
  ttl: 255,
  multihop: false,
  device: undefined,
}
const random = seededRandom(1)
const moment = { now: 0, random }
const add = (sessions: BfdSessions, key: string, place: Partial<BfdPlace> = {}, minimumTtl = 254): SessionEntry =>
  addSession(sessions, { key, place: { ...HOP, ...place }, config: CONFIG, minimumTtl }, 0, random)
const hello = (change: Partial<BfdPacket> = {}): Uint8Array =>
  encodePacket(peerPacket({ yourDiscriminator: 0, ...change }))
/** Who gets a packet, or why nobody does. */
const taker = (sessions: BfdSessions, arrival: Partial<ControlArrival> = {}): string => {
  const received = receiveControl(sessions, { ...ARRIVAL, bytes: hello(), ...arrival }, moment)
  return received.ok ? received.entry.key : received.reason
}

describe('sessions', () => {
  it('have discriminators of their own, random and never 0', () => {
    const sessions = bfdSessions()
    // A random that repeats itself: the second session must look on.
    const numbers = [0.5, 0.1, 0.5, 0.25, 0.1]
    const repeating = (): number => numbers.shift() ?? 0
    const spec = { place: HOP, config: CONFIG, minimumTtl: 254 }
    const [one, two] = ['a', 'b'].map((key) => addSession(sessions, { key, ...spec }, 0, repeating))
    assert.deepEqual([one?.session.discriminator, two?.session.discriminator], [2 ** 31, 2 ** 30])
  })

  it('get first packets by peer, kind, device, interface and own address', () => {
    const sessions = bfdSessions()
    add(sessions, 'hop')
    add(sessions, 'multihop', { multihop: true })
    add(sessions, 'vrf', { device: 'red' })
    add(sessions, 'other', { peer: address('192.0.2.9') })
    const ll = address('fe80::1')
    add(sessions, 'll2', { peer: ll, ifindex: 2 })
    add(sessions, 'll3', { peer: ll, ifindex: 3 })
    const far = address('198.51.100.1')
    add(sessions, 'far1', { peer: far, multihop: true, local: address('192.0.2.2') })
    add(sessions, 'far2', { peer: far, multihop: true, local: address('192.0.2.3') })
    assert.deepEqual(
      [
        taker(sessions),
        taker(sessions, { multihop: true, ttl: 254 }),
        taker(sessions, { device: 'red' }),
        taker(sessions, { source: address('192.0.2.9') }),
        taker(sessions, { source: ll, ifindex: 2 }),
        taker(sessions, { source: ll, ifindex: 3 }),
        taker(sessions, { source: ll, ifindex: 4 }),
        taker(sessions, { source: far, multihop: true }),
        taker(sessions, { source: far, multihop: true, destination: address('192.0.2.3') }),
        taker(sessions, { source: far }),
      ],
      ['hop', 'multihop', 'vrf', 'other', 'll2', 'll3', 'UnknownPeer', 'far1', 'far2', 'UnknownPeer'],
    )
  })

  it('get later packets by Your Discriminator alone', () => {
    const sessions = bfdSessions()
    add(sessions, 'one')
    const two = add(sessions, 'two', { peer: address('192.0.2.9') })
    const bytes = hello({ yourDiscriminator: two.session.discriminator, state: 'init' })
    assert.equal(taker(sessions, { bytes }), 'two')
    assert.equal(two.session.state, 'up')
  })

  const REFUSED: readonly (readonly [BfdRefusal, string, (own: number) => Partial<ControlArrival>])[] = [
    ['PacketTooShort', 'no packet', () => ({ bytes: new Uint8Array(3) })],
    ['UnknownDiscriminator', 'a discriminator of nobody', (own) => ({ bytes: hello({ yourDiscriminator: own ^ 1 }) })],
    ['StateWithoutDiscriminator', 'init without a discriminator', () => ({ bytes: hello({ state: 'init' }) })],
    ['StateWithoutDiscriminator', 'up without a discriminator', () => ({ bytes: hello({ state: 'up' }) })],
    ['UnknownPeer', 'a stranger', () => ({ source: address('203.0.113.1') })],
    ['WrongPort', 'the port of several hops', (own) => ({ multihop: true, bytes: hello({ yourDiscriminator: own }) })],
    ['WrongDevice', 'another VRF', (own) => ({ device: 'red', bytes: hello({ yourDiscriminator: own }) })],
    ['TtlTooLow', 'a TTL of 254 over one hop', () => ({ ttl: 254 })],
    ['TtlTooLow', 'no TTL', () => ({ ttl: undefined })],
  ]
  for (const [reason, what, change] of REFUSED) {
    it(`refuse a packet with ${what}: ${reason}`, () => {
      const sessions = bfdSessions()
      const { session } = add(sessions, 'one')
      assert.equal(taker(sessions, change(session.discriminator)), reason)
      assert.deepEqual(sessions.dropped, { [reason]: 1 })
      assert.equal(session.wasHeard, false)
    })
  }

  it('refuse authentication, which none of them uses', () => {
    const sessions = bfdSessions()
    add(sessions, 'one')
    const bytes = Uint8Array.from([...hello(), 0, 2])
    bytes[1] = (bytes[1] ?? 0) | 4
    bytes[3] = 26
    assert.equal(taker(sessions, { bytes }), 'AuthenticationInUse')
  })

  for (const [ttl, outcome] of [
    [250, 'far'],
    [249, 'TtlTooLow'],
  ] as const) {
    it(`with a minimum TTL of 250 make of ${ttl}: ${outcome}`, () => {
      const sessions = bfdSessions()
      add(sessions, 'far', { multihop: true }, 250)
      assert.equal(taker(sessions, { multihop: true, ttl }), outcome)
    })
  }

  it('tick when they are due and not before, however many there are', () => {
    const sessions = bfdSessions()
    for (let at = 0; at < 50; at++) add(sessions, `s${at}`, { peer: address(`198.51.100.${at}`) })
    const sent = new Map<string, number>()
    for (let now = nextSessionAt(sessions); now < 10_000; now = nextSessionAt(sessions)) {
      for (const { entry, effects } of tickSessions(sessions, now, { now, random })) {
        const packets = effects.filter(({ kind }) => kind === 'send').length
        sent.set(entry.key, (sent.get(entry.key) ?? 0) + packets)
      }
    }
    assert.equal(sent.size, 50)
    for (const [key, packets] of sent) assert.ok(packets >= 10 && packets <= 14, `${key}: ${packets} in 10 s`)
  })

  it('that are retired tell the peer for its detection time, and are then over', () => {
    const sessions = bfdSessions()
    const entry = add(sessions, 'one')
    for (const state of ['down', 'init'] as const) {
      taker(sessions, { bytes: hello({ state, yourDiscriminator: entry.session.discriminator }) })
    }
    assert.equal(entry.session.state, 'up')
    const { effects } = retireSession(sessions, entry, 0, random)
    const states = effects.flatMap((effect) => (effect.kind === 'send' ? [decodePacket(effect.bytes)] : []))
    assert.deepEqual(
      states.map((read) => read.ok && read.packet.state),
      ['adminDown'],
    )
    assert.equal(sessions.byKey.size, 0)
    assert.ok((entry.endsAt ?? 0) >= 150 && !isOver(entry, 100))
    const over: SessionEntry[] = []
    for (let now = nextSessionAt(sessions); over.length === 0; now = nextSessionAt(sessions)) {
      for (const outcome of tickSessions(sessions, now, { now, random }))
        if (isOver(outcome.entry, now)) over.push(entry)
    }
    forgetSession(sessions, entry)
    assert.deepEqual([sessions.byDiscriminator.size, sessions.byPlace.size, nextSessionAt(sessions)], [0, 0, Infinity])
  })

  it('that were never heard are over at once when they are retired', () => {
    const sessions = bfdSessions()
    const entry = add(sessions, 'one')
    retireSession(sessions, entry, 0, middle)
    assert.ok(isOver(entry, 0))
  })

  it('give way when they are ending and another begins at their place', () => {
    const sessions = bfdSessions()
    retireSession(sessions, add(sessions, 'old'), 0, random)
    add(sessions, 'new')
    assert.deepEqual(
      [...sessions.byDiscriminator.values()].map(({ key }) => key),
      ['new'],
    )
  })

  it('get their own echoes', () => {
    const sessions = bfdSessions()
    const one = add(sessions, 'one')
    feedSession(sessions, one, { kind: 'configure', config: { ...CONFIG, echoMs: 50 } }, moment)
    for (const state of ['down', 'init'] as const) {
      const bytes = hello({ state, yourDiscriminator: one.session.discriminator, requiredMinEchoRxUs: 1000 })
      taker(sessions, { bytes })
    }
    const [outcome] = tickSessions(sessions, 0, moment)
    const echo = outcome?.effects.find(({ kind }) => kind === 'echo')
    assert.ok(echo?.kind === 'echo' && decodeEcho(echo.bytes)?.discriminator === one.session.discriminator)
    assert.equal(receiveEcho(sessions, echo.bytes, moment)?.entry.key, 'one')
    assert.equal(one.session.echo.returnedAt, 0)
    assert.equal(receiveEcho(sessions, new Uint8Array(44), moment), undefined)
  })
})
