import type { IgnoredReason } from '@steelyard/arp-lib'
import { formatMac, type Mac } from '@steelyard/net'
import type { AddressCounters, LinkFact } from '../messages.ts'

type Counts = { -readonly [field in keyof Omit<AddressCounters, 'ip'>]: AddressCounters[field] }

/** What happened to each address, and what of it has not been told yet. */
export type Tally = {
  readonly addresses: Map<string, Counts>
  readonly ignored: Partial<Record<IgnoredReason, number>>
  readonly untold: Set<string>
  isIgnoredTold: boolean
  worstLagMs: number
  toldAt: number
}

export function tally(): Tally {
  return {
    addresses: new Map(),
    ignored: {},
    untold: new Set(),
    isIgnoredTold: true,
    worstLagMs: 0,
    toldAt: Number.NEGATIVE_INFINITY,
  }
}

/** @param by negative takes back what turned out not to have happened. */
export function count(state: Tally, ip: string, field: 'requests' | 'responses' | 'gratuitous', by = 1): void {
  countsOf(state, ip)[field] += by
  state.untold.add(ip)
}

export function countClaim(state: Tally, ip: string, mac: Mac): void {
  const counts = countsOf(state, ip)
  counts.claims += 1
  counts.claimedBy = formatMac(mac)
  state.untold.add(ip)
}

export function countIgnored(state: Tally, reason: IgnoredReason): void {
  state.ignored[reason] = (state.ignored[reason] ?? 0) + 1
  state.isIgnoredTold = false
}

/** An address that is not announced any more takes its numbers along. */
export function forget(state: Tally, ip: string): void {
  state.addresses.delete(ip)
  state.untold.delete(ip)
}

function countsOf({ addresses }: Tally, ip: string): Counts {
  const counts = addresses.get(ip) ?? { requests: 0, responses: 0, gratuitous: 0, claims: 0 }
  addresses.set(ip, counts)
  return counts
}

export type Reporting = { readonly reportMs: number; readonly lagWorthTellingMs: number }

/** When a report is due; undefined when there is nothing to tell. */
export function reportAt(state: Tally, { reportMs, lagWorthTellingMs }: Reporting): number | undefined {
  const isNews = state.untold.size > 0 || !state.isIgnoredTold || state.worstLagMs >= lagWorthTellingMs
  return isNews ? state.toldAt + reportMs : undefined
}

export function report(state: Tally, now: number): LinkFact {
  const addresses = [...state.untold].map((ip) => ({ ip, ...countsOf(state, ip) }))
  const fact: LinkFact = { kind: 'counters', addresses, ignored: { ...state.ignored }, worstLagMs: state.worstLagMs }
  state.untold.clear()
  state.isIgnoredTold = true
  state.worstLagMs = 0
  state.toldAt = now
  return fact
}
