import { countersOf, dropsFor, type EnvelopeRefusal, nextDeadline } from '@steelyard/membership'
import { type Address, compareAddresses, formatAddress } from '@steelyard/net'
import { readBeatFrame } from './link-beat.ts'
import { feed, type MemberTurn, order, tellRoster } from './member-feed.ts'
import { noteMemberFailure } from './member-failures.ts'
import type { MemberEvent, MemberPart, SeenInterface } from './member-state.ts'
import { noteSeen, openBeats } from './seen-interfaces.ts'
import type { LinkConfig, LinkEffect, LinkEvent, LinkState } from './state.ts'
import { isAnswer } from './witness.ts'

type At = { readonly now: number; readonly config: LinkConfig }

function memberTurn(state: LinkState, at: At, effects: LinkEffect[]): MemberTurn | undefined {
  const { life } = state.member
  return life && { state, life, ...at, effects }
}

/** What came from the other speakers, or happened to the sockets towards them. With membership off it is nothing. */
export function hearMembers(state: LinkState, what: MemberEvent, at: At, effects: LinkEffect[]): void {
  const turn = memberTurn(state, at, effects)
  if (turn === undefined) return
  if (what.kind === 'datagram') hearDatagram(turn, what)
  else if (what.kind === 'beatFrame') hearBeat(turn, what)
  else if (what.kind === 'late') hearLate(turn, what.lagMs)
  else if (what.kind === 'portBound') hearBound(turn)
  else noteMemberFailure(turn, what)
}

function hearDatagram(turn: MemberTurn, { bytes, source }: Extract<MemberEvent, { kind: 'datagram' }>): void {
  const { machine } = turn.life
  const before = dropsFor(machine, WRONG_KEY)
  feed(turn, { kind: 'received', bytes })
  if (dropsFor(machine, WRONG_KEY) > before) noteUnreadable(turn, source)
}

const WRONG_KEY = 'WrongKey' satisfies EnvelopeRefusal

/** Somebody at the address of another node has a key that is none of ours: it may well be that node's speaker. */
function noteUnreadable({ life, config, now, effects }: MemberTurn, source: Address): void {
  for (const [node, address] of life.roster) {
    if (compareAddresses(address, source) !== 0) continue
    if (now < (life.unreadable.get(node) ?? Number.NEGATIVE_INFINITY) + config.reportMs) return
    life.unreadable.set(node, now)
    effects.push({ kind: 'tell', fact: { kind: 'unreadable', node } })
  }
}

/** Less than that is the ordinary length of a busy turn, and no reason to give the others more time. */
function hearLate(turn: MemberTurn, lagMs: number): void {
  if (lagMs >= turn.config.lagWorthTellingMs) feed(turn, { kind: 'stalled', lagMs })
}

function hearBound(turn: MemberTurn): void {
  turn.life.isBound = true
  tellRoster(turn)
  tellLinks(turn)
  feed(turn, { kind: 'tick', lagMs: 0 })
}

function hearBeat(turn: MemberTurn, { ifindex, bytes }: Extract<MemberEvent, { kind: 'beatFrame' }>): void {
  const entry = turn.state.member.seen.get(ifindex)
  const sealed = readBeatFrame(bytes)
  if (entry !== undefined && sealed !== undefined) feed(turn, { kind: 'received', bytes: sealed, link: entry.name })
}

/** A frame that came in may be the gateway's answer. */
export function hearGateway(
  state: LinkState,
  frame: Extract<LinkEvent, { kind: 'frame' }>,
  at: At,
  effects: LinkEffect[],
): void {
  const turn = memberTurn(state, at, effects)
  if (turn?.life.asked !== undefined && isAnswer(turn.life.asked, frame)) endAsking(turn, true)
}

function endAsking(turn: MemberTurn, reachable: boolean): void {
  turn.life.asked = undefined
  feed(turn, { kind: 'witness', reachable })
}

/** The end of a turn: sockets are brought up to what there is, and the machine does what is due. */
export function tickMembers(state: LinkState, at: At, effects: LinkEffect[]): void {
  if (state.isInterfacesStale) noteSeen(state, at.now, effects)
  const turn = memberTurn(state, at, effects)
  if (turn === undefined) return
  openPort(turn)
  openBeats(state, at.now, effects)
  tellLinks(turn)
  if (turn.life.asked !== undefined && turn.life.asked.until <= at.now) endAsking(turn, false)
  // Nothing can be said or heard before, and what the machine said in vain it would not repeat for a while.
  if (turn.life.isBound) feed(turn, { kind: 'tick', lagMs: 0 })
  report(turn)
}

function openPort(turn: MemberTurn): void {
  const { life, state, now } = turn
  const { self } = state.member
  if (self === undefined || life.port.isOpen || life.port.retryAt > now) return
  life.port.isOpen = true
  order(turn, { kind: 'openPort', address: self.address, port: self.port })
}

/**
 * Without a carrier, and without its port, a node hears nobody for reasons of its own. One that never had an
 * interface to announce on has nothing to lose and goes by its port alone.
 */
function tellLinks(turn: MemberTurn): void {
  const { life, state } = turn
  if (state.view === undefined) return
  const { seen, hadCarrier } = state.member
  const usable = [...seen.values()].filter(({ isUsable }) => isUsable)
  const up = life.isBound && (usable.length > 0 || !hadCarrier)
  if (up !== life.carrierTold) feed(turn, { kind: 'carrier', up })
  life.carrierTold = up
  const names = linksToBeatOn(state, usable)
  const text = JSON.stringify(names)
  if (text !== life.linksTold) feed(turn, { kind: 'links', names })
  life.linksTold = text
}

/**
 * Beats over single links tell of a dead one although the node is well. A node with one link, which its datagrams to
 * the others go over as well, has nothing to learn by them.
 */
function linksToBeatOn({ member, view }: LinkState, usable: readonly SeenInterface[]): string[] {
  const [only, ...more] = usable
  const { self } = member
  if (only === undefined || self === undefined) return []
  if (more.length === 0 && view?.addresses.get(only.ifindex)?.has(formatAddress(self.address)) === true) return []
  return usable.flatMap(({ isOpen, name }) => (isOpen ? [name] : [])).sort()
}

/** What is dropped is news; that there are beats is not, and need not wake the main thread as often. */
function report({ life, config, now, effects }: MemberTurn): void {
  if (now < life.countersToldAt + config.reportMs) return
  const counters = countersOf(life.machine)
  const dropped = JSON.stringify(counters.dropped)
  if (dropped === life.droppedTold && now < life.countersToldAt + config.beatsReportMs) return
  life.countersToldAt = now
  life.droppedTold = dropped
  effects.push({ kind: 'tell', fact: { kind: 'memberCounters', ...counters } })
}

/** When there is something to do about the other speakers, if nothing happens before. */
export function membersDeadline({ member }: LinkState): number {
  const { life } = member
  if (life === undefined) return Number.POSITIVE_INFINITY
  const retries = [life.port, ...usable(member)].flatMap(({ isOpen, retryAt }) => (isOpen ? [] : [retryAt]))
  const asked = life.asked?.until ?? Number.POSITIVE_INFINITY
  const machine = life.isBound ? nextDeadline(life.machine, life.desired.config) : Number.POSITIVE_INFINITY
  // The machine turns several times a second, so that what it counts is told in time.
  return Math.min(machine, asked, ...retries)
}

function usable({ seen }: MemberPart): SeenInterface[] {
  return [...seen.values()].filter(({ isUsable }) => isUsable)
}
