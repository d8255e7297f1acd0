import { seededRandom } from '@steelyard/runtime'
import { MEMBERSHIP_DEFAULTS, type MembershipConfig } from '../config.ts'
import type { Keyring } from '../seal.ts'
import { keyring } from '../seal.ts'
import {
  membership,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  type Standing,
} from '../state.ts'
import { nextDeadline, step } from '../step.ts'
import { sealedWire } from '../wire.ts'

/** One member, and all that it has told, oldest first. */
export type Seat = {
  readonly node: string
  readonly state: MembershipState
  readonly told: MembershipEffect[]
  isAsleep: boolean
}

type Flight = {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
  readonly link: string | undefined
}

/** Members that hear each other after one millisecond, unless `cuts` says no. Time passes by whole milliseconds. */
export type Room = {
  now: number
  readonly config: MembershipConfig
  readonly seats: Map<string, Seat>
  flights: Flight[]
  /** All that was ever sent, for those who replay it. */
  readonly overheard: Flight[]
  cuts: (from: string, to: string, link: string | undefined) => boolean
  boots: number
}

export const SECRET = keyring([new Uint8Array(32).fill(7)])

export function room(config: Partial<MembershipConfig> = {}): Room {
  return {
    now: 1000,
    config: { ...MEMBERSHIP_DEFAULTS, ...config },
    seats: new Map(),
    flights: [],
    overheard: [],
    cuts: () => false,
    boots: 0,
  }
}

/** A room in which all of `names` have sat down and settled. */
export function settledRoom(names: readonly string[], config: Partial<MembershipConfig> = {}): Room {
  const made = room(config)
  for (const name of names) sit(made, name, names)
  advance(made, 300)
  return made
}

export const seatOf = ({ seats }: Room, name: string): Seat => {
  const seat = seats.get(name)
  if (seat === undefined) throw new Error(`nobody sits on ${name}`)
  return seat
}

/** A process starts: on an empty seat, or in the place of the one that sat there. */
export function sit(room: Room, node: string, roster: readonly string[], keys: Keyring = SECRET): Seat {
  room.boots += 1
  const boot = new Uint8Array(16).fill(room.boots)
  const state = membership({ node, boot }, sealedWire(boot, keys), seededRandom(room.boots))
  const seat = { node, state, told: [], isAsleep: false }
  room.seats.set(node, seat)
  tell(room, node, { kind: 'roster', nodes: roster })
  return seat
}

export function tell(room: Room, node: string, event: MembershipEvent): void {
  const seat = seatOf(room, node)
  for (const effect of step(seat.state, event, room.now, room.config)) {
    seat.told.push(effect)
    if (effect.kind === 'send') fly(room, node, effect.to, { bytes: effect.bytes, link: undefined })
    if (effect.kind !== 'sendLink') continue
    for (const to of room.seats.keys()) if (to !== node) fly(room, node, to, effect)
  }
}

function fly(room: Room, from: string, to: string, what: { bytes: Uint8Array; link: string | undefined }): void {
  const flight = { at: room.now + 1, from, to, bytes: what.bytes, link: what.link }
  room.overheard.push(flight)
  if (!room.cuts(from, to, what.link)) room.flights.push(flight)
}

export function advance(room: Room, ms: number): void {
  for (const end = room.now + ms; room.now < end;) {
    room.now += 1
    const due = room.flights.filter(({ at }) => at <= room.now)
    room.flights = room.flights.filter(({ at }) => at > room.now)
    for (const { to, bytes, link } of due) hand(room, to, bytes, link)
    for (const { node, state, isAsleep } of room.seats.values()) {
      if (!isAsleep && nextDeadline(state, room.config) <= room.now) tell(room, node, { kind: 'tick', lagMs: 0 })
    }
  }
}

/** Hands a datagram to whoever sits there. One that sleeps finds it when it wakes. */
export function hand(room: Room, to: string, bytes: Uint8Array, link?: string): void {
  const seat = room.seats.get(to)
  if (seat?.isAsleep === true) room.flights.push({ at: room.now + 1, from: '', to, bytes, link })
  else if (seat !== undefined) tell(room, to, { kind: 'received', bytes, ...(link === undefined ? {} : { link }) })
}

/** Says for each who was told of: `node status`, with what else is worth a word. */
export function membersOf(room: Room, node: string): Record<string, string> {
  const views = lastOf(seatOf(room, node), 'members')?.members ?? []
  return Object.fromEntries(views.map((view) => [view.node, view.indirect ? `${view.status}, indirect` : view.status]))
}

export const standingOf = (room: Room, node: string): Standing => seatOf(room, node).state.standing

export function lastOf<K extends MembershipEffect['kind']>(
  { told }: Seat,
  kind: K,
): Extract<MembershipEffect, { kind: K }> | undefined {
  return told.findLast((effect): effect is Extract<MembershipEffect, { kind: K }> => effect.kind === kind)
}
