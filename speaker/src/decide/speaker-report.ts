import { type Condition, SPEAKER_CONDITIONS } from '@steelyard/model'
import { type ArpSettings, kernelCondition } from './arp-settings.ts'
import { type ReportedSession, sessionsCondition, type ShownSession, shownSession } from './session-report.ts'

/** Whether a speaker takes part among the others; `off`: it has no membership. */
export type ReportedStanding = 'settling' | 'settled' | 'doubting' | 'fenced' | 'off'

export type ReportedMember = {
  readonly node: string
  readonly status: 'alive' | 'suspect' | 'dead' | 'left' | 'unknown'
  readonly since: Date
}
export type ReportedAddress = {
  readonly ip: string
  readonly epoch: number
  readonly since: Date
  /** `namespace/name`. */
  readonly services: readonly string[]
  /** One word for why it was taken. */
  readonly cause: string
}
export type ReportedMove = {
  readonly at: Date
  readonly ip: string
  /** Empty: nobody. */
  readonly from: string
  readonly to: string
  readonly cause: string
}
export type ReportedConflict = {
  readonly ip: string
  readonly mac: string
  readonly interface: string
  readonly since: Date
  /** The node whose MAC it is, where another speaker says so. */
  readonly ofNode?: string
}

/** All that a speaker tells of itself, in any order. */
export type SpeakerReport = {
  readonly standing: ReportedStanding
  /** Of the SpeakerPolicy in force; 0 = none. */
  readonly policyGeneration: number
  /** This node among them. */
  readonly members: readonly ReportedMember[]
  readonly owned: readonly ReportedAddress[]
  /** Oldest first. */
  readonly moves: readonly ReportedMove[]
  readonly conflicts: readonly ReportedConflict[]
  readonly sessions: readonly ReportedSession[]
  /** Undefined before they were looked at. */
  readonly arp: ArpSettings | undefined
  /** Messages of membership that were not believed, by reason. */
  readonly drops: Readonly<Record<string, number>>
}

/** The status of a SpeakerStatus, without its conditions. */
export type ReportedStatus = {
  readonly node: string
  readonly standing: ReportedStanding
  readonly observedPolicyGeneration: number
  readonly memberCount: number
  readonly members: readonly { readonly node: string; readonly status: string; readonly since: string }[]
  readonly ownedCount: number
  readonly owned: readonly ShownAddress[]
  readonly moves: readonly (Omit<ReportedMove, 'at'> & { readonly at: string })[]
  readonly conflicts: readonly (Omit<ReportedConflict, 'since'> & { readonly since: string })[]
  readonly sessionCount: number
  readonly establishedCount: number
  /** For the column; absent without peers. */
  readonly sessionsUp?: string
  readonly sessions: readonly ShownSession[]
  readonly dropped: readonly { readonly reason: string; readonly count: number }[]
}
type ShownAddress = Omit<ReportedAddress, 'since'> & { readonly since: string }

/** The schema's own bounds, and those that keep an object well below what etcd takes (1.5 MiB). */
const MOST = {
  members: 2048,
  owned: 4096,
  moves: 50,
  conflicts: 100,
  sessions: 256,
  reasons: 100,
  servicesEach: 8,
} as const
const BYTES = { members: 256 * 1024, owned: 512 * 1024, services: 64 * 1024, sessions: 64 * 1024 } as const

/** What a report looks like in the API: sorted, so that the same report is the same status, and bounded. */
export function reportedStatus(node: string, report: SpeakerReport): ReportedStatus {
  const { standing, policyGeneration, members, owned, moves, conflicts, drops } = report
  return {
    node,
    standing,
    observedPolicyGeneration: policyGeneration,
    memberCount: members.filter(({ status }) => status === 'alive').length,
    members: withinBytes(
      members
        .map(timed)
        .sort(by(({ node: name }) => name))
        .slice(0, MOST.members),
      BYTES.members,
    ),
    ownedCount: owned.length,
    owned: shownAddresses(owned),
    moves: moves.slice(-MOST.moves).map((move) => ({ ...move, at: move.at.toISOString() })),
    conflicts: conflicts
      .map(timed)
      .sort(by(({ ip, mac }) => `${ip} ${mac}`))
      .slice(0, MOST.conflicts),
    ...sessionsOf(report),
    dropped: Object.entries(drops)
      .flatMap(([reason, count]) => (count > 0 ? [{ reason, count }] : []))
      .sort(by(({ reason }) => reason))
      .slice(0, MOST.reasons),
  }
}

