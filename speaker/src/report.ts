import type { SessionView } from '@steelyard/bgp-ts'
import type { Clock, TimeOfDay } from '@steelyard/runtime'
import type { ArpSettings } from './decide/arp-settings.ts'
import type { ReportedConflict, ReportedMove, SpeakerReport } from './decide/speaker-report.ts'
import type { ReportedSession } from './decide/session-report.ts'
import type { HeldClaim, Move } from './decide/tenure.ts'
import type { BfdFact } from './link/messages.ts'
import type { Peers } from './peers.ts'
import type { SpeakerStatusWriter } from './speaker-status.ts'

/** What this speaker says of itself in its SpeakerStatus. */
export type Report = {
  readonly onHeld: (claims: ReadonlyMap<string, HeldClaim>, moves: readonly Move[]) => void
  /** Conflicts as they are now. */
  readonly onConflicts: (conflicts: readonly Omit<ReportedConflict, 'since'>[]) => void
  /** All BGP sessions as they are now, whenever one is another. */
  readonly onSessions: (sessions: readonly ObservedSession[]) => void
  readonly onArp: (settings: ArpSettings) => void
  readonly onDrops: (drops: Readonly<Record<string, number>>) => void
  /** Something else of it changed: members, standing, policy. */
  readonly refresh: () => void
}

/** A session as its shell sees it: times on the clock of this thread. */
export type ObservedSession = Omit<ReportedSession, 'view' | 'since' | 'bfd'> & {
  readonly view: SessionView
  readonly bfd?: Omit<BfdFact, 'key'>
}

export type ReportPorts = {
  readonly node: string
  readonly peers: Pick<Peers, 'isOn' | 'standing' | 'members'>
  readonly policyGeneration: () => number
  /** Nothing is told before everything has been seen once. */
  readonly isReady: () => boolean
  /** The Services that have an address, as `namespace/name`. */
  readonly servicesOn: (ip: string) => readonly string[]
  readonly status: Pick<SpeakerStatusWriter, 'want'>
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
}

type State = {
  readonly ports: ReportPorts
  readonly startedAt: number
  /** Whether a pass has been told of. */
  isTold: boolean
  claims: ReadonlyMap<string, HeldClaim>
  moves: readonly ReportedMove[]
  readonly conflicts: Map<string, ReportedConflict>
  drops: Readonly<Record<string, number>>
  sessions: readonly ObservedSession[]
  arp: ArpSettings | undefined
  /** The clock's zero as a date, in milliseconds since 1970. */
  epochMs: number
}

const MOST_MOVES = 50
/** Two clocks read one after the other differ by a millisecond now and then: that must not look like news, and be written. */
const CLOCK_SET_MS = 1000

export function speakerReport(ports: ReportPorts): Report {
  const state = newState(ports)
  const tell = (): void => {
    if (ports.isReady()) ports.status.want(reportOf(state))
  }
  return {
    onHeld: (claims, moves) => {
      if (moves.length === 0 && state.isTold && sameClaims(claims, state.claims)) return
      state.isTold = true
      state.claims = claims
      state.moves = [...state.moves, ...moves.map((move) => dated(move, ports.timeOfDay()))].slice(-MOST_MOVES)
      tell()
    },
    onConflicts: (conflicts) => {
      replaceConflicts(state, conflicts)
      tell()
    },
    onSessions: (sessions) => {
      state.sessions = sessions
      tell()
    },
    onArp: (arp) => {
      state.arp = arp
      tell()
    },
    onDrops: (drops) => {
      state.drops = drops
      tell()
    },
    refresh: tell,
  }
}

function newState(ports: ReportPorts): State {
  return {
    ports,
    startedAt: ports.clock.now(),
    isTold: false,
    claims: new Map(),
    moves: [],
    conflicts: new Map(),
    drops: {},
    sessions: [],
    arp: undefined,
    epochMs: epochOf(ports),
  }
}

/** Claims keep being the same objects while nothing about them changes. */
function sameClaims(a: ReadonlyMap<string, HeldClaim>, b: ReadonlyMap<string, HeldClaim>): boolean {
  return a.size === b.size && [...a].every(([ip, claim]) => b.get(ip) === claim)
}

function dated({ ip, from = '', to, cause }: Move, at: Date): ReportedMove {
  return { at, ip, from, to, cause }
}

function datedSession({ view, bfd, ...rest }: ObservedSession, dateOf: (at: number) => Date): ReportedSession {
  const { since, ...lasting } = view
  const watched = bfd === undefined ? {} : { bfd: { ...bfd, since: dateOf(bfd.since) } }
  return { ...rest, view: lasting, since: dateOf(since), ...watched }
}

function replaceConflicts({ conflicts, ports }: State, now: readonly Omit<ReportedConflict, 'since'>[]): void {
  const keyed = new Map(now.map((one) => [`${one.ip} ${one.mac} ${one.interface}`, one]))
  for (const key of conflicts.keys()) if (!keyed.has(key)) conflicts.delete(key)
  for (const [key, one] of keyed) if (!conflicts.has(key)) conflicts.set(key, { ...one, since: ports.timeOfDay() })
}

function epochOf({ clock, timeOfDay }: ReportPorts): number {
  return timeOfDay().getTime() - clock.now()
}

function reportOf(state: State): SpeakerReport {
  const { ports, startedAt, claims, moves, conflicts, drops, sessions, arp } = state
  const { node, peers } = ports
  const epochMs = epochOf(ports)
  if (Math.abs(epochMs - state.epochMs) >= CLOCK_SET_MS) state.epochMs = epochMs
  const dateOf = (monotonicMs: number): Date => new Date(state.epochMs + monotonicMs)
  return {
    standing: peers.isOn ? peers.standing() : 'off',
    policyGeneration: ports.policyGeneration(),
    members: [
      { node, status: 'alive', since: dateOf(startedAt) },
      ...peers.members().map((member) => ({ node: member.node, status: member.status, since: dateOf(member.since) })),
    ],
    owned: [...claims.values()].map(({ ip, epoch, since, cause }) => ({
      ip,
      epoch,
      cause,
      since: dateOf(since),
      services: ports.servicesOn(ip),
    })),
    moves,
    conflicts: [...conflicts.values()],
    sessions: sessions.map((session) => datedSession(session, dateOf)),
    arp,
    drops,
  }
}
