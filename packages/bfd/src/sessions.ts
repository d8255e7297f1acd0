import { type Address, formatAddress, sameAddress } from '@steelyard/net'
import { type DeadlineHeap, deadlineHeap, earliest, insert, type Random, remove, type Timed } from '@steelyard/runtime'
import { TTL } from './constants.ts'
import { decodeEcho } from './echo.ts'
import { detectMs } from './intervals.ts'
import { type BfdPacket, decodePacket, type PacketRefusal } from './packet.ts'
import { type BfdConfig, type BfdSession, bfdSession, randomWord } from './session.ts'
import { type BfdEffect, type BfdEvent, nextDeadline, step } from './step.ts'

/** What tells one session's first packets from another's: RFC 5881 section 3, RFC 5883 section 4. */
export type BfdPlace = {
  readonly peer: Address
  readonly multihop: boolean
  /** The device that sessions are bound to (a VRF); undefined: none. */
  readonly device: string | undefined
  /** The interface of a link-local peer; undefined: any. */
  readonly ifindex: number | undefined
  /** Our address; undefined: any. */
  readonly local: Address | undefined
}

export type SessionSpec = {
  readonly key: string
  readonly place: BfdPlace
  readonly config: BfdConfig
  /** With several hops, what arrives with less is dropped. */
  readonly minimumTtl: number
}

/** A session among others. `due` and its heap's own `place` say when it wants a tick; it may want it later. */
export type SessionEntry = Timed & {
  readonly key: string
  readonly at: BfdPlace
  readonly session: BfdSession
  minimumTtl: number
  /** When it is forgotten: until then the peer is told that it is administratively down. */
  endsAt: number | undefined
}

/** Why a packet was dropped: RFC 5880 section 6.8.6, RFC 5881 section 5, RFC 5883 section 5. */
export type BfdRefusal =
  | PacketRefusal
  | 'UnknownDiscriminator'
  | 'StateWithoutDiscriminator'
  | 'UnknownPeer'
  | 'WrongPort'
  | 'WrongDevice'
  | 'TtlTooLow'
  | 'AuthenticationInUse'

/** All sessions of one system. */
export type BfdSessions = {
  readonly byDiscriminator: Map<number, SessionEntry>
  /** Those that are wanted. */
  readonly byKey: Map<string, SessionEntry>
  readonly byPlace: Map<string, SessionEntry[]>
  readonly heap: DeadlineHeap<SessionEntry>
  readonly dropped: Partial<Record<BfdRefusal, number>>
}

export type Outcome = { readonly entry: SessionEntry; readonly effects: readonly BfdEffect[] }
export type Received =
  | ({ readonly ok: true } & Outcome)
  /** @property entry the session it was meant for, where that is known */
  | { readonly ok: false; readonly reason: BfdRefusal; readonly entry: SessionEntry | undefined }

/** A datagram of a control port, with what the kernel told of it. */
export type ControlArrival = {
  readonly bytes: Uint8Array
  readonly source: Address
  readonly destination: Address | undefined
  readonly ifindex: number | undefined
  /** undefined: not known, which is refused. */
  readonly ttl: number | undefined
  readonly multihop: boolean
  /** The device of the socket it came by. */
  readonly device: string | undefined
}

export function bfdSessions(): BfdSessions {
  return { byDiscriminator: new Map(), byKey: new Map(), byPlace: new Map(), heap: deadlineHeap(), dropped: {} }
}

type Where = Pick<BfdPlace, 'multihop' | 'device'> & { readonly peer: Address }

function placeOf({ peer, multihop, device }: Where): string {
  return `${multihop ? 'multihop' : 'hop'} ${device ?? ''} ${formatAddress(peer)}`
}

/** Begins a session; its first packet is sent by the next tick. One that is ending at the same place gives way. */
export function addSession(sessions: BfdSessions, spec: SessionSpec, now: number, random: Random): SessionEntry {
  const { key, place: at, config, minimumTtl } = spec
  const where = placeOf(at)
  for (const other of sessions.byPlace.get(where) ?? []) {
    if (other.endsAt !== undefined) forgetSession(sessions, other)
  }
  const session = bfdSession(freeDiscriminator(sessions, random), config, now, random)
  const entry: SessionEntry = { key, at, session, minimumTtl, endsAt: undefined, due: now, place: 0 }
  sessions.byDiscriminator.set(session.discriminator, entry)
  sessions.byKey.set(key, entry)
  sessions.byPlace.set(where, [...(sessions.byPlace.get(where) ?? []), entry])
  insert(sessions.heap, entry)
  return entry
}

function freeDiscriminator({ byDiscriminator }: BfdSessions, random: Random): number {
  for (;;) {
    const discriminator = randomWord(random)
    if (!byDiscriminator.has(discriminator)) return discriminator
  }
}

/** RFC 5880 section 6.8.16: the peer is told for a detection time, so that it does not take this for an outage. */
export function retireSession(sessions: BfdSessions, entry: SessionEntry, now: number, random: Random): Outcome {
  const { session } = entry
  const lingerMs = session.config.multiplier * Math.max(session.remote.receiveMs, session.inUse.transmitMs)
  entry.endsAt = session.heardAt === undefined ? now : now + Math.max(lingerMs, detectMs(session))
  if (sessions.byKey.get(entry.key) === entry) sessions.byKey.delete(entry.key)
  return feedSession(sessions, entry, { kind: 'disable' }, { now, random })
}

