import { type AddressClaim, beats, beatsByRank, type Contender } from '@steelyard/membership'
import { type ClaimBook, claimsOn } from './claim-book.ts'
import type { Candidate, Claim } from './ownership.ts'
import { mayMove, nextMoveAt, type Pace } from './pace.ts'

/** Why an address came to a node. */
export type Cause =
  /** Nobody had it. */
  | 'first'
  /** Whoever had it is dead, or left without handing over. */
  | 'ownerLost'
  /** Whoever had it wanted to be rid of it: maintenance, a restart, evening out. */
  | 'released'
  /** Whoever had it may not any more. */
  | 'ownerIneligible'
  /** This node is preferred. */
  | 'preferred'
  /** This node had it before its restart, and nobody has taken it since. */
  | 'kept'

export type HeldClaim = AddressClaim & { readonly since: number; readonly cause: Cause }

/** An address that came, or went to another node. */
export type Move = { readonly ip: string; readonly from?: string; readonly to: string; readonly cause: Cause | 'taken' }

/** What this node holds, from one pass to the next. */
export type Tenure = {
  /** By address. */
  readonly claims: ReadonlyMap<string, HeldClaim>
  /** By group: since when it is served although this node may not, until another takes it. */
  readonly outstaying: ReadonlyMap<string, number>
  /** Addresses that another living node took although this one should own them by its own reckoning, and when. */
  readonly lost: ReadonlyMap<string, number>
}

export const NO_TENURE: Tenure = { claims: new Map(), outstaying: new Map(), lost: new Map() }

export type TenureGroup = { readonly key: string; readonly hash: number; readonly ips: readonly string[] }

export type TenureFacts<Group extends TenureGroup = TenureGroup> = {
  readonly self: string
  readonly now: number
  readonly groups: readonly Group[]
  /** Who should have each group, by its key. */
  readonly owners: ReadonlyMap<string, string>
  readonly candidatesOf: (group: Group) => readonly Candidate[]
  readonly book: ClaimBook
  /** What the others have is known: something new may be taken. */
  readonly settled: boolean
  /** Keys of the groups served so far in this life: with those doubt changes nothing. */
  readonly served: ReadonlySet<string>
  /** At least half of the last agreed members are heard. */
  readonly majority: boolean
  /** Takings from nodes that would keep serving. Changed by what is decided here. */
  readonly pace: Pace
  readonly movesPerSecond: number
}

export type TenureResult = {
  readonly tenure: Tenure
  /** Keys of the groups to serve. */
  readonly serving: ReadonlySet<string>
  readonly moves: readonly Move[]
  /** When another look may find something else, though nothing has happened. */
  readonly lookAgainAt: number | undefined
}

/** Long enough for another node to take over what this one must give up. */
export const OUTSTAY_MS = 2000
/** Two nodes that see the world differently must not take an address from each other for ever. */
export const RESTRAINT_MS = 60_000

type Draft = {
  readonly claims: Map<string, HeldClaim>
  readonly outstaying: Map<string, number>
  readonly lost: Map<string, number>
  readonly serving: Set<string>
  readonly moves: Move[]
  lookAgainAt: number | undefined
}

/**
 * What this node holds from now on. It begins what it should own, and claims it before it is announced; what
 * another should own it serves until that one claims it, so that a move has no gap.
 */
export function nextTenure<Group extends TenureGroup>(before: Tenure, facts: TenureFacts<Group>): TenureResult {
  const draft: Draft = {
    claims: new Map(),
    outstaying: new Map(),
    lost: recentlyLost(before, facts.now),
    serving: new Set(),
    moves: [],
    lookAgainAt: undefined,
  }
  for (const group of facts.groups) settleGroup(before, group, facts, draft)
  const { claims, outstaying, lost, serving, moves, lookAgainAt } = draft
  return { tenure: { claims, outstaying, lost }, serving, moves, lookAgainAt }
}

function recentlyLost({ lost }: Tenure, now: number): Map<string, number> {
  return new Map([...lost].filter(([, at]) => now - at < RESTRAINT_MS))
}

function settleGroup<Group extends TenureGroup>(
  before: Tenure,
  group: Group,
  facts: TenureFacts<Group>,
  draft: Draft,
): void {
  const owner = facts.owners.get(group.key)
  const isOurs = owner === facts.self
  const isKept = isStillHeld(before, group, facts, draft)
  if (isKept && !facts.settled && !facts.served.has(group.key)) copyClaims(before, group, draft)
  else if (isOurs && (isKept || mayTake(group, facts, draft))) hold(before, group, facts, draft)
  else if (isKept && owner !== undefined) outstay(before, group, facts, draft)
}

/** Whether this node has the group and nobody has a better claim; a loss is noted. */
function isStillHeld(
  before: Tenure,
  group: TenureGroup,
  facts: Pick<TenureFacts, 'self' | 'now' | 'book' | 'owners'>,
  draft: Draft,
): boolean {
  if (!group.ips.some((ip) => before.claims.has(ip))) return false
  const winner = winnerOver(before, group, facts)
  if (winner !== undefined) noteLoss(group, winner, facts, draft)
  return winner === undefined
}

/** The living node whose claim on the group beats what this node has; by the same rule that decides who owns it. */
function winnerOver(
  before: Tenure,
  { hash, ips }: TenureGroup,
  { self, book }: Pick<TenureFacts, 'self' | 'book'>,
): string | undefined {
  const own = best(
    hash,
    ips.flatMap((ip) => contenderOf(before.claims.get(ip), self)),
  )
  const other = best(
    hash,
    ips.flatMap((ip) => claimsOn(book, ip)),
  )
  return own !== undefined && other !== undefined && beatsByRank(hash, other, own) ? other.node : undefined
}

