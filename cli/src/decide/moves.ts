import type { ReportedMove, SpeakerReport } from './cluster-objects.ts'
import { reportsOf } from './speaker-reports.ts'

/** Both ends of a move report it, each by its own clock. */
const SAME_MOVE_MS = 10_000

/** All moves that speakers report, oldest first, each once: as the node that took the address has it, if it is there to say. */
export function mergedMoves(statuses: readonly SpeakerReport[]): readonly ReportedMove[] {
  const all = reportsOf(statuses).flatMap(({ node: by, moves }) => moves.map((move) => ({ by, move })))
  const takers = all.filter(({ by, move }) => by === move.to)
  const others = all.filter(({ by, move }) => by !== move.to && !takers.some((taker) => isSame(taker.move, move)))
  return [...takers, ...others]
    .map(({ move }) => move)
    .sort((a, b) => (a.at === b.at ? (a.ip < b.ip ? -1 : 1) : a.at < b.at ? -1 : 1))
}

function isSame(a: ReportedMove, b: ReportedMove): boolean {
  if (a.ip !== b.ip || (a.to ?? '') !== (b.to ?? '')) return false
  return Math.abs(Date.parse(a.at) - Date.parse(b.at)) < SAME_MOVE_MS
}
