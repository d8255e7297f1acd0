import type { Address } from '@steelyard/net'
import { byAge } from './groups.ts'
import { type Contender, hashText, rankOf } from '@steelyard/membership'

/** A node that may own a group, and how much its operator prefers it. */
export type Candidate = {
  readonly node: string
  readonly weight: number
  /** It keeps what it has not been told to release, and takes nothing new while anybody else can. */
  readonly draining?: boolean
}

/** A living node says that it owns a group. */
export type Claim = Contender & {
  /** It wants somebody else to take it. */
  readonly releasing: boolean
}

/** What is owned as one: addresses and Services that hang together (decision record 0002). */
export type OwnableGroup = {
  /** The same on every speaker, and no other group's. */
  readonly key: string
  /** `hashText` of the key, which nodes are ranked by. */
  readonly hash: number
  /** Of its oldest Service; RFC 3339 in UTC. */
  readonly createdAt: string
  readonly lowestAddress: Address
}

export type OwnershipFacts<Group extends OwnableGroup> = {
  /** Sorted by node. Groups with equal candidates should have one list in common: that is what makes this fast. */
  readonly candidatesOf: (group: Group) => readonly Candidate[]
  readonly claimsOf: (group: Group) => readonly Claim[]
}

/**
 * Who owns what, by group key. The same on every speaker that has the same facts, whatever their order:
 *
 * - Only the candidates of the highest weight count, and those that drain only where there are no others.
 * - One of them that claims the group keeps it, and so does one that drains, until it releases it. Of several
 *   claims the best wins, by the rule of `beats`.
 * - What nobody claims, or only to release it, is placed by `place`, oldest first.
 *
 * A group without candidates has no owner and is left out of the result.
 */
export function assignOwners<Group extends OwnableGroup>(
  groups: readonly Group[],
  facts: OwnershipFacts<Group>,
): Map<string, string> {
  const ordered = isOrdered(groups) ? groups : groups.toSorted(byAge)
  const arena: Arena = { fields: new Map(), byCandidates: new Map(), nodes: new Map(), load: [] }
  // Two passes over flat lists: with thousands of groups, an object for each would be garbage on every pass.
  const fields = ordered.map((group) => fieldOf(arena, facts.candidatesOf(group)))
  const claimed = ordered.map((group, index) => enter(fields[index], group, facts.claimsOf(group)))
  const owners = new Map<string, string>()
  for (const [index, { key, hash }] of ordered.entries()) {
    const field = fields[index]
    if (field === undefined || field.nodes.length === 0) continue
    const claim = claimed[index] ?? NOBODY
    const at = claim >= 0 ? claim : place(arena, field, hash, releaserOf(claim))
    take(arena, field, at, claim < 0)
    owners.set(key, field.nodes[at] ?? '')
  }
  return owners
}

function isOrdered(groups: readonly OwnableGroup[]): boolean {
  for (let at = 1; at < groups.length; at++) {
    const [before, now] = [groups[at - 1], groups[at]]
    if (before !== undefined && now !== undefined && byAge(before, now) > 0) return false
  }
  return true
}

/** Who keeps a group: a position from 0 on, `NOBODY`, or below that a position that releases it. */
const NOBODY = -1
const releasedBy = (at: number): number => NOBODY - 1 - at
const releaserOf = (claim: number): number | undefined => (claim < NOBODY ? NOBODY - 1 - claim : undefined)

/** The groups that the same nodes compete for, all equally preferred. Positions count in `nodes`. */
type Field = {
  /** First those that take what is free, then those that only keep what they have. */
  readonly nodes: readonly string[]
  /** How many of them take. */
  readonly takers: number
  /** All drain: what one of them releases would only come back. */
  readonly allDrain: boolean
  readonly hashes: readonly number[]
  /** Position in the arena. */
  readonly ids: readonly number[]
  /** Groups held by each node so far in the walk from the oldest to the youngest. */
  readonly walked: number[]
  /** The same, and with all the claims further on. */
  readonly held: number[]
  /** Groups of this field in all, and so far in the walk. */
  size: number
  seen: number
}

type Arena = {
  readonly fields: Map<string, Field>
  readonly byCandidates: Map<readonly Candidate[], Field>
  readonly nodes: Map<string, number>
  /** Groups of any field held by each node so far in the walk. */
  readonly load: number[]
}

/** Counts a group in, and finds who keeps or releases it. */
function enter(field: Field | undefined, { hash }: OwnableGroup, claims: readonly Claim[]): number {
  if (field === undefined) return NOBODY
  field.size++
  const best = strongestClaim(field, hash, claims)
  if (best === undefined) return NOBODY
  if (best.releasing && !field.allDrain) return releasedBy(best.at)
  field.held[best.at] = (field.held[best.at] ?? 0) + 1
  return best.at
}

function fieldOf(arena: Arena, candidates: readonly Candidate[]): Field {
  const known = arena.byCandidates.get(candidates)
  if (known !== undefined) return known
  const takers = takersAmong(candidates)
  const weight = takers[0]?.weight ?? 0
  const keepers = candidates.filter((one) => one.draining === true && one.weight >= weight && !takers.includes(one))
  const drains = takers[0]?.draining === true ? 'draining' : ''
  const name = `${drains}\n${takers.map(({ node }) => node).join('\n')}\n\n${keepers.map(({ node }) => node).join('\n')}`
  const field = arena.fields.get(name) ?? newField(arena, takers, keepers)
  arena.fields.set(name, field)
  arena.byCandidates.set(candidates, field)
  return field
}

