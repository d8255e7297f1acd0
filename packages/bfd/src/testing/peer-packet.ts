import { type BfdPacket, decodePacket } from '../packet.ts'
import { type BfdConfig, type BfdSession, bfdSession } from '../session.ts'
import { type BfdEffect, step } from '../step.ts'
import type { BfdState } from '../transition.ts'

/** For tests: a session of 50 ms × 3 with 192.0.2.1. */
export const CONFIG: BfdConfig = {
  peer: '192.0.2.1',
  transmitMs: 50,
  receiveMs: 50,
  multiplier: 3,
  echoMs: undefined,
  passive: false,
}

export const OUR_DISCRIMINATOR = 7
const PEER_DISCRIMINATOR = 9

/** What the peer says, by default the same as we do. */
export function peerPacket(change: Partial<BfdPacket> = {}): BfdPacket {
  return {
    diagnostic: 0,
    state: 'down',
    poll: false,
    final: false,
    controlPlaneIndependent: false,
    authenticated: false,
    demand: false,
    multiplier: 3,
    myDiscriminator: PEER_DISCRIMINATOR,
    yourDiscriminator: OUR_DISCRIMINATOR,
    desiredMinTxUs: 50_000,
    requiredMinRxUs: 50_000,
    requiredMinEchoRxUs: 0,
    ...change,
  }
}

/** Always the middle of what may be drawn. */
export const middle = (): number => 0.5

/** One session under test, with all that it sent. */
export type Bench = {
  readonly session: BfdSession
  readonly sent: BfdPacket[]
  readonly effects: BfdEffect[]
  now: number
}

export function bench(change: Partial<BfdConfig> = {}): Bench {
  const session = bfdSession(OUR_DISCRIMINATOR, { ...CONFIG, ...change }, 0, middle)
  return { session, sent: [], effects: [], now: 0 }
}

export function feed(on: Bench, event: Parameters<typeof step>[1]): readonly BfdEffect[] {
  const effects = step(on.session, event, on.now, middle)
  on.effects.push(...effects)
  for (const effect of effects) {
    const read = effect.kind === 'send' ? decodePacket(effect.bytes) : undefined
    if (read?.ok === true) on.sent.push(read.packet)
  }
  return effects
}

export function hear(on: Bench, change: Partial<BfdPacket> = {}): void {
  feed(on, { kind: 'packet', packet: peerPacket(change) })
}

/** Lets time pass, ticking at each millisecond; the peer is silent. */
export function pass(on: Bench, ms: number): void {
  for (const until = on.now + ms; on.now < until;) {
    on.now += 1
    feed(on, { kind: 'tick', readUntil: on.now })
  }
}

/** A session in a state, as its peer brings it there. */
export function benchIn(state: BfdState, change: Partial<BfdConfig> = {}): Bench {
  const on = bench(change)
  if (state === 'adminDown') feed(on, { kind: 'disable' })
  if (state === 'init' || state === 'up') hear(on, { state: 'down' })
  if (state === 'up') {
    hear(on, { state: 'init' })
    // The peer confirms the intervals that hold from now on.
    hear(on, { state: 'up', final: true })
  }
  return on
}
