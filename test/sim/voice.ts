import { type AddressClaim, beats, EMPTY_RECORD, type NodeRecord } from '@steelyard/membership'
import type { Member } from './member.ts'

/** What the link worker knows of whether it may answer (`speaker/src/link/decide/silence.ts`). */
export type Voice = {
  wanted: ReadonlySet<string>
  record: NodeRecord
  beaten: ReadonlySet<string>
  /** Addresses it keeps silent about, each with the own claim that was beaten. */
  readonly silenced: Map<string, AddressClaim | undefined>
  isLeaving: boolean
}

/** What the main thread tells it, always all of it. */
export type Wish = { readonly wanted: ReadonlySet<string>; readonly record: NodeRecord; readonly isLeaving: boolean }

export const FAREWELL: Wish = { wanted: new Set(), record: EMPTY_RECORD, isLeaving: true }

export function voice(): Voice {
  return { wanted: new Set(), record: EMPTY_RECORD, beaten: new Set(), silenced: new Map(), isLeaving: false }
}

/** A better claim has come in: its address is silent from this moment. */
export function silence(state: Voice, ips: readonly string[]): void {
  state.beaten = new Set(ips)
  for (const ip of ips) if (!state.silenced.has(ip)) state.silenced.set(ip, claimOf(state, ip))
}

export function follow(state: Voice, member: Member, { wanted, record, isLeaving }: Wish): void {
  Object.assign(state, { wanted, record })
  member.tell({ kind: 'publish', record })
  unsilence(state, member.host.name)
  if (!isLeaving || state.isLeaving) return
  state.isLeaving = true
  member.tell({ kind: 'leave' })
}

function unsilence(state: Voice, node: string): void {
  for (const [ip, before] of state.silenced) {
    const claim = claimOf(state, ip)
    const isBetter = claim !== undefined && (before === undefined || beats(ip, { ...claim, node }, { ...before, node }))
    if (state.beaten.has(ip)) state.silenced.set(ip, claim ?? before)
    else if (isBetter || !state.wanted.has(ip)) state.silenced.delete(ip)
  }
}

function claimOf({ record }: Voice, ip: string): AddressClaim | undefined {
  return record.claims.find((claim) => claim.ip === ip)
}

const NOTHING: ReadonlySet<string> = new Set()

/** The addresses that it answers for now. */
export function answersOf({ wanted, silenced, isLeaving }: Voice, { host, standing }: Member): ReadonlySet<string> {
  if (host.isFrozen || isLeaving || standing !== 'settled') return NOTHING
  return silenced.size === 0 ? wanted : new Set([...wanted].filter((ip) => !silenced.has(ip)))
}
