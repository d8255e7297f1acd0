import { beats } from '@steelyard/membership'
import { announceAnew } from './announced.ts'
import type { MemberLife } from './member-state.ts'
import type { LinkEffect, LinkState } from './state.ts'
import { count } from './tally.ts'

/** Whether nothing may be said about an address now: the node must not answer, or another has a better claim. */
function isSilent({ isSettled, silenced }: MemberLife, ip: string): boolean {
  return !isSettled || silenced.has(ip)
}

/** Whether this node keeps silent about an address: what others say of it is then no conflict of its own. */
export function isSilentAbout({ member: { life } }: LinkState, ip: string): boolean {
  return life !== undefined && isSilent(life, ip)
}

/**
 * The one gate that every frame about an address passes, whoever ordered it: answers and announcements that
 * are not allowed are taken out, and off the counts. Probes say nothing and pass.
 */
export function gate(state: LinkState, effects: LinkEffect[]): LinkEffect[] {
  const { life } = state.member
  if (life === undefined || (life.isSettled && life.silenced.size === 0)) return effects
  return effects.filter((effect) => {
    if (effect.kind !== 'send' || !isSilent(life, effect.ip)) return true
    if (effect.as !== 'responses' && effect.as !== 'gratuitous') return true
    count(state.tally, effect.ip, effect.as, -1)
    return false
  })
}

/** Own claims are beaten: their addresses are silent from this moment. */
export function silenceBeaten(life: MemberLife, ips: readonly string[], effects: LinkEffect[]): void {
  life.beaten = new Set(ips)
  for (const ip of ips) if (!life.silenced.has(ip)) life.silenced.set(ip, claimOf(life, ip))
  tellSilenced(life, effects)
}

/** The own claims have changed: what is now better than what was beaten may be said again, with a burst of its own. */
export function unsilence(state: LinkState, life: MemberLife, now: number, effects: LinkEffect[]): void {
  const { node } = life.machine.self
  for (const [ip, before] of life.silenced) {
    const claim = claimOf(life, ip)
    const isBetter = claim !== undefined && (before === undefined || beats(ip, { ...claim, node }, { ...before, node }))
    if (life.beaten.has(ip)) life.silenced.set(ip, claim ?? before)
    else if (isBetter || !state.wanted.has(ip)) speak(state, life, ip, now)
  }
  tellSilenced(life, effects)
}

function speak(state: LinkState, life: MemberLife, ip: string, now: number): void {
  life.silenced.delete(ip)
  for (const channel of state.channels.values()) announceAnew(state, channel, ip, now)
}

function claimOf({ desired }: MemberLife, ip: string): MemberLife['desired']['record']['claims'][number] | undefined {
  return desired.record.claims.find((claim) => claim.ip === ip)
}

function tellSilenced(life: MemberLife, effects: LinkEffect[]): void {
  const ips = [...life.silenced.keys()].sort()
  const text = JSON.stringify(ips)
  if (text === life.silencedTold) return
  life.silencedTold = text
  effects.push({ kind: 'tell', fact: { kind: 'silenced', ips } })
}