function best(hash: number, claims: readonly Contender[]): Contender | undefined {
  return claims.reduce<Contender | undefined>(
    (top, claim) => (top === undefined || beatsByRank(hash, claim, top) ? claim : top),
    undefined,
  )
}

function contenderOf(claim: HeldClaim | undefined, node: string): Contender[] {
  return claim === undefined ? [] : [{ node, epoch: claim.epoch, minority: claim.minority }]
}

function noteLoss(
  { key, ips }: TenureGroup,
  to: string,
  { self, now, owners }: Pick<TenureFacts, 'self' | 'now' | 'owners'>,
  draft: Draft,
): void {
  const isDisputed = owners.get(key) === self
  for (const ip of ips) {
    if (isDisputed) draft.lost.set(ip, now)
    draft.moves.push({ ip, from: self, to, cause: 'taken' })
  }
}

/** From the dead, from who releases it and from who may not have it, at once; from all others with restraint. */
function mayTake<Group extends TenureGroup>(group: Group, facts: TenureFacts<Group>, draft: Draft): boolean {
  if (!facts.settled) return false
  const keeper = keeperOf(group, facts)
  if (keeper === undefined) return true
  const { now, pace, movesPerSecond } = facts
  const lostAt = Math.max(...group.ips.map((ip) => draft.lost.get(ip) ?? Number.NEGATIVE_INFINITY))
  if (now - lostAt < RESTRAINT_MS) return lookAgain(draft, lostAt + RESTRAINT_MS)
  return mayMove(pace, movesPerSecond, now) || lookAgain(draft, nextMoveAt(pace, movesPerSecond))
}

/** Another node that has the group, may have it, and does not want to be rid of it. */
function keeperOf<Group extends TenureGroup>(
  group: Group,
  { book, candidatesOf }: TenureFacts<Group>,
): Claim | undefined {
  const claims = group.ips.flatMap((ip) => claimsOn(book, ip))
  if (claims.length === 0) return undefined
  const candidates = candidatesOf(group)
  return claims.find(({ node, releasing }) => !releasing && candidates.some((one) => one.node === node))
}

function lookAgain(draft: Draft, at: number): false {
  draft.lookAgainAt = Math.min(draft.lookAgainAt ?? Number.POSITIVE_INFINITY, at)
  return false
}

function hold<Group extends TenureGroup>(before: Tenure, group: Group, facts: TenureFacts<Group>, draft: Draft): void {
  draft.serving.add(group.key)
  for (const ip of group.ips) {
    const own = before.claims.get(ip)
    const isBest = own !== undefined && !claimsOn(facts.book, ip).some((one) => isBeatenBy(own, one, facts))
    draft.claims.set(ip, isBest ? own : taken(ip, own, group, { facts, draft }))
  }
}

function isBeatenBy({ ip, epoch, minority }: HeldClaim, other: Claim, { self }: Pick<TenureFacts, 'self'>): boolean {
  return beats(ip, other, { node: self, epoch, minority })
}

type Taking<Group extends TenureGroup> = { readonly facts: TenureFacts<Group>; readonly draft: Draft }

function taken<Group extends TenureGroup>(
  ip: string,
  own: HeldClaim | undefined,
  group: Group,
  { facts, draft }: Taking<Group>,
): HeldClaim {
  const { book, self, now, majority } = facts
  const highest = book.highest.get(ip)
  const again = { ip, minority: !majority, releasing: false }
  if (own !== undefined) return { ...own, ...again, epoch: Math.max(highest?.epoch ?? 0, own.epoch) + 1 }
  const cause = causeOf(ip, group, facts)
  const from = highest !== undefined && highest.node !== self ? { from: highest.node } : {}
  draft.moves.push({ ip, ...from, to: self, cause })
  return { ...again, epoch: (highest?.epoch ?? 0) + 1, since: now, cause }
}

function causeOf<Group extends TenureGroup>(ip: string, group: Group, facts: TenureFacts<Group>): Cause {
  const claims = claimsOn(facts.book, ip)
  if (claims.some(({ releasing }) => releasing)) return 'released'
  if (keeperOf(group, facts) !== undefined) return 'preferred'
  if (claims.length > 0) return 'ownerIneligible'
  return facts.book.highest.has(ip) ? 'ownerLost' : 'first'
}

/**
 * Another should have it, and has not claimed it yet. A node that may serve goes on for as long as that takes;
 * one that may not any more waits a moment for whoever comes after it.
 */
function outstay<Group extends TenureGroup>(
  before: Tenure,
  group: Group,
  facts: TenureFacts<Group>,
  draft: Draft,
): void {
  const { self, now, candidatesOf } = facts
  if (!candidatesOf(group).some(({ node }) => node === self)) {
    const since = before.outstaying.get(group.key) ?? now
    if (now - since >= OUTSTAY_MS) return
    draft.outstaying.set(group.key, since)
    lookAgain(draft, since + OUTSTAY_MS)
  }
  draft.serving.add(group.key)
  copyClaims(before, group, draft)
}

function copyClaims({ claims }: Tenure, { ips }: TenureGroup, draft: Draft): void {
  for (const ip of ips) {
    const own = claims.get(ip)
    if (own !== undefined) draft.claims.set(ip, own)
  }
}
