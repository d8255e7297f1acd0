import type { BfdState } from '@steelyard/bfd'
import type { SessionState, SessionView } from '@steelyard/bgp-ts'
import { type Family, formatAddress } from '@steelyard/net'
import { type Condition, SPEAKER_CONDITIONS } from '@steelyard/model'
import type { BfdFact } from '../link/messages.ts'

/** One BGP session as it is now. */
export type ReportedSession = {
  /** Name of the BGPPeer. */
  readonly peer: string
  /** Address and port, or the interface of an unnumbered one. */
  readonly neighbour: string
  readonly localAsn: number
  readonly view: Omit<SessionView, 'since'>
  /** When it came into its state. */
  readonly since: Date
  /** Where a BFD session watches over it. */
  readonly bfd?: Omit<BfdFact, 'key' | 'since'> & { readonly since: Date }
}

export type ShownSession = {
  readonly peer: string
  readonly neighbour: string
  readonly state: string
  readonly since: string
  readonly flaps: number
  readonly lastError?: string
  readonly announced: number
  readonly pending: number
  readonly unsendable: number
  readonly localASN: number
  readonly remoteASN?: number
  readonly remoteRouterID?: string
  readonly holdTime?: string
  readonly keepaliveTime?: string
  readonly families?: readonly string[]
  readonly gracefulRestart?: boolean
  readonly bfd?: ShownBfd
}
type ShownBfd = {
  readonly state: string
  readonly since: string
  readonly transmitInterval: string
  readonly receiveInterval: string
  readonly detectionTime: string
  readonly echoInterval?: string
  readonly lastDown?: string
}

/** The words of RFC 4271 section 8.2.2 and of RFC 5880 section 6.2. */
const STATE: Readonly<Record<SessionState, string>> = {
  idle: 'Idle',
  connect: 'Connect',
  active: 'Active',
  openSent: 'OpenSent',
  openConfirm: 'OpenConfirm',
  established: 'Established',
}
const BFD_STATE: Readonly<Record<BfdState, string>> = { adminDown: 'AdminDown', down: 'Down', init: 'Init', up: 'Up' }
const FAMILY: Readonly<Record<Family, string>> = { 4: 'IPv4', 6: 'IPv6' }

/** The schema's own bound; a peer may send words of its own in it. */
const LONGEST_SENTENCE = 1024

export function shownSession({ peer, neighbour, localAsn, view, since, bfd }: ReportedSession): ShownSession {
  const { state, flaps, lastError, announced, pending, unsendable } = view
  return {
    peer,
    neighbour,
    state: STATE[state],
    since: since.toISOString(),
    flaps,
    ...(lastError === undefined ? {} : { lastError: sentence(lastError) }),
    announced,
    pending,
    unsendable,
    localASN: localAsn,
    ...agreed(view),
    ...(bfd === undefined ? {} : { bfd: shownBfd(bfd) }),
  }
}

function agreed({ established }: ReportedSession['view']): Partial<ShownSession> {
  if (established === undefined) return {}
  const { remoteAsn, remoteRouterId, holdMs, keepaliveMs, families, gracefulRestart } = established
  return {
    remoteASN: remoteAsn,
    remoteRouterID: formatAddress({ family: 4, words: [remoteRouterId] }),
    holdTime: durationText(holdMs),
    keepaliveTime: durationText(keepaliveMs),
    families: families.map((family) => FAMILY[family]),
    gracefulRestart,
  }
}

function shownBfd(bfd: NonNullable<ReportedSession['bfd']>): ShownBfd {
  const { state, since, transmitMs, receiveMs, detectMs, echoMs, lastDown } = bfd
  return {
    state: BFD_STATE[state],
    since: since.toISOString(),
    transmitInterval: durationText(transmitMs),
    receiveInterval: durationText(receiveMs),
    detectionTime: durationText(detectMs),
    ...(echoMs === undefined ? {} : { echoInterval: durationText(echoMs) }),
    ...(lastDown === undefined ? {} : { lastDown: sentence(lastDown) }),
  }
}

/** Cut, and such that the API server stores what it is sent: half a character would come back as another. */
function sentence(text: string): string {
  return (text.length > LONGEST_SENTENCE ? `${text.slice(0, LONGEST_SENTENCE - 1)}…` : text).toWellFormed()
}

function durationText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms * 1000) / 1000}ms`
}

/**
 * What of a session is worth a write soon: not how many prefixes there are, nor how far each of many attempts to
 * connect has come.
 */
export function lastingPart(session: ShownSession): object {
  const { announced: _, pending: __, unsendable, state, since, ...rest } = session
  const isUp = state === STATE.established
  return { ...rest, lacksSome: unsendable > 0, ...(isUp ? { upSince: since } : {}) }
}

/** Undefined without peers. */
export function sessionsCondition(
  sessions: readonly ReportedSession[],
): Omit<Condition, 'lastTransitionTime'> | undefined {
  if (sessions.length === 0) return undefined
  const type = SPEAKER_CONDITIONS.bgpSessions
  const down = sessions.filter(({ view }) => view.state !== 'established')
  if (down.length === 0) {
    return { type, status: 'True', reason: 'AllEstablished', message: `${sessions.length} of ${sessions.length}` }
  }
  const told = down
    .toSorted((a, b) => (a.peer < b.peer ? -1 : 1))
    .slice(0, MOST_TOLD)
    .map(({ peer, neighbour, view }) => {
      const why = view.lastError === undefined ? 'has not been established yet' : sentence(view.lastError)
      return `${peer} (${neighbour}): ${why}`
    })
  const more = down.length > told.length ? [`and ${down.length - told.length} more`] : []
  const message = `${down.length} of ${sessions.length} are not established: ${[...told, ...more].join('; ')}`
  return { type, status: 'False', reason: 'NotEstablished', message }
}

const MOST_TOLD = 5
