import type { Span } from '../client/gaps.ts'
import type { Frame } from './frame.ts'

/** Somebody said on the wire: this address is at this MAC. */
export type Answer = { readonly at: number; readonly mac: string; readonly gratuitous: boolean }

/** What was said of an IPv4 address, in order: replies and gratuitous frames (RFC 826; RFC 5227 section 3). */
export function answersFor(frames: readonly Frame[], address: string): readonly Answer[] {
  return frames
    .flatMap(({ at, arp }) => {
      if (arp?.senderIp !== address) return []
      const gratuitous = arp.targetIp === address
      return gratuitous || arp.operation === 'reply' ? [{ at, mac: arp.senderMac, gratuitous }] : []
    })
    .toSorted((one, other) => one.at - other.at)
}

/** A stretch during which one MAC answered without a pause to speak of. */
export type Spell = Span & { readonly mac: string }

/**
 * With somebody who asks every 20 ms, one who was silent for so long had stopped answering: it missed ten questions
 * in a row.
 */
const PAUSE_MS = 200

/** The spells of every MAC, by their beginning. */
export function spellsOf(answers: readonly Answer[], pauseMs = PAUSE_MS): readonly Spell[] {
  const open = new Map<string, Spell>()
  const closed: Spell[] = []
  for (const { at, mac } of answers) {
    const spell = open.get(mac)
    if (spell !== undefined && at - spell.to > pauseMs) closed.push(spell)
    const goesOn = spell !== undefined && at - spell.to <= pauseMs
    open.set(mac, { mac, from: goesOn ? spell.from : at, to: at })
  }
  return [...closed, ...open.values()].toSorted((one, other) => one.from - other.from)
}

/**
 * For how long in all two MACs or more answered interleaved: from the first answer of the one that is new to the last
 * of the one that was there, wherever the spells of two overlap.
 */
export function twoAnswerersMs(answers: readonly Answer[], pauseMs = PAUSE_MS): number {
  const spells = spellsOf(answers, pauseMs)
  const edges = spells
    .flatMap(({ from, to }) => [
      { at: from, step: 1 },
      { at: to, step: -1 },
    ])
    // At one instant the end comes first: who stops as the other begins has not answered beside it.
    .toSorted((one, other) => one.at - other.at || one.step - other.step)
  let [active, since, total] = [0, 0, 0]
  for (const { at, step } of edges) {
    if (active >= 2) total += at - since
    active += step
    since = at
  }
  return total
}

/** Another answers alone than did before; `at` is the first answer of the spell in which it does. */
export type OwnerChange = { readonly at: number; readonly from: string; readonly to: string }

/**
 * How the one who answers alone changed. One that answers beside another and stops again has changed nothing, however
 * bad that is: `twoAnswerersMs` tells of it.
 */
export function ownerChanges(answers: readonly Answer[], pauseMs = PAUSE_MS): readonly OwnerChange[] {
  const spells = spellsOf(answers, pauseMs)
  const changes: OwnerChange[] = []
  let owner: string | undefined
  for (const time of momentsOf(spells)) {
    const [first, second] = spells.filter(({ from, to }) => from <= time && time <= to)
    if (first === undefined || second !== undefined || first.mac === owner) continue
    if (owner !== undefined) changes.push({ at: first.from, from: owner, to: first.mac })
    owner = first.mac
  }
  return changes
}

/** A moment in each stretch during which the same spells last, and each end of one. */
function momentsOf(spells: readonly Spell[]): readonly number[] {
  const ends = [...new Set(spells.flatMap(({ from, to }) => [from, to]))].toSorted((one, other) => one - other)
  return ends.flatMap((time, index) => {
    const next = ends[index + 1]
    return next === undefined ? [time] : [time, (time + next) / 2]
  })
}

/** How many frames each MAC sent about the address. */
export function countByMac(answers: readonly Answer[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { mac } of answers) counts[mac] = (counts[mac] ?? 0) + 1
  return counts
}
