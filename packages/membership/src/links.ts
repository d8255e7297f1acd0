import { beatBody } from './beats.ts'
import { type MembershipConfig, suspectAfterMs } from './config.ts'
import { MOST_HEARD } from './constants.ts'
import type { MessageBody } from './message.ts'
import { sendOnLink } from './outbox.ts'
import { isLiving, type Peer } from './peer.ts'
import type { Link, MembershipState, Turn } from './state.ts'

/** One peer alone may have failed itself: a link is judged by what at least two say. */
const JUDGES = 2

export function setLinks({ state, at }: Turn, names: readonly string[]): void {
  for (const name of state.links.keys()) {
    if (names.includes(name)) continue
    if (state.links.get(name)?.isDeaf === true) state.isDeafStale = true
    state.links.delete(name)
  }
  for (const name of names) {
    if (state.links.has(name)) continue
    const link: Link = { name, heard: new Map(), twoWay: new Map(), beatAt: at, nextHeard: 0, isDeaf: false }
    state.links.set(name, link)
  }
}

/** With many members each speaks less often, so that a LAN does not hear more beats than from `meshLimit` of them. */
function slowness({ living }: MembershipState, { meshLimit }: MembershipConfig): number {
  return Math.max(1, Math.ceil(living / meshLimit))
}

/** Silence of this length on a link is one. */
function linkDeadMs(state: MembershipState, config: MembershipConfig): number {
  return suspectAfterMs(config) * slowness(state, config)
}

/** Beats on each link, and finds those that have gone deaf. */
export function tendLinks(turn: Turn): void {
  const { state, config, at, effects } = turn
  for (const link of state.links.values()) {
    if (at >= link.beatAt) beatOn(turn, link)
    judgeLink(turn, link, at - linkDeadMs(state, config))
  }
  if (!state.isDeafStale) return
  state.isDeafStale = false
  const names = [...state.links.values()].filter(({ isDeaf }) => isDeaf).map(({ name }) => name)
  effects.push({ kind: 'deafLinks', names: names.sort() })
}

function beatOn(turn: Turn, link: Link): void {
  const { state, config, at } = turn
  // Together with the beats to the members: nobody, here or there, wakes for it alone.
  link.beatAt = state.beatAt + config.intervalMs * (slowness(state, config) - 1)
  const deadline = at - linkDeadMs(state, config)
  const heard = [...link.heard].filter(([, { at }]) => at > deadline).map(([peer]) => peer.hash)
  // When not all fit, they take turns.
  const from = heard.length > MOST_HEARD && link.nextHeard < heard.length ? link.nextHeard : 0
  const listed = heard.slice(from, from + MOST_HEARD)
  link.nextHeard = from + listed.length
  sendOnLink(turn, link.name, { ...beatBody(state), link: { name: link.name, heard: listed } })
}

function judgeLink({ state }: Turn, link: Link, deadline: number): void {
  const judges = [...link.twoWay].filter(([{ status }]) => status === 'alive')
  const isTwoWay = judges.some(([, at]) => at > deadline)
  const isDeaf = !isTwoWay && (link.isDeaf || judges.length >= JUDGES)
  if (isDeaf !== link.isDeaf) state.isDeafStale = true
  link.isDeaf = isDeaf
}

/** A beat of a living peer has come in by a link. The same beat may come in by several links of this node. */
export function hearOnLink(
  { state, at }: Turn,
  peer: Peer,
  { link: name, counter, message }: { link: string; counter: number; message: MessageBody },
): void {
  const link = state.links.get(name)
  if (link === undefined || message.kind !== 'beat' || message.link === undefined || !isLiving(peer)) return
  const before = link.heard.get(peer)
  if (before !== undefined && before.counter >= counter) return
  link.heard.set(peer, { at, counter })
  const { heard } = message.link
  if (heard.includes(state.selfHash)) link.twoWay.set(peer, at)
  // It heard this node before and does not now; unless its list is too long to name all it hears.
  else if (heard.length < MOST_HEARD && link.twoWay.has(peer)) link.twoWay.set(peer, Number.NEGATIVE_INFINITY)
}

export function linksAt({ links }: MembershipState): number {
  let due = Number.POSITIVE_INFINITY
  for (const link of links.values()) due = Math.min(due, link.beatAt)
  return due
}
