import { notificationOf } from '../codec/refusal.ts'
import { ERROR_CODE, UNSPECIFIC } from '../constants.ts'
import { drop } from './ending.ts'
import { breakOff, sendKeepalive } from './messages.ts'
import type { MachineState, Track, Turn } from './state.ts'
import { OPEN_WITHIN_MS, SEND_HOLD_MS } from './timing.ts'
import { tryNow, waitAfter } from './waiting.ts'

/** Events 9, 10, 11, 13: whatever is due. */
export function tick(turn: Turn): void {
  const { state, now } = turn
  // A connection that ends now is not followed by the next one before its wait has been seen to end, if only for a turn.
  const hasWaited = now >= state.waitUntil
  for (const track of state.tracks) {
    if (now >= track.holdAt) silence(turn, track)
    else if (now >= sendHoldAt(track)) giveUpSending(turn, track)
    else if (now >= track.keepaliveAt) sendKeepalive(turn, track)
  }
  if (hasWaited) tryNow(turn)
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`

/** Event 10, and event 9 while there is no byte stream yet. */
function silence(turn: Turn, track: Track): void {
  if (track.state === 'connecting') {
    drop(turn, track, undefined)
    turn.state.lastError = `no connection within ${seconds(OPEN_WITHIN_MS)}: nothing answers; look at the peer's address, the route to it, and firewalls`
    return waitAfter(turn, track, 'unreachable')
  }
  breakOff(turn, track, notificationOf(ERROR_CODE.holdTimer, UNSPECIFIC), silenceText(track))
}

function silenceText({ state, agreed }: Track): string {
  const holdMs = agreed?.holdMs ?? 0
  if (state === 'openSent')
    return `the peer took the connection and sent no OPEN within ${seconds(OPEN_WITHIN_MS)}: is it BGP what listens there, and is this neighbour enabled?`
  if (state === 'openConfirm')
    return `the peer sent its OPEN and then no KEEPALIVE within ${seconds(holdMs || OPEN_WITHIN_MS)}`
  return `hold timer expired after ${seconds(holdMs)} of silence: the peer hangs, or the path to it is cut`
}

/** RFC 9687: a peer that does not read can not be told either that its routes are old. */
function giveUpSending(turn: Turn, track: Track): void {
  const waited = seconds(sendHoldMs(track))
  breakOff(
    turn,
    track,
    notificationOf(ERROR_CODE.sendHoldTimer, UNSPECIFIC),
    `send hold timer expired: the peer has read nothing of what we sent for ${waited}`,
  )
}

const sendHoldMs = ({ agreed }: Track): number => Math.max(SEND_HOLD_MS, 2 * (agreed?.holdMs ?? 0))

const sendHoldAt = (track: Track): number =>
  track.blockedAt === undefined ? Number.POSITIVE_INFINITY : track.blockedAt + sendHoldMs(track)

/** When `tick` has something to do again; Infinity = never. */
export function nextDeadline(state: MachineState): number {
  return Math.min(
    state.waitUntil,
    ...state.tracks.flatMap((track) => [track.holdAt, track.keepaliveAt, sendHoldAt(track)]),
  )
}
