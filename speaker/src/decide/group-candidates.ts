import type { Candidate } from './ownership.ts'

/**
 * Who may own a whole group: the nodes that may own every member. Where no node can (two Local Services on one
 * address whose endpoints are on different nodes), those that may own most of them: part of a group answers
 * better than none of it. Weights add up over the members.
 * @param sets of each member its candidates, sorted by node
 */
export function groupCandidates(sets: readonly (readonly Candidate[])[]): readonly Candidate[] {
  const [first] = sets
  if (first === undefined || sets.every((set) => set === first)) return first ?? []
  const tally = new Map<string, { members: number; candidate: Candidate }>()
  for (const found of sets.flat()) {
    const { members = 0, candidate } = tally.get(found.node) ?? {}
    const weight = (candidate?.weight ?? 0) + found.weight
    tally.set(found.node, { members: members + 1, candidate: { ...found, weight } })
  }
  const most = Math.max(0, ...[...tally.values()].map(({ members }) => members))
  return [...tally]
    .filter(([, { members }]) => members === most)
    .map(([, { candidate }]) => candidate)
    .sort((a, b) => (a.node < b.node ? -1 : 1))
}
