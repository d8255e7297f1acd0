import type { ReportedAddress, SpeakerReport } from '../decide/speaker-report.ts'

export const SINCE = new Date('2026-01-01T00:00:00Z')

/** A speaker that is well, alone, and owns nothing. */
export const REPORT: SpeakerReport = {
  standing: 'settled',
  policyGeneration: 0,
  members: [{ node: 'n1', status: 'alive', since: SINCE }],
  owned: [],
  moves: [],
  conflicts: [],
  drops: {},
}

export function address(ip: string): ReportedAddress {
  return { ip, epoch: 1, since: SINCE, services: ['shop/web'], cause: 'Planned' }
}
