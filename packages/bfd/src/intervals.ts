import type { Random } from '@steelyard/runtime'
import { JITTER, SLOW_MS } from './constants.ts'
import type { BfdSession, Intervals } from './session.ts'

const NEVER = Number.POSITIVE_INFINITY

/** RFC 5880 section 6.8.2: how often we send, before jitter. */
export function transmitMs({ inUse, remote }: BfdSession): number {
  return Math.max(inUse.transmitMs, remote.receiveMs)
}

/** How often the peer may be expected to send. */
export function receiveMs({ inUse, remote }: BfdSession): number {
  return Math.max(inUse.receiveMs, remote.transmitMs)
}

/** RFC 5880 section 6.8.4: by the peer's multiplier. 0: nothing was heard. */
export function detectMs(session: BfdSession): number {
  return session.remote.multiplier * receiveMs(session)
}

/** RFC 5880 section 6.8.9: how often an echo is sent; undefined = none may be. */
export function echoMs({ config, remote, state }: BfdSession): number | undefined {
  if (config.echoMs === undefined || remote.echoMs === 0 || state !== 'up') return undefined
  return Math.max(config.echoMs, remote.echoMs)
}

/** Within which an echo must come back. */
export function echoDetectMs(session: BfdSession): number {
  return session.config.multiplier * (echoMs(session) ?? 0)
}

/** RFC 5880 section 6.8.7: a part of the interval, so that packets of many sessions do not march in step. */
export function drawJitter({ config }: BfdSession, random: Random): number {
  const most = config.multiplier === 1 ? JITTER.mostOfOne : JITTER.most
  return JITTER.least + random() * (most - JITTER.least)
}

/** RFC 5880 section 6.8.7: who must not send at intervals. */
function isPeriodic({ config, remote, state, poll }: BfdSession): boolean {
  if (config.passive && remote.discriminator === 0) return false
  if (remote.receiveMs === 0) return false
  return !(remote.demand && state === 'up' && remote.state === 'up' && poll === undefined)
}

/** Whether anything may be sent at all. */
export function maySend({ config, remote }: BfdSession): boolean {
  return !config.passive || remote.discriminator !== 0
}

/** A shorter interval counts from the packet before (RFC 5880 section 6.8.3), so this is reckoned anew each time. */
export function transmitAt(session: BfdSession): number {
  if (session.isUrgent && maySend(session)) return Number.NEGATIVE_INFINITY
  return isPeriodic(session) ? session.sentAt + session.jitter * transmitMs(session) : NEVER
}

export function detectAt(session: BfdSession): number {
  return session.heardAt === undefined ? NEVER : session.heardAt + detectMs(session)
}

/** When the lack of echoes is an outage. While none ever came back it is none: the peer may not loop them. */
export function echoDetectAt(session: BfdSession): number {
  const { begunAt, returnedAt } = session.echo
  return begunAt === undefined || returnedAt === undefined ? NEVER : returnedAt + echoDetectMs(session)
}

export function echoSendAt({ echo }: BfdSession): number {
  return echo.begunAt === undefined ? NEVER : echo.sendAt
}

/** What our packets shall say now. */
function wantedIntervals({ config, state, echo }: BfdSession): Intervals {
  const isUp = state === 'up'
  const isEchoing = isUp && echo.returnedAt !== undefined
  return {
    transmitMs: isUp ? config.transmitMs : Math.max(config.transmitMs, SLOW_MS),
    receiveMs: isEchoing ? Math.max(config.receiveMs, SLOW_MS) : config.receiveMs,
  }
}

const isSame = (a: Intervals, b: Intervals): boolean => a.transmitMs === b.transmitMs && a.receiveMs === b.receiveMs

/**
 * RFC 5880 section 6.8.3, after anything that may have changed what we want: the peer is told at once and asked to
 * confirm it. Sending faster and waiting longer need no confirmation.
 */
export function settleIntervals(session: BfdSession): void {
  const wanted = wantedIntervals(session)
  const isChanged = !isSame(session.advertised, wanted)
  session.advertised = wanted
  if (isChanged) session.isUrgent = true
  if (session.state !== 'up') {
    session.inUse = wanted
    session.poll = undefined
    return
  }
  session.inUse = {
    transmitMs: Math.min(session.inUse.transmitMs, wanted.transmitMs),
    receiveMs: Math.max(session.inUse.receiveMs, wanted.receiveMs),
  }
  if (isChanged && session.poll === undefined) beginPoll(session)
}

function beginPoll(session: BfdSession): void {
  session.poll = session.advertised
  session.isUrgent = true
}

/** The peer has confirmed what was polled. What changed meanwhile it may not have seen: that is polled next. */
export function endPoll(session: BfdSession): void {
  if (session.poll === undefined) return
  const isCurrent = isSame(session.poll, session.advertised)
  session.poll = undefined
  if (isCurrent) session.inUse = session.advertised
  else beginPoll(session)
}
