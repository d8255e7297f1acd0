import { type Framer, messageFramer } from '../codec/framer.ts'
import { type InspectedMessage, inspectMessage } from '../codec/message-codec.ts'
import { OPENING_TERMS, type WireTerms } from '../codec/wire-terms.ts'
import type { Connection } from '../peer.ts'
import type { MachineEvent, TrackId } from './state.ts'
import type { Tally } from './tally.ts'

/** One connection, as the shell has it. */
export type Line = {
  readonly track: TrackId
  readonly connection: Connection
  readonly framer: Framer
  terms: WireTerms
  /** Nothing is to be sent before the peer has read. */
  isBlocked: boolean
}

export const lineOf = (track: TrackId, connection: Connection): Line => ({
  track,
  connection,
  framer: messageFramer(),
  terms: OPENING_TERMS,
  isBlocked: false,
})

/**
 * Reads what came, one message at a time since one may change how the next is to be read. No message is kept: an UPDATE
 * is looked at, counted, and forgotten.
 * @param advance takes each event at once; @returns whether the line is still there
 */
export function hear(line: Line, bytes: Uint8Array, tally: Tally, advance: (event: MachineEvent) => boolean): void {
  line.framer.push(bytes)
  let isThere = true
  while (isThere) {
    const frame = line.framer.next(line.terms)
    if (frame === undefined) return
    const inspected = frame.kind === 'error' ? frame : inspectMessage(frame.bytes, line.terms)
    isThere = advance(eventOf(line.track, inspected, tally))
  }
}

function eventOf(track: TrackId, inspected: InspectedMessage, tally: Tally): MachineEvent {
  if (inspected.kind === 'error') {
    const { notification, why } = inspected
    return { kind: 'malformed', track, notification, why }
  }
  if (inspected.kind === 'message') {
    const { message } = inspected
    tally.received[message.kind] += 1
    return { kind: 'message', track, message }
  }
  tally.received.update += 1
  tally.receivedPrefixes += inspected.announced + inspected.withdrawn
  if (inspected.withdrawWhy !== undefined || inspected.problems.length > 0) tally.malformedUpdates += 1
  return { kind: 'message', track, message: { kind: 'update' } }
}
