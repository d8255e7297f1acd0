import { decoded, reader, writer } from '@steelyard/net'
import { echoMs, settleIntervals } from './intervals.ts'
import type { BfdSession } from './session.ts'

/** What an echo carries is its sender's own affair (RFC 5880 section 4.1): enough to know one's own by. */
export type EchoMark = { readonly discriminator: number; readonly nonce: number; readonly sequence: number }

/** "SYBE": echoes of others stand on the same wire. */
const MAGIC = 0x53_59_42_45

export function encodeEcho({ discriminator, nonce, sequence }: EchoMark): Uint8Array {
  return writer().u32(MAGIC).u32(discriminator).u32(nonce).u32(sequence).done()
}

/** undefined: not one of ours. */
export function decodeEcho(bytes: Uint8Array): EchoMark | undefined {
  const read = decoded(() => {
    const from = reader(bytes)
    const magic = from.u32()
    return { magic, discriminator: from.u32(), nonce: from.u32(), sequence: from.u32() }
  })
  if (!read.ok || read.value.magic !== MAGIC) return undefined
  const { magic: _magic, ...mark } = read.value
  return mark
}

/** RFC 5880 section 6.8.9: echoes begin and end with the session's being up and with the peer's offer. */
export function settleEcho(session: BfdSession, now: number): void {
  const { echo } = session
  const isWanted = echoMs(session) !== undefined
  if (isWanted === (echo.begunAt !== undefined)) return
  echo.begunAt = isWanted ? now : undefined
  echo.sendAt = now
  echo.returnedAt = undefined
  echo.isMissingTold = false
  settleIntervals(session)
}

/** After so long without a single one back it is told, and asked for less often. */
const PATIENCE_MS = 1000

/** Whether echoes go out and none has come back since they began. */
function isMissing({ echo }: BfdSession, now: number): boolean {
  return echo.begunAt !== undefined && echo.returnedAt === undefined && echo.begunAt + PATIENCE_MS <= now
}

/** @returns whether it is news that none comes back. */
export function noteMissing(session: BfdSession, now: number): boolean {
  if (session.echo.isMissingTold || !isMissing(session, now)) return false
  session.echo.isMissingTold = true
  return true
}

/** Takes the next echo and sets the time of the one after. */
export function nextEcho(session: BfdSession, now: number): Uint8Array {
  const { discriminator, nonce, echo } = session
  const interval = echoMs(session) ?? 0
  echo.sequence = (echo.sequence + 1) % 2 ** 32
  echo.sendAt = now + (isMissing(session, now) ? Math.max(interval, PATIENCE_MS) : interval)
  return encodeEcho({ discriminator, nonce, sequence: echo.sequence })
}

/** From the first that comes back on, echoes watch over the path, and control packets may be rarer. */
export function takeEcho(session: BfdSession, mark: EchoMark, now: number): void {
  const { echo } = session
  if (echo.begunAt === undefined || mark.nonce !== session.nonce) return
  const isFirst = echo.returnedAt === undefined
  echo.returnedAt = now
  if (!isFirst) return
  echo.isMissingTold = false
  echo.sendAt = Math.min(echo.sendAt, now + (echoMs(session) ?? 0))
  settleIntervals(session)
}
