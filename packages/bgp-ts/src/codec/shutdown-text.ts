import { CEASE, ERROR_CODE, LONGEST_SHUTDOWN_TEXT } from '../constants.ts'
import type { Notification } from '../message.ts'

/** RFC 9003 section 2: the two that have room for words to the peer's operator. */
const WITH_TEXT: ReadonlySet<number> = new Set([CEASE.administrativeShutdown, CEASE.administrativeReset])

const hasText = (code: number, subcode: number): boolean => code === ERROR_CODE.cease && WITH_TEXT.has(subcode)

/** A Cease with its words, where the subcode has room for any; longer ones are cut at the end of a character. */
export function cease(subcode: number, text = ''): Notification {
  const words = text !== '' && hasText(ERROR_CODE.cease, subcode) ? utf8(text) : undefined
  const data = words === undefined ? new Uint8Array(0) : Uint8Array.of(words.length, ...words)
  return { kind: 'notification', code: ERROR_CODE.cease, subcode, data }
}

function utf8(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  let end = Math.min(bytes.length, LONGEST_SHUTDOWN_TEXT)
  // A byte 10xxxxxx at the cut belongs to the character before it.
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.slice(0, end)
}

/**
 * The words of a Cease (RFC 9003), on one line and without anything that a terminal would act upon.
 * @returns undefined when there are none, or they are no UTF-8 of the length they say
 */
export function shutdownText({ code, subcode, data }: Notification): string | undefined {
  const length = data[0] ?? 0
  if (!hasText(code, subcode) || length === 0 || data.length < 1 + length) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data.subarray(1, 1 + length))
    return printable(text)
  } catch {
    return undefined
  }
}

/** Controls, line and paragraph separators, and what turns the direction of writing: blanks. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim()
