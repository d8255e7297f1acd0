import type { AddressClaim } from '@steelyard/membership'
import type { Clock } from '@steelyard/runtime'
import { excessOf } from './decide/balance.ts'
import { forgetEpochs, noteEpoch } from './decide/claim-book.ts'
import { pace } from './decide/pace.ts'
import type { Group, Ownership } from './decide/plan.ts'
import { type Drain, earliest, MINORITY_PROBATION_MS, release } from './decide/release.ts'
import { type HeldClaim, type Move, nextTenure, NO_TENURE, type Tenure, type TenureResult } from './decide/tenure.ts'
import type { Peers } from './peers.ts'

/** What an operator said about moves. */
export type MovePolicy = {
  readonly movesPerSecond: number
  /** Addresses above a node's share go to others: never, when that has been so for this long, or at once (0). */
  readonly rebalanceAfterMs: number | undefined
}

export type HoldingsPorts = {
  readonly self: string
  readonly peers: Peers
  readonly clock: Clock
  readonly movePolicy: () => MovePolicy
}

export type Held = {
  /** Keys of the groups that this node serves. */
  readonly serving: ReadonlySet<string>
  readonly claims: ReadonlyMap<string, HeldClaim>
  readonly moves: readonly Move[]
  readonly lookAgainAt: number | undefined
}

/** What this node holds on the LAN, from pass to pass. */
export type Holdings = {
  readonly decide: (groups: readonly Group[], ownership: Ownership, drain: Drain) => Held
  /** What it held before its restart, to be decided on with everything else. */
  readonly restore: (claims: readonly Pick<AddressClaim, 'ip' | 'epoch'>[]) => void
}

type State = {
  readonly ports: HoldingsPorts
  readonly taking: ReturnType<typeof pace>
  readonly giving: ReturnType<typeof pace>
  tenure: Tenure
  served: ReadonlySet<string>
  unevenSince: number | undefined
}

export function holdings(ports: HoldingsPorts): Holdings {
  const state: State = {
    ports,
    taking: pace(),
    giving: pace(),
    tenure: NO_TENURE,
    served: new Set(),
    unevenSince: undefined,
  }
  return {
    decide: (groups, ownership, drain) =>
      ports.peers.isOn ? decide(state, groups, { ...ownership, drain }) : withoutPeers(ports.self, groups, ownership),
    restore: (claims) => restore(state, claims),
  }
}

/** Nobody can say that he took over, so a node serves what is its own by reckoning, from the moment it is. */
function withoutPeers(self: string, groups: readonly Group[], { owners }: Ownership): Held {
  const serving = new Set(groups.flatMap(({ key }) => (owners.get(key) === self ? [key] : [])))
  return { serving, claims: new Map(), moves: [], lookAgainAt: undefined }
}

function restore(state: State, claims: readonly Pick<AddressClaim, 'ip' | 'epoch'>[]): void {
  const { peers, self, clock } = state.ports
  const since = clock.now()
  const kept = claims.map(({ ip, epoch }): [string, HeldClaim] => {
    noteEpoch(peers.book, ip, { epoch, node: self })
    return [ip, { ip, epoch, minority: false, releasing: false, since, cause: 'kept' }]
  })
  state.tenure = { ...state.tenure, claims: new Map(kept) }
}

type Wish = Ownership & { readonly drain: Drain }

function decide(state: State, groups: readonly Group[], wish: Wish): Held {
  const { ports } = state
  const now = ports.clock.now()
  const result = taken(state, groups, wish)
  for (const { ip, epoch } of result.tenure.claims.values())
    noteEpoch(ports.peers.book, ip, { epoch, node: ports.self })
  const mine = groups.filter(({ key }) => result.serving.has(key))
  const uneven = unevenness(state, groups, wish)
  const released = release(result.tenure, {
    groups: mine,
    drain: wish.drain,
    excess: uneven.excess,
    pace: state.giving,
    movesPerSecond: ports.movePolicy().movesPerSecond,
    now,
    majoritySince: ports.peers.majoritySince(),
  })
  Object.assign(state, { tenure: released.tenure, served: result.serving })
  forget(state, groups)
  const lookAgainAt = [result.lookAgainAt, released.lookAgainAt, uneven.lookAgainAt].reduce(earliest)
  return { serving: result.serving, claims: released.tenure.claims, moves: result.moves, lookAgainAt }
}

function taken({ ports, tenure, served, taking }: State, groups: readonly Group[], wish: Wish): TenureResult {
  const { self, peers, clock, movePolicy } = ports
  return nextTenure(tenure, {
    self,
    now: clock.now(),
    groups,
    owners: wish.owners,
    candidatesOf: wish.candidatesOf,
    book: peers.book,
    settled: peers.isSettled(),
    served,
    majority: isMajoritySure(ports),
    pace: taking,
    movesPerSecond: movePolicy().movesPerSecond,
  })
}

/**
 * Halves that meet do not meet all at once: who is back among enough others does not know yet what the rest of them
 * have, and would take with a majority's word what only seems to be free.
 */
function isMajoritySure({ peers, clock }: HoldingsPorts): boolean {
  const since = peers.majoritySince()
  return since !== undefined && clock.now() - since >= MINORITY_PROBATION_MS
}

/** What is above this node's share, once it has been for as long as the operator said. */
function unevenness(
  state: State,
  groups: readonly Group[],
  { owners, candidatesOf }: Wish,
): { readonly excess: ReadonlySet<string>; readonly lookAgainAt: number | undefined } {
  const { self, clock, movePolicy } = state.ports
  const { rebalanceAfterMs } = movePolicy()
  const excess = rebalanceAfterMs === undefined ? undefined : excessOf({ self, groups, owners, candidatesOf })
  if (rebalanceAfterMs === undefined || excess === undefined || excess.size === 0) {
    state.unevenSince = undefined
    return { excess: new Set(), lookAgainAt: undefined }
  }
  state.unevenSince ??= clock.now()
  const due = state.unevenSince + rebalanceAfterMs
  return clock.now() >= due ? { excess, lookAgainAt: undefined } : { excess: new Set(), lookAgainAt: due }
}

/** Twice what is in use may be remembered, and some more. */
const FORGET_ABOVE = 1000

function forget({ ports }: State, groups: readonly Group[]): void {
  const { book } = ports.peers
  if (book.highest.size <= 2 * groups.length + FORGET_ABOVE) return
  const wanted = new Set(groups.flatMap(({ ips }) => ips))
  forgetEpochs(book, (ip) => wanted.has(ip))
}
