import type { ReportedMove } from '../decide/cluster-objects.ts'
import { age } from './age.ts'
import { table } from './table.ts'

/** The latest first: that is what somebody at night looks for. */
export function movesTable(moves: readonly ReportedMove[], now: Date): string {
  const rows = moves
    .toReversed()
    .map(({ at, ip, from = '', to = '', cause = '' }) => [age(at, now), at, ip, from || '-', to || '-', cause])
  return table(['AGE', 'AT', 'ADDRESS', 'FROM', 'TO', 'CAUSE'], rows, 'no speaker reports a move')
}