/** Who takes what is free: the best of those that do not drain; where all drain, the best of them. */
export function takersAmong(candidates: readonly Candidate[]): readonly Candidate[] {
  const settled = candidates.filter(({ draining }) => draining !== true)
  const takers = settled.length === 0 ? candidates : settled
  if (takers.length === 0) return []
  const highest = Math.max(...takers.map(({ weight }) => weight))
  return takers.filter(({ weight }) => weight === highest)
}

function newField(arena: Arena, takers: readonly Candidate[], keepers: readonly Candidate[]): Field {
  const nodes = [...takers, ...keepers].map(({ node }) => node)
  const ids = nodes.map((node) => {
    const id = arena.nodes.get(node) ?? arena.nodes.size
    arena.nodes.set(node, id)
    arena.load[id] ??= 0
    return id
  })
  const none = nodes.map(() => 0)
  const hashes = nodes.map(hashText)
  const allDrain = takers.every(({ draining }) => draining === true)
  return { nodes, takers: takers.length, allDrain, hashes, ids, walked: none, held: [...none], size: 0, seen: 0 }
}

type Strength = { readonly at: number; readonly rank: number } & Pick<Claim, 'epoch' | 'minority' | 'releasing'>

/** By the rule of `beats`, whose ranks stand here already. */
function strongestClaim({ nodes, hashes }: Field, hash: number, claims: readonly Claim[]): Strength | undefined {
  let best: Strength | undefined
  for (const { node, epoch, minority, releasing } of claims) {
    const at = nodes.indexOf(node)
    if (at < 0) continue
    const claim = { at, rank: rankOf(hash, hashes[at] ?? 0), epoch, minority, releasing }
    if (best === undefined || isStronger(claim, best)) best = claim
  }
  return best
}

function isStronger(claim: Strength, best: Strength): boolean {
  if (claim.minority !== best.minority) return best.minority
  return claim.epoch === best.epoch ? isAbove(claim.rank, claim.at, best) : claim.epoch > best.epoch
}

/** Ranks may be equal, positions are not. */
function isAbove(rank: number, at: number, best: { readonly at: number; readonly rank: number }): boolean {
  return rank > best.rank || (rank === best.rank && at < best.at)
}

function take({ load }: Arena, field: Field, at: number, isNew: boolean): void {
  const id = field.ids[at] ?? 0
  load[id] = (load[id] ?? 0) + 1
  field.walked[at] = (field.walked[at] ?? 0) + 1
  if (isNew) field.held[at] = (field.held[at] ?? 0) + 1
  field.seen++
}

/**
 * Rendezvous hashing with bounded load: the highest-ranked of the nodes that have room. There are three
 * bounds, each one above the mean; a node beyond fewer of them comes first:
 *
 * 1. of this field, with every claim: what this and all older and younger groups come to. It is never broken,
 *    so no node is given more than ceil(groups / nodes) + 1 of them.
 * 2. of this field, among the groups up to this one. While claims stand where this walk would put them, it
 *    alone decides: so a speaker that sees only some of the others' fresh claims, or not yet the youngest
 *    Services, places all it sees as the others do.
 * 3. of all fields, among the groups up to this one: evens out where each Service has its own few nodes
 *    (Local), and no field is large enough for its own bound to matter.
 *
 * What a node releases goes to another, and the bounds leave no room above the mean then: it is released to even out.
 */
function place(arena: Arena, field: Field, hash: number, releaser: number | undefined): number {
  const bounds = boundsFor(arena, field, releaser === undefined ? 1 : 0)
  let best = { at: 0, rank: -1, broken: Infinity }
  for (let at = 0; at < field.takers; at++) {
    if (at === releaser && field.takers > 1) continue
    const broken = brokenBounds(arena, field, at, bounds)
    if (broken > best.broken) continue
    const rank = rankOf(hash, field.hashes[at] ?? 0)
    if (broken < best.broken || isAbove(rank, at, best)) best = { at, rank, broken }
  }
  return best.at
}

type Bounds = { readonly whole: number; readonly walk: number; readonly load: number }

function boundsFor({ load }: Arena, { ids, takers, size, seen }: Field, room: number): Bounds {
  const loads = ids.reduce((sum, id) => sum + (load[id] ?? 0), 0)
  const bound = (groups: number): number => Math.ceil(groups / takers) + room
  return { whole: bound(size), walk: bound(seen + 1), load: bound(loads + 1) }
}

/** 0: none; 1: the third; 2: the second; 3: the first. */
function brokenBounds({ load }: Arena, field: Field, at: number, bounds: Bounds): number {
  if ((field.held[at] ?? 0) >= bounds.whole) return 3
  if ((field.walked[at] ?? 0) >= bounds.walk) return 2
  return (load[field.ids[at] ?? 0] ?? 0) >= bounds.load ? 1 : 0
}
