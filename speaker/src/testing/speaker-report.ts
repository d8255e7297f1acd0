import type { ReportedSession } from '../decide/session-report.ts'
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
  sessions: [],
  arp: undefined,
  drops: {},
}

export function address(ip: string): ReportedAddress {
  return { ip, epoch: 1, since: SINCE, services: ['shop/web'], cause: 'Planned' }
}

type SessionParts = { readonly established?: true; readonly lastError?: string } & Pick<ReportedSession, 'bfd'>

/** One that connects, unless it is established. */
export function session(peer: string, { established, lastError, bfd }: SessionParts = {}): ReportedSession {
  const counts = { flaps: 0, announced: established ? 3 : 0, pending: 0, unsendable: 0 }
  return {
    peer,
    neighbour: '192.0.2.1:179',
    localAsn: 64_512,
    since: SINCE,
    view: {
      state: established ? 'established' : 'active',
      ...counts,
      ...(lastError === undefined ? {} : { lastError }),
      ...(established ? { established: AGREED } : {}),
    },
    ...(bfd === undefined ? {} : { bfd }),
  }
}

const AGREED: NonNullable<ReportedSession['view']['established']> = {
  localAddress: { family: 4, words: [0xc000_0202] },
  remoteAddress: { family: 4, words: [0xc000_0201] },
  remoteAsn: 64_513,
  remoteRouterId: 0xc000_0201,
  holdMs: 90_000,
  keepaliveMs: 30_000,
  families: [4, 6],
  fourOctetAsn: true,
  extendedNextHop: false,
  gracefulRestart: true,
  routeRefresh: true,
}
