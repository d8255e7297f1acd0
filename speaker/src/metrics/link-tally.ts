import { type Histogram, histogram, observe } from '@steelyard/metrics'
import type { MembershipCounters } from '@steelyard/membership'
import type { Clock } from '@steelyard/runtime'
import type { Move } from '../decide/tenure.ts'
import type { AddressCounters, BfdCounters, LinkFact } from '../link/messages.ts'

/** What the metrics know of the link worker and of addresses that moved: totals, and the last word of each. */
export type LinkTally = {
  readonly hear: (fact: LinkFact) => void
  /** Addresses that came to this node, or went from it. */
  readonly onMoves: (moves: readonly Move[]) => void
  /** By address, of those that are announced. */
  readonly addresses: () => ReadonlyMap<string, AddressCounters>
  readonly ignored: () => Readonly<Record<string, number>>
  readonly members: () => MembershipCounters | undefined
  /** By key of the BFD session. */
  readonly bfd: () => ReadonlyMap<string, BfdCounters>
  readonly moves: () => Readonly<Record<MoveCause, number>>
  /** From the first doubt about a node to the claim of an address that it had, in seconds. */
  readonly failovers: Histogram
  /** The longest that a frame or a deadline may have waited in the last five minutes, and how often it was too long. */
  readonly lag: () => { readonly worstMs: number; readonly stalls: number }
}

export type MoveCause = Move['cause']

const NO_MOVES: Readonly<Record<MoveCause, number>> = {
  first: 0,
  ownerLost: 0,
  released: 0,
  ownerIneligible: 0,
  preferred: 0,
  kept: 0,
  taken: 0,
}

export type LinkTallyPorts = {
  readonly clock: Pick<Clock, 'now'>
  /** The addresses that this node announces on the LAN now. */
  readonly announced: () => ReadonlySet<string>
}

type State = {
  readonly ports: LinkTallyPorts
  readonly addresses: Map<string, AddressCounters>
  readonly moves: Record<MoveCause, number>
  readonly failovers: Histogram
  /** By node: when it was first not alive to us. */
  readonly doubted: Map<string, number>
  ignored: Readonly<Record<string, number>>
  members: MembershipCounters | undefined
  bfd: ReadonlyMap<string, BfdCounters>
  /** The worst of each report that was late, oldest first. */
  lags: readonly { readonly at: number; readonly ms: number }[]
  stalls: number
  forgetAbove: number
}

/** How long silence goes unnoticed is not in it: that a node is doubted is the first that is known. */
const BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const LAG_WINDOW_MS = 5 * 60_000
/** One report a second at most. */
const MOST_LAGS = 300
/** Twice what was announced last, and some more. */
const FORGET_ABOVE = 1000

export function linkTally(ports: LinkTallyPorts): LinkTally {
  const state: State = {
    ports,
    addresses: new Map(),
    moves: { ...NO_MOVES },
    failovers: histogram(BOUNDS),
    doubted: new Map(),
    ignored: {},
    members: undefined,
    bfd: new Map(),
    lags: [],
    stalls: 0,
    forgetAbove: FORGET_ABOVE,
  }
  return {
    hear: (fact) => hear(state, fact),
    onMoves: (moves) => {
      for (const move of moves) noteMove(state, move)
    },
    addresses: () => {
      forget(state)
      return state.addresses
    },
    ignored: () => state.ignored,
    members: () => state.members,
    bfd: () => state.bfd,
    moves: () => state.moves,
    failovers: state.failovers,
    lag: () => lagOf(state),
  }
}

function hear(state: State, fact: LinkFact): void {
  if (fact.kind === 'counters') noteCounters(state, fact)
  else if (fact.kind === 'members') noteMembers(state, fact.members)
  else if (fact.kind === 'memberCounters') state.members = fact
  else if (fact.kind === 'bfdCounters') state.bfd = new Map(fact.sessions.map((one) => [one.key, one]))
}

function noteCounters(state: State, { addresses, ignored, worstLagMs }: Extract<LinkFact, { kind: 'counters' }>): void {
  for (const one of addresses) state.addresses.set(one.ip, one)
  if (state.addresses.size > state.forgetAbove) forget(state)
  state.ignored = ignored
  if (worstLagMs <= 0) return
  const at = state.ports.clock.now()
  state.lags = [...recent(state), { at, ms: worstLagMs }].slice(-MOST_LAGS)
  if (worstLagMs >= STALL_MS) state.stalls++
}

/** The worker says nothing of what is not announced any more. */
function forget(state: State): void {
  const announced = state.ports.announced()
  for (const ip of state.addresses.keys()) if (!announced.has(ip)) state.addresses.delete(ip)
  state.forgetAbove = 2 * state.addresses.size + FORGET_ABOVE
}

/** Longer than a busy turn takes; a heartbeat is due each 100 ms or so. */
const STALL_MS = 50

function recent({ lags, ports }: State): State['lags'] {
  const since = ports.clock.now() - LAG_WINDOW_MS
  return lags.filter(({ at }) => at >= since)
}

function lagOf(state: State): { readonly worstMs: number; readonly stalls: number } {
  return { worstMs: Math.max(0, ...recent(state).map(({ ms }) => ms)), stalls: state.stalls }
}

type Members = Extract<LinkFact, { kind: 'members' }>['members']

function noteMembers({ doubted, ports: { clock } }: State, members: Members): void {
  const names = new Set(members.map(({ node }) => node))
  for (const node of doubted.keys()) if (!names.has(node)) doubted.delete(node)
  for (const { node, status } of members) {
    if (status === 'alive' || status === 'unknown') doubted.delete(node)
    else if (!doubted.has(node)) doubted.set(node, clock.now())
  }
}

function noteMove({ moves, doubted, failovers, ports: { clock } }: State, { cause, from = '' }: Move): void {
  moves[cause]++
  const since = doubted.get(from)
  if (cause === 'ownerLost' && since !== undefined) observe(failovers, (clock.now() - since) / 1000)
}