function sessionsOf({ sessions }: SpeakerReport): Pick<ReportedStatus, 'sessions' | SessionCount> {
  const sessionCount = sessions.length
  const establishedCount = sessions.filter(({ view }) => view.state === 'established').length
  const shown = sessions
    .map(shownSession)
    .sort(by(({ peer }) => peer))
    .slice(0, MOST.sessions)
  return {
    sessionCount,
    establishedCount,
    ...(sessionCount === 0 ? {} : { sessionsUp: `${establishedCount}/${sessionCount}` }),
    sessions: withinBytes(shown, BYTES.sessions),
  }
}
type SessionCount = 'sessionCount' | 'establishedCount' | 'sessionsUp'

function timed<T extends { readonly since: Date }>(entry: T): Omit<T, 'since'> & { readonly since: string } {
  return { ...entry, since: entry.since.toISOString() }
}

function by<T>(key: (entry: T) => string): (a: T, b: T) => number {
  return (a, b) => {
    const [one, other] = [key(a), key(b)]
    return one < other ? -1 : Number(one > other)
  }
}

/** Addresses count for more than the Services behind them, so those are left out first. */
function shownAddresses(owned: readonly ReportedAddress[]): readonly ShownAddress[] {
  const sorted = owned
    .map(timed)
    .sort(by(({ ip }) => ip))
    .slice(0, MOST.owned)
  const bare = withinBytes(
    sorted.map((entry) => ({ ...entry, services: [] })),
    BYTES.owned,
  )
  let left: number = BYTES.services
  return bare.map((entry, at) => {
    const services = (sorted[at]?.services ?? []).toSorted().slice(0, MOST.servicesEach)
    left -= sizeOf(services)
    return left < 0 ? entry : { ...entry, services }
  })
}

function withinBytes<T>(entries: readonly T[], most: number): readonly T[] {
  let left = most
  const end = entries.findIndex((entry) => (left -= sizeOf(entry)) < 0)
  return end < 0 ? entries : entries.slice(0, end)
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1
}

/** What the conditions of a SpeakerStatus are to say; since when, only their object knows. */
export function reportedConditions({
  owned,
  conflicts,
  standing,
  sessions,
  arp,
}: SpeakerReport): readonly Omit<Condition, 'lastTransitionTime'>[] {
  const [first] = conflicts
  const answers = owned.length > 0
  const bgp = sessionsCondition(sessions)
  return [
    {
      type: SPEAKER_CONDITIONS.announcing,
      status: answers ? 'True' : 'False',
      reason: answers ? 'Announcing' : SILENT[standing],
      message: answers ? `answers for ${count(owned.length, 'address', 'addresses')}` : SILENCE[standing],
    },
    {
      type: SPEAKER_CONDITIONS.addressConflict,
      status: first === undefined ? 'False' : 'True',
      reason: first === undefined ? 'NoConflict' : answererOf(first),
      message: first === undefined ? '' : conflictText(first, conflicts.length - 1),
    },
    ...(bgp === undefined ? [] : [bgp]),
    ...(arp === undefined ? [] : [kernelCondition(arp)]),
  ]
}

function answererOf({ ofNode }: ReportedConflict): string {
  return ofNode === undefined ? 'ForeignAnswer' : 'NodeAnswer'
}

function conflictText({ ip, mac, interface: name, ofNode }: ReportedConflict, more: number): string {
  const others = more === 0 ? '' : `, and ${count(more, 'more conflict', 'more conflicts')}`
  const who = ofNode === undefined ? mac : `node ${ofNode} (${mac})`
  return `${who} answers for ${ip} on ${name}, which this node announces${others}`
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}

const SILENT: Readonly<Record<ReportedStanding, string>> = {
  settling: 'Settling',
  settled: 'NothingOwned',
  doubting: 'Doubting',
  fenced: 'Fenced',
  off: 'NothingOwned',
}
const SILENCE: Readonly<Record<ReportedStanding, string>> = {
  settling: 'has just started, and learns what the others answer for',
  settled: 'owns no address',
  doubting: 'was late or cut off, and makes sure of the others first',
  fenced: 'hears less than a majority of the others, and is silent as the policy says',
  off: 'owns no address',
}
