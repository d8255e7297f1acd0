import { DIAGNOSTIC, diagnosticInWords } from './constants.ts'
import { detectMs, echoDetectMs, settleIntervals } from './intervals.ts'
import type { BfdSession } from './session.ts'
import type { BfdState } from './transition.ts'

/** Why a session went down, for the peer (the Diag field) and for people. */
export type Outage = { readonly diagnostic: number; readonly sentence: string }

const inMs = (ms: number): string => `${Math.round(ms)} ms`

export function silenceOutage(session: BfdSession): Outage {
  const sentence = `no packet from ${session.config.peer} for ${inMs(detectMs(session))}`
  return { diagnostic: DIAGNOSTIC.detectionTimeExpired, sentence }
}

export function echoOutage(session: BfdSession): Outage {
  const sentence = `no echo came back from ${session.config.peer} for ${inMs(echoDetectMs(session))}`
  return { diagnostic: DIAGNOSTIC.echoFailed, sentence }
}

/** What the peer says of itself; its own diagnostic says why. */
export function peerOutage(state: BfdState, diagnostic: number): Outage {
  const reason = diagnosticInWords(diagnostic)
  const down = reason === '' ? 'the peer went down' : `the peer went down: ${reason}`
  const sentence = state === 'adminDown' ? 'the peer is administratively down' : down
  return { diagnostic: DIAGNOSTIC.neighbourDown, sentence }
}

export const OWN_WILL: Outage = {
  diagnostic: DIAGNOSTIC.administrativelyDown,
  sentence: 'administratively down on this side',
}

/**
 * Every change of state. The peer is told at once (RFC 5880 section 6.8.7), and what is sent and expected follows.
 * @param outage why, when the session is not on its way up.
 */
export function enterState(session: BfdSession, state: BfdState, now: number, outage?: Outage): void {
  if (session.state === 'up') {
    session.downs += 1
    session.lastDown = outage?.sentence
  }
  if (state === 'up') {
    session.ups += 1
    session.diagnostic = DIAGNOSTIC.none
  }
  if (outage !== undefined) session.diagnostic = outage.diagnostic
  session.state = state
  session.since = now
  session.isUrgent = true
  settleIntervals(session)
}
