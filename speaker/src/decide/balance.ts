import { type Candidate, takersAmong } from './ownership.ts'
import type { TenureGroup } from './tenure.ts'

export type BalanceFacts<Group extends TenureGroup> = {
  readonly self: string
  /** Oldest first. */
  readonly groups: readonly Group[]
  readonly owners: ReadonlyMap<string, string>
  /** Equal lists are one list. */
  readonly candidatesOf: (group: Group) => readonly Candidate[]
}

type Share = { total: number; readonly mine: string[] }

/**
 * The keys of the groups that this node owns above its share, the youngest of them: per set of nodes that compete
 * for the same groups, more than ceil(groups / nodes).
 */
export function excessOf<Group extends TenureGroup>(facts: BalanceFacts<Group>): ReadonlySet<string> {
  const { self, groups, owners, candidatesOf } = facts
  const shares = new Map<readonly Candidate[], Share>()
  for (const group of groups) {
    const candidates = candidatesOf(group)
    const share = shares.get(candidates) ?? { total: 0, mine: [] }
    share.total += 1
    if (owners.get(group.key) === self) share.mine.push(group.key)
    shares.set(candidates, share)
  }
  return new Set([...shares].flatMap(([candidates, share]) => aboveShare(share, takersAmong(candidates).length)))
}

function aboveShare({ total, mine }: Share, takers: number): string[] {
  return takers === 0 ? [] : mine.slice(Math.ceil(total / takers))
}