export function forgetSession(sessions: BfdSessions, entry: SessionEntry): void {
  sessions.byDiscriminator.delete(entry.session.discriminator)
  if (sessions.byKey.get(entry.key) === entry) sessions.byKey.delete(entry.key)
  const where = placeOf(entry.at)
  const others = (sessions.byPlace.get(where) ?? []).filter((other) => other !== entry)
  if (others.length === 0) sessions.byPlace.delete(where)
  else sessions.byPlace.set(where, others)
  remove(sessions.heap, entry)
}

export type Moment = { readonly now: number; readonly random: Random }

/** Steps one session and keeps its place in the heap. */
export function feedSession(sessions: BfdSessions, entry: SessionEntry, event: BfdEvent, moment: Moment): Outcome {
  const effects = step(entry.session, event, moment.now, moment.random)
  const due = deadlineOf(entry)
  // One that is due later than the heap says is put right when its turn comes, which is cheaper than at each packet.
  if (due < entry.due) reschedule(sessions, entry, due)
  return { entry, effects }
}

function deadlineOf({ session, endsAt }: SessionEntry): number {
  return Math.min(nextDeadline(session), endsAt ?? Number.POSITIVE_INFINITY)
}

function reschedule({ heap }: BfdSessions, entry: SessionEntry, due: number): void {
  remove(heap, entry)
  entry.due = due
  insert(heap, entry)
}

/** When a session has something to do. */
export function nextSessionAt({ heap }: BfdSessions): number {
  return earliest(heap)?.due ?? Number.POSITIVE_INFINITY
}

/**
 * Ticks all that are due, once.
 * @param readUntil all packets that came before this moment were received: see `BfdEvent`.
 */
export function tickSessions(sessions: BfdSessions, readUntil: number, moment: Moment): Outcome[] {
  const outcomes: Outcome[] = []
  const due: SessionEntry[] = []
  for (
    let next = earliest(sessions.heap);
    next !== undefined && next.due <= moment.now;
    next = earliest(sessions.heap)
  ) {
    remove(sessions.heap, next)
    due.push(next)
  }
  for (const entry of due) {
    const effects = step(entry.session, { kind: 'tick', readUntil }, moment.now, moment.random)
    entry.due = deadlineOf(entry)
    insert(sessions.heap, entry)
    if (effects.length > 0 || isOver(entry, moment.now)) outcomes.push({ entry, effects })
  }
  return outcomes
}

/** Whether a session that was retired has told its peer for long enough. */
export function isOver({ endsAt }: SessionEntry, now: number): boolean {
  return endsAt !== undefined && endsAt <= now
}

/** Finds whose packet it is and lets that session have it, or says why nobody does. */
export function receiveControl(sessions: BfdSessions, arrival: ControlArrival, moment: Moment): Received {
  const read = decodePacket(arrival.bytes)
  if (!read.ok) return refuse(sessions, read.reason)
  const found = find(sessions, read.packet, arrival)
  if (typeof found === 'string') return refuse(sessions, found)
  const reason = objection(found, read.packet, arrival)
  if (reason !== undefined) return refuse(sessions, reason, found)
  return { ok: true, ...feedSession(sessions, found, { kind: 'packet', packet: read.packet }, moment) }
}

function refuse(sessions: BfdSessions, reason: BfdRefusal, entry?: SessionEntry): Received {
  sessions.dropped[reason] = (sessions.dropped[reason] ?? 0) + 1
  return { ok: false, reason, entry }
}

/** RFC 5880 section 6.8.6: by Your Discriminator, and only without one by what else is known. */
function find(sessions: BfdSessions, packet: BfdPacket, arrival: ControlArrival): SessionEntry | BfdRefusal {
  const { yourDiscriminator, state } = packet
  if (yourDiscriminator !== 0) return sessions.byDiscriminator.get(yourDiscriminator) ?? 'UnknownDiscriminator'
  if (state !== 'down' && state !== 'adminDown') return 'StateWithoutDiscriminator'
  const { source: peer, multihop, device } = arrival
  const there = sessions.byPlace.get(placeOf({ peer, multihop, device })) ?? []
  return there.find((entry) => fits(entry.at, arrival)) ?? 'UnknownPeer'
}

function fits({ ifindex, local }: BfdPlace, arrival: ControlArrival): boolean {
  if (ifindex !== undefined && ifindex !== arrival.ifindex) return false
  return local === undefined || arrival.destination === undefined || sameAddress(local, arrival.destination)
}

function objection(entry: SessionEntry, packet: BfdPacket, arrival: ControlArrival): BfdRefusal | undefined {
  if (entry.at.multihop !== arrival.multihop) return 'WrongPort'
  // A VRF is a network of its own, in which another may have the peer's address.
  if (entry.at.device !== arrival.device) return 'WrongDevice'
  const least = arrival.multihop ? entry.minimumTtl : TTL
  if (arrival.ttl === undefined || arrival.ttl < least) return 'TtlTooLow'
  return packet.authenticated ? 'AuthenticationInUse' : undefined
}

/** @returns undefined for an echo that is not of a session here. */
export function receiveEcho(sessions: BfdSessions, payload: Uint8Array, moment: Moment): Outcome | undefined {
  const mark = decodeEcho(payload)
  const entry = mark && sessions.byDiscriminator.get(mark.discriminator)
  return entry && feedSession(sessions, entry, { kind: 'echo', mark }, moment)
}
