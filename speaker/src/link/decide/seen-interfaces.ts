import { backoffMs } from '@steelyard/runtime'
import type { LinkFact } from '../messages.ts'
import { usableInterfaces } from './channels.ts'
import { closed, type MemberPart, type Opening, type SeenInterface } from './member-state.ts'
import type { Channel, LinkConfig, LinkEffect, LinkState } from './state.ts'

/** Brings up to date which interfaces can be announced on, and which could be earlier. */
export function noteSeen(state: LinkState, now: number, effects: LinkEffect[]): void {
  const { seen } = state.member
  for (const entry of seen.values()) entry.isUsable = false
  for (const channel of state.channels.values()) if (channel.isOpen) see(state.member, channel, now)
  for (const entry of seen.values()) {
    if (entry.isUsable || mayComeBack(state, entry)) continue
    seen.delete(entry.ifindex)
    if (entry.isOpen) effects.push({ kind: 'member', act: { kind: 'closeBeats', ifindex: entry.ifindex } })
  }
}

function see(part: MemberPart, { plan: { ifindex, name, mac } }: Channel, now: number): void {
  part.hadCarrier = true
  const known = part.seen.get(ifindex)
  if (known === undefined) {
    part.seen.set(ifindex, { ifindex, name, mac, isUsable: true, isDeaf: false, ...closed(now) })
  } else {
    Object.assign(known, { name, mac, isUsable: true })
  }
}

/** It is there, and nobody has taken it out of use: what ails it passes. */
function mayComeBack({ view, exclusion }: LinkState, { ifindex }: SeenInterface): boolean {
  const link = view?.links.get(ifindex)
  return link !== undefined && link.masterIndex === undefined && !link.noArp && !exclusion.excludes(link.name)
}

/** Opens what may be opened again. */
export function openBeats({ member }: LinkState, now: number, effects: LinkEffect[]): void {
  for (const entry of member.seen.values()) {
    if (entry.isOpen || !entry.isUsable || entry.retryAt > now) continue
    entry.isOpen = true
    effects.push({ kind: 'member', act: { kind: 'openBeats', ifindex: entry.ifindex } })
  }
}

/** Something could not be opened, or is no longer any good: it is tried again after a while. */
export function postpone(opening: Opening, now: number, { retry, random }: LinkConfig): void {
  opening.isOpen = false
  opening.failures += 1
  opening.retryAt = now + backoffMs(opening.failures, retry, random)
}

/** The interfaces that can be announced on now; those on which nobody hears this node are none. */
export function interfacesFact(state: LinkState): Extract<LinkFact, { kind: 'interfaces' }> {
  const seen = [...state.member.seen.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  const deaf = new Set(seen.flatMap(({ isDeaf, name }) => (isDeaf ? [name] : [])))
  return {
    kind: 'interfaces',
    interfaces: usableInterfaces(state).filter(({ name }) => !deaf.has(name)),
    impaired: seen.flatMap(({ isUsable, isDeaf, name }) => (isUsable && !isDeaf ? [] : [name])),
    macs: seen.flatMap(({ isUsable, mac }) => (isUsable ? [mac] : [])),
  }
}
