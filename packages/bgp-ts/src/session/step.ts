import { cease } from '../codec/shutdown-text.ts'
import { CEASE } from '../constants.ts'
import type { SessionState } from '../peer.ts'
import { tick } from './alarms.ts'
import { drop, farewell, forget } from './ending.ts'
import { breakOff, receive, refuseMalformed } from './messages.ts'
import type { MachineConfig, MachineEffect, MachineEvent, MachineState, Track, Turn } from './state.ts'
import { newTrack, sendOpen, trackOf } from './tracks.ts'
import { tryNow, waitAfter } from './waiting.ts'

/**
 * The session machine, RFC 4271 section 8: what an event makes of a peer, and what is to be done, in order. Changes
 * nothing it was given. Until `nextDeadline` nothing is due of itself; then `tick`.
 * @param now milliseconds of a monotonic clock
 */
export function step(
  state: MachineState,
  event: MachineEvent,
  now: number,
  config: MachineConfig,
): { readonly state: MachineState; readonly effects: readonly MachineEffect[] } {
  const draft = { ...state, tracks: state.tracks.map((track) => ({ ...track })) }
  const turn: Turn = { state: draft, now, config, effects: [] }
  apply(turn, event)
  return { state: draft, effects: turn.effects }
}

type Appliers = {
  readonly [kind in MachineEvent['kind']]: (turn: Turn, event: Extract<MachineEvent, { kind: kind }>) => void
}

const APPLIERS: Appliers = {
  start,
  stop,
  lost,
  tick,
  accept,
  opened: (turn, { track, facts }) => onTrack(turn, track, (found) => sendOpen(turn, found, facts)),
  closed: (turn, { track, why }) => onTrack(turn, track, (found) => closed(turn, found, why)),
  message: (turn, { track, message }) => onTrack(turn, track, (found) => receive(turn, found, message)),
  malformed: (turn, { track, notification, why }) =>
    onTrack(turn, track, (found) => refuseMalformed(turn, found, notification, why)),
  retry: tryNow,
  blocked: (turn, { track }) => onTrack(turn, track, (found) => void (found.blockedAt ??= turn.now)),
  drained: (turn, { track }) => onTrack(turn, track, (found) => void (found.blockedAt = undefined)),
}

function apply(turn: Turn, event: MachineEvent): void {
  const applier = APPLIERS[event.kind] as (turn: Turn, event: MachineEvent) => void
  applier(turn, event)
}

/** What is told of a connection that has been given up meanwhile is late. */
function onTrack(turn: Turn, id: number, act: (track: Track) => void): void {
  const track = trackOf(turn.state, id)
  if (track !== undefined) act(track)
}

/** Events 1 and 4. */
function start(turn: Turn): void {
  if (turn.state.isStarted) return
  turn.state.isStarted = true
  tryNow(turn)
}

/** Event 2. */
function stop(turn: Turn, { ending }: Extract<MachineEvent, { kind: 'stop' }>): void {
  const { state } = turn
  state.isStarted = false
  state.wait = 'none'
  state.waitUntil = Number.POSITIVE_INFINITY
  for (const track of state.tracks) drop(turn, track, farewell(track, ending))
}

/** Event 8. RFC 9384. What is only being tried has not been lost. */
function lost(turn: Turn, { why }: Extract<MachineEvent, { kind: 'lost' }>): void {
  for (const track of turn.state.tracks) {
    if (track.state === 'established') breakOff(turn, track, cease(CEASE.bfdDown), why)
  }
}

/** Events 14, 15 and 17 of a connection that the peer made. */
function accept(turn: Turn, { track: id }: Extract<MachineEvent, { kind: 'accept' }>): void {
  const { state, effects } = turn
  const refuse = (subcode: number): void =>
    void effects.push({ kind: 'refuse', track: id, notification: cease(subcode) })
  // Idle: "refuses all incoming connections" (RFC 4271 section 8.2.2).
  if (!state.isStarted || state.wait === 'idleHold') return refuse(CEASE.connectionRejected)
  const standing = state.tracks.find((track) => track.state === 'established')
  if (standing?.agreed?.gracefulRestart === false) return refuse(CEASE.collision)
  // RFC 4724 section 4.2: the peer has begun anew, and the old connection is dead without a word.
  if (standing !== undefined) drop(turn, standing, undefined)
  // It would not make a second one if it still had the first.
  for (const old of state.tracks.filter(({ direction }) => direction === 'incoming'))
    drop(turn, old, cease(CEASE.collision))
  newTrack(turn, id, 'incoming')
  effects.push({ kind: 'take', track: id })
}

/** Event 18. */
function closed(turn: Turn, track: Track, why: string): void {
  forget(turn, track)
  if (turn.state.tracks.length > 0) return
  turn.state.lastError = closedText(track, why)
  waitAfter(turn, track, track.state === 'connecting' ? 'unreachable' : 'broken')
}

function closedText({ state }: Track, why: string): string {
  if (state === 'connecting') return why
  if (state === 'openSent')
    return `the peer closed the connection right after our OPEN: it may not know this neighbour, or expects another AS or password (${why})`
  if (state === 'openConfirm') return `the peer closed the connection when both OPENs had been sent (${why})`
  return `the connection was lost: ${why}`
}

/** Where a peer stands, of its connection that is furthest. */
export function sessionStateOf({ isStarted, tracks, wait }: MachineState): SessionState {
  const has = (state: Track['state']): boolean => tracks.some((track) => track.state === state)
  for (const state of ['established', 'openConfirm', 'openSent'] as const) if (has(state)) return state
  if (tracks.length > 0) return 'connect'
  return isStarted && wait === 'connectRetry' ? 'active' : 'idle'
}
