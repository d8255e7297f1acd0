import { reader, writer } from '@steelyard/net'
import { CEASE, ERROR_CODE, HEADER_BYTES } from '../constants.ts'
import type { Notification } from '../message.ts'

/** Reads a whole NOTIFICATION; the header says it has at least a code and a subcode. RFC 4271 section 4.5. */
export function readNotification(message: Uint8Array): Notification {
  const from = reader(message.subarray(HEADER_BYTES))
  return { kind: 'notification', code: from.u8(), subcode: from.u8(), data: from.bytes(from.remaining()) }
}

export const notificationBody = ({ code, subcode, data }: Notification): Uint8Array =>
  writer().u8(code).u8(subcode).bytes(data).done()

/** RFC 8538 section 3: towards a peer that has the N bit, the reset that is meant to take the routes along. */
export function hardReset(inside: Notification): Notification {
  return { kind: 'notification', code: ERROR_CODE.cease, subcode: CEASE.hardReset, data: notificationBody(inside) }
}

/** What a Hard Reset was for; undefined when this is none, or does not say. */
export function hardResetInside({ code, subcode, data }: Notification): Notification | undefined {
  const [innerCode, innerSubcode] = data
  if (code !== ERROR_CODE.cease || subcode !== CEASE.hardReset) return undefined
  if (innerCode === undefined || innerSubcode === undefined) return undefined
  return { kind: 'notification', code: innerCode, subcode: innerSubcode, data: data.slice(2) }
}
