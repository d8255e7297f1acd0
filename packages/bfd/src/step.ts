import type { Random } from '@steelyard/runtime'
import { type EchoMark, nextEcho, noteMissing, settleEcho, takeEcho } from './echo.ts'
import {
  detectAt,
  drawJitter,
  echoDetectAt,
  echoMs,
  echoSendAt,
  endPoll,
  maySend,
  receiveMs,
  settleIntervals,
  transmitAt,
  transmitMs,
} from './intervals.ts'
import { echoOutage, enterState, OWN_WILL, peerOutage, silenceOutage } from './outage.ts'
import { type BfdPacket, encodePacket } from './packet.ts'
import { type BfdConfig, type BfdSession, type Shown, UNHEARD } from './session.ts'
import { NEXT } from './transition.ts'

export type BfdEvent =
  /** A packet that is for this session and may be believed. */
  | { readonly kind: 'packet'; readonly packet: BfdPacket }
  /** An echo of this session has come back. */
  | { readonly kind: 'echo'; readonly mark: EchoMark }
  /** @property readUntil all that came before this moment has been handed over: silence is judged as of then. */
  | { readonly kind: 'tick'; readonly readUntil: number }
  /** RFC 5880 section 6.8.3: the session goes on. */
  | { readonly kind: 'configure'; readonly config: BfdConfig }
  /** RFC 5880 section 6.8.16. */
  | { readonly kind: 'disable' | 'enable' }

export type BfdEffect =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  /** The payload of an echo. */
  | { readonly kind: 'echo'; readonly bytes: Uint8Array }
  /** The state, the peer's state or the intervals are others. */
  | { readonly kind: 'changed' }
  /** The peer offers to loop echoes back, and for a while none came. */
  | { readonly kind: 'echoesMissing' }

type Turn = {
  readonly session: BfdSession
  readonly now: number
  readonly random: Random
  readonly effects: BfdEffect[]
}

type Appliers = {
  readonly [kind in BfdEvent['kind']]: (turn: Turn, event: Extract<BfdEvent, { kind: kind }>) => void
}

const APPLIERS: Appliers = {
  packet: (turn, { packet }) => takePacket(turn, packet),
  echo: ({ session, now }, { mark }) => takeEcho(session, mark, now),
  tick: (turn, { readUntil }) => tick(turn, readUntil),
  configure: ({ session }, { config }) => configure(session, config),
  disable: ({ session, now }) => {
    if (session.state !== 'adminDown') enterState(session, 'adminDown', now, OWN_WILL)
  },
  enable: ({ session, now }) => {
    if (session.state === 'adminDown') enterState(session, 'down', now)
  },
}

/**
 * Everything that one session decides. Changes `session` in place and returns what to do, in order.
 * Until `nextDeadline` nothing is due after a `tick`.
 * @param now milliseconds of a monotonic clock.
 */
export function step(session: BfdSession, event: BfdEvent, now: number, random: Random): BfdEffect[] {
  const turn: Turn = { session, now, random, effects: [] }
  const apply = APPLIERS[event.kind] as (turn: Turn, event: BfdEvent) => void
  apply(turn, event)
  settleEcho(session, now)
  sendDue(turn)
  if (isNews(session)) turn.effects.push({ kind: 'changed' })
  return turn.effects
}

/** When `tick` has something to do. */
export function nextDeadline(session: BfdSession): number {
  return Math.min(detectAt(session), transmitAt(session), echoSendAt(session), echoDetectAt(session))
}

/** Whether what is told of a session is something else since this was asked last; the counts change with the state. */
function isNews(session: BfdSession): boolean {
  const { state, remote, wasHeard, echo, shown } = session
  const now: Shown = {
    state,
    remoteState: wasHeard ? remote.state : undefined,
    transmitMs: transmitMs(session),
    receiveMs: receiveMs(session),
    multiplier: remote.multiplier,
    echoMs: echo.begunAt === undefined ? undefined : echoMs(session),
  }
  session.shown = now
  return (
    now.state !== shown.state ||
    now.remoteState !== shown.remoteState ||
    now.transmitMs !== shown.transmitMs ||
    now.receiveMs !== shown.receiveMs ||
    now.multiplier !== shown.multiplier ||
    now.echoMs !== shown.echoMs
  )
}

/** RFC 5880 section 6.8.6, from where the session is known. */
function takePacket(turn: Turn, packet: BfdPacket): void {
  const { session, now } = turn
  noteRemote(session, packet)
  if (packet.final) endPoll(session)
  if (session.state === 'adminDown') return
  session.heardAt = now
  const next = NEXT[session.state][packet.state]
  if (next !== session.state) {
    enterState(session, next, now, next === 'down' ? peerOutage(packet.state, packet.diagnostic) : undefined)
  }
  if (packet.poll) turn.effects.push({ kind: 'send', bytes: bytesOf(session, true) })
}

const US_PER_MS = 1000

function noteRemote(session: BfdSession, packet: BfdPacket): void {
  session.wasHeard = true
  session.remote = {
    discriminator: packet.myDiscriminator,
    state: packet.state,
    demand: packet.demand,
    multiplier: packet.multiplier,
    transmitMs: packet.desiredMinTxUs / US_PER_MS,
    receiveMs: packet.requiredMinRxUs / US_PER_MS,
    echoMs: packet.requiredMinEchoRxUs / US_PER_MS,
  }
}

function configure(session: BfdSession, config: BfdConfig): void {
  const isTold = config.multiplier !== session.config.multiplier || config.echoMs !== session.config.echoMs
  session.config = config
  if (isTold) session.isUrgent = true
  settleIntervals(session)
}

function tick({ session, now, effects }: Turn, readUntil: number): void {
  if (detectAt(session) <= readUntil) fallSilent(session, now)
  if (echoDetectAt(session) <= readUntil) enterState(session, 'down', now, echoOutage(session))
  settleEcho(session, now)
  if (echoSendAt(session) > now) return
  effects.push({ kind: 'echo', bytes: nextEcho(session, now) })
  if (noteMissing(session, now)) effects.push({ kind: 'echoesMissing' })
}

/** RFC 5880 sections 6.8.1 and 6.8.4: what the peer said counts no more. */
function fallSilent(session: BfdSession, now: number): void {
  const outage = silenceOutage(session)
  session.heardAt = undefined
  session.remote = UNHEARD
  if (session.state === 'init' || session.state === 'up') enterState(session, 'down', now, outage)
  else settleIntervals(session)
}

function sendDue({ session, now, random, effects }: Turn): void {
  if (transmitAt(session) > now || !maySend(session)) return
  session.isUrgent = false
  session.sentAt = now
  session.jitter = drawJitter(session, random)
  effects.push({ kind: 'send', bytes: bytesOf(session, false) })
}

/** RFC 5880 section 6.8.7. */
function bytesOf(session: BfdSession, final: boolean): Uint8Array {
  const { advertised, config } = session
  return encodePacket({
    diagnostic: session.diagnostic,
    state: session.state,
    poll: !final && session.poll !== undefined,
    final,
    controlPlaneIndependent: false,
    authenticated: false,
    demand: false,
    multiplier: config.multiplier,
    myDiscriminator: session.discriminator,
    yourDiscriminator: session.remote.discriminator,
    desiredMinTxUs: inUs(advertised.transmitMs),
    requiredMinRxUs: inUs(advertised.receiveMs),
    requiredMinEchoRxUs: inUs(config.echoMs ?? 0),
  })
}

function inUs(ms: number): number {
  return Math.round(ms * US_PER_MS)
}
