import type { ReportedConflict, ReportedMove, ReportedSession, SpeakerReport } from './cluster-objects.ts'

type Status = NonNullable<SpeakerReport['status']>

/** What one speaker reports of itself; whatever it left out is empty. */
export type Report = {
  readonly node: string
  readonly standing: string
  readonly members: NonNullable<Status['members']>
  readonly owned: NonNullable<Status['owned']>
  readonly moves: readonly ReportedMove[]
  readonly conflicts: readonly ReportedConflict[]
  readonly sessions: readonly ReportedSession[]
  readonly conditions: NonNullable<Status['conditions']>
}

const EMPTY: Report = {
  node: '',
  standing: 'unknown',
  members: [],
  owned: [],
  moves: [],
  conflicts: [],
  sessions: [],
  conditions: [],
}

export function reportsOf(statuses: readonly SpeakerReport[]): readonly Report[] {
  return statuses.map(({ status }) => ({ ...EMPTY, ...status }))
}

export function reportOf(statuses: readonly SpeakerReport[], node: string): Report {
  return reportsOf(statuses).find((report) => report.node === node) ?? { ...EMPTY, node }
}

/** Another machine, and the node that saw it. */
export type SeenConflict = ReportedConflict & { readonly node: string }

/** Whose it is, as far as is known. */
export function machineOf({ mac, ofNode }: ReportedConflict): string {
  return ofNode === undefined ? mac : `node ${ofNode} (${mac})`
}

export function conflictsOf(statuses: readonly SpeakerReport[]): readonly SeenConflict[] {
  return reportsOf(statuses).flatMap(({ node, conflicts }) => conflicts.map((conflict) => ({ node, ...conflict })))
}
