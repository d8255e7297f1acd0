import { readUdpFrame } from '@steelyard/arp-lib'
import {
  ECHO_PORT,
  isOver,
  MULTIHOP_PORT,
  nextSessionAt,
  receiveControl,
  receiveEcho,
  tickSessions,
} from '@steelyard/bfd'
import { sameAddress } from '@steelyard/net'
import type { DesiredBfd } from '../messages.ts'
import { applyDesires, followInterfaces, forget, retire } from './bfd-desired.ts'
import { loopBack, noteNeighbours } from './bfd-echo.ts'
import { bfdCountersFact, bfdFact } from './bfd-facts.ts'
import { noteBfdFailure, noteOpened } from './bfd-failures.ts'
import { carry } from './bfd-outcome.ts'
import { retryPorts } from './bfd-ports.ts'
import type { BfdDatagram, BfdEvent, BfdWatch } from './bfd-state.ts'
import { type BfdTurn, bfdTurn, tellFault } from './bfd-turn.ts'
import type { LinkConfig, LinkEffect, LinkState } from './state.ts'

type At = { readonly now: number; readonly config: LinkConfig }

/** @param desired the neighbours to watch over, always all of them. */
export function applyBfd(
  state: LinkState,
  desired: readonly DesiredBfd[] | undefined,
  at: At,
  effects: LinkEffect[],
): void {
  applyDesires(bfdTurn(state, at, effects), desired ?? [])
}

type Hearers = {
  readonly [kind in BfdEvent['kind']]: (turn: BfdTurn, event: Extract<BfdEvent, { kind: kind }>) => void
}

const HEARERS: Hearers = {
  datagram: (turn, { key, datagram }) => hearDatagram(turn, key, datagram),
  echo: (turn, { frame }) => hearEcho(turn, frame),
  neighbours: (turn, { found }) => noteNeighbours(turn, found),
  read: ({ part }, { until }) => {
    part.readUntil = until
  },
  opened: (turn, { tried }) => noteOpened(turn, tried),
  failed: noteBfdFailure,
  leave: (turn) => {
    for (const watch of turn.part.watches.values()) retire(turn, watch)
  },
}

/** What came from neighbours, or happened to the sockets towards them. */
export function hearBfd(state: LinkState, event: BfdEvent, at: At, effects: LinkEffect[]): void {
  const hear = HEARERS[event.kind] as (turn: BfdTurn, event: BfdEvent) => void
  hear(bfdTurn(state, at, effects), event)
}

function hearDatagram(turn: BfdTurn, key: string, datagram: BfdDatagram): void {
  const { part, now, config } = turn
  const receiver = part.receivers.get(key)
  if (receiver === undefined) return
  const { port, device } = receiver
  if (port === ECHO_PORT) return loopBack(turn, key, datagram)
  const arrival = { ...datagram, multihop: port === MULTIHOP_PORT, device }
  const received = receiveControl(part.sessions, arrival, { now, random: config.random })
  const watch = received.entry && part.byDiscriminator.get(received.entry.session.discriminator)
  if (!received.ok) {
    const isTelling = received.reason === 'TtlTooLow' || received.reason === 'AuthenticationInUse'
    if (watch === undefined || !isTelling) return
    return tellFault(turn, watch, {
      call: 'receive',
      errno: received.reason,
      message: refusal(received.reason, datagram),
    })
  }
  if (watch !== undefined) {
    watch.packets.controlReceived++
    noteMeeting(watch, datagram)
  }
  carry(turn, received)
}

/** A frame from an echo port: mostly an echo of ours, on its way back. */
function hearEcho(turn: BfdTurn, frame: Uint8Array): void {
  const datagram = readUdpFrame(frame)
  if (datagram === undefined || datagram.port !== ECHO_PORT) return
  const outcome = receiveEcho(turn.part.sessions, datagram.bytes, { now: turn.now, random: turn.config.random })
  if (outcome === undefined) return
  const watch = turn.part.byDiscriminator.get(outcome.entry.session.discriminator)
  if (watch !== undefined) watch.packets.echoReceived++
  carry(turn, outcome)
}

function refusal(reason: 'TtlTooLow' | 'AuthenticationInUse', { ttl }: BfdDatagram): string {
  if (reason === 'AuthenticationInUse') return 'its packets are authenticated, which is not supported: they are dropped'
  return `its packets arrive with TTL ${ttl ?? '(not known)'}, which is too low: they are dropped`
}

function noteMeeting(watch: BfdWatch, { ifindex, destination }: BfdDatagram): void {
  if (ifindex === undefined || destination === undefined) return
  if (watch.met?.ifindex === ifindex && sameAddress(watch.met.local, destination)) return
  watch.met = { ifindex, local: destination }
}

/** To be called whenever interfaces are seen anew. */
export function noteBfdLinks(state: LinkState, at: At, effects: LinkEffect[]): void {
  if (state.bfd.watches.size > 0) followInterfaces(bfdTurn(state, at, effects))
}

/** The end of a turn: sessions do what is due, and what has changed is told. */
export function tickBfd(state: LinkState, at: At, effects: LinkEffect[]): void {
  const { bfd: part } = state
  const turn = bfdTurn(state, at, effects)
  retryPorts(turn)
  for (const outcome of tickSessions(part.sessions, part.readUntil, { now: at.now, random: at.config.random })) {
    carry(turn, outcome)
    const watch = part.byDiscriminator.get(outcome.entry.session.discriminator)
    if (watch !== undefined && isOver(outcome.entry, at.now)) forget(turn, watch)
  }
  tellCounters(turn)
  if (!part.isStale) return
  part.isStale = false
  effects.push({ kind: 'tell', fact: bfdFact(part) })
}

/** Sessions turn many times a second, so that no deadline is needed for it. */
function tellCounters({ part, now, config, effects }: BfdTurn): void {
  if (part.watches.size === 0 || now < part.countersToldAt + config.beatsReportMs) return
  part.countersToldAt = now
  effects.push({ kind: 'tell', fact: bfdCountersFact(part) })
}

/** When there is something to do about BFD, if nothing happens before. */
export function bfdDeadline({ bfd }: LinkState): number {
  return Math.min(nextSessionAt(bfd.sessions), bfd.retryAt)
}
