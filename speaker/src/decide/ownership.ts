import { type Address, compareAddresses } from '@steelyard/net'
import { hashText, rankOf } from './rendezvous.ts'

/** A node that may own a group, and how much its operator prefers it. */
export type Candidate = { readonly node: string; readonly weight: number }

/**
 * A node says that it owns a group. The later claim is the better: whoever took over knew of the earlier.
 * Times of day are compared only with each other, as the API server wrote them.
 */
export type Claim = {
  readonly node: string
  /** RFC 3339 in UTC, or `NOT_WRITTEN_YET`. */
  readonly since: string
}

/** Later than every time: a claim that the API does not show yet. Only its own speaker can know of it. */
export const NOT_WRITTEN_YET = '~'

/** What is owned as one: addresses and Services that hang together (decision record 0002). */
export type OwnableGroup = {
  /** The same on every speaker, and no other group's: what owners are found by, and what nodes are ranked for. */
  readonly key: string
  /** Of its oldest Service; RFC 3339 in UTC. */
  readonly createdAt: string
  readonly lowestAddress: Address
  /** Sorted by node. Groups with the same candidates should share one list: that is what makes this fast. */
  readonly candidates: readonly Candidate[]
  readonly claims: readonly Claim[]
}

/**
 * Who owns what. The same on every speaker that has the same facts, whatever their order:
 *
 * - Only the candidates of the highest weight count.
 * - One of them that claims the group keeps it. Of several claims the latest wins, then the highest rank.
 * - What nobody claims is placed by `place`, oldest first.
 *
 * A group without candidates has no owner and is left out of the result.
 */
export function assignOwners(groups: readonly OwnableGroup[]): ReadonlyMap<string, string> {
  const ordered = groups.toSorted(byAge)
  const arena: Arena = { fields: new Map(), byCandidates: new Map(), nodes: new Map(), load: [] }
  const seats = ordered.map((group) => seatOf(arena, group))
  const owners = new Map<string, string>()
  for (const seat of seats) {
    const at = seat.claimed ?? place(arena, seat)
    if (at === undefined) continue
    take(arena, seat, at)
    const owner = seat.field.nodes[at]
    if (owner !== undefined) owners.set(seat.key, owner)
  }
  return owners
}

/** Decision record 0004: what is older is placed first, so that a younger group never moves it. */
function byAge(a: OwnableGroup, b: OwnableGroup): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  return compareAddresses(a.lowestAddress, b.lowestAddress)
}

/** The groups that the same nodes compete for, all equally preferred. Positions count in `nodes`. */
type Field = {
  readonly nodes: readonly string[]
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

/** A group in its field; `claimed` is the position of the node that keeps it. */
type Seat = { readonly key: string; readonly hash: number; readonly field: Field; readonly claimed: number | undefined }

function seatOf(arena: Arena, group: OwnableGroup): Seat {
  const field = fieldOf(arena, group.candidates)
  const hash = hashText(group.key)
  const claimed = strongestClaim(field, hash, group.claims)
  field.size++
  if (claimed !== undefined) field.held[claimed] = (field.held[claimed] ?? 0) + 1
  return { key: group.key, hash, field, claimed }
}

function fieldOf(arena: Arena, candidates: readonly Candidate[]): Field {
  const known = arena.byCandidates.get(candidates)
  if (known !== undefined) return known
  const highest = Math.max(...candidates.map(({ weight }) => weight))
  const nodes = candidates.filter(({ weight }) => weight === highest).map(({ node }) => node)
  const name = nodes.join('\n')
  const field = arena.fields.get(name) ?? newField(arena, nodes)
  arena.fields.set(name, field)
  arena.byCandidates.set(candidates, field)
  return field
}

function newField(arena: Arena, nodes: readonly string[]): Field {
  const ids = nodes.map((node) => {
    const id = arena.nodes.get(node) ?? arena.nodes.size
    arena.nodes.set(node, id)
    arena.load[id] ??= 0
    return id
  })
  const none = nodes.map(() => 0)
  return { nodes, hashes: nodes.map(hashText), ids, walked: none, held: [...none], size: 0, seen: 0 }
}

type Strength = { readonly at: number; readonly rank: number; readonly since: string }

function strongestClaim({ nodes, hashes }: Field, hash: number, claims: readonly Claim[]): number | undefined {
  let best: Strength | undefined
  for (const { node, since } of claims) {
    const at = nodes.indexOf(node)
    if (at < 0) continue
    const claim = { at, rank: rankOf(hash, hashes[at] ?? 0), since }
    if (best === undefined || isStronger(claim, best)) best = claim
  }
  return best?.at
}

function isStronger(claim: Strength, best: Strength): boolean {
  return claim.since === best.since ? isAbove(claim.rank, claim.at, best) : claim.since > best.since
}

/** Ranks may be equal, positions are not. */
function isAbove(rank: number, at: number, best: { readonly at: number; readonly rank: number }): boolean {
  return rank > best.rank || (rank === best.rank && at < best.at)
}

function take({ load }: Arena, { field, claimed }: Seat, at: number): void {
  const id = field.ids[at] ?? 0
  load[id] = (load[id] ?? 0) + 1
  field.walked[at] = (field.walked[at] ?? 0) + 1
  if (claimed === undefined) field.held[at] = (field.held[at] ?? 0) + 1
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
 */
function place(arena: Arena, { field, hash }: Seat): number | undefined {
  const bounds = boundsFor(arena, field)
  let best: { readonly at: number; readonly rank: number; readonly broken: number } | undefined
  for (let at = 0; at < field.nodes.length; at++) {
    const broken = brokenBounds(arena, field, at, bounds)
    if (best !== undefined && broken > best.broken) continue
    const rank = rankOf(hash, field.hashes[at] ?? 0)
    if (best === undefined || broken < best.broken || isAbove(rank, at, best)) best = { at, rank, broken }
  }
  return best?.at
}

type Bounds = { readonly whole: number; readonly walk: number; readonly load: number }

function boundsFor({ load }: Arena, { ids, size, seen }: Field): Bounds {
  const loads = ids.reduce((sum, id) => sum + (load[id] ?? 0), 0)
  const bound = (groups: number): number => Math.ceil(groups / ids.length) + 1
  return { whole: bound(size), walk: bound(seen + 1), load: bound(loads + 1) }
}

/** 0: none; 1: the third; 2: the second; 3: the first. */
function brokenBounds({ load }: Arena, field: Field, at: number, bounds: Bounds): number {
  if ((field.held[at] ?? 0) >= bounds.whole) return 3
  if ((field.walked[at] ?? 0) >= bounds.walk) return 2
  return (load[field.ids[at] ?? 0] ?? 0) >= bounds.load ? 1 : 0
}
