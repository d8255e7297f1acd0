import type { Notification } from '../message.ts'
import { ERROR_CODE, HEADER_ERROR, OPEN_ERROR, UPDATE_ERROR } from '../constants.ts'

/** What a peer sent ends the session. Thrown while a message is walked, a value at the public entry (`decodeMessage`). */
export class Refusal extends Error {
  readonly notification: Notification
  constructor(why: string, notification: Notification) {
    super(why)
    this.name = 'Refusal'
    this.notification = notification
  }
}

/** The value that a refusal becomes. */
export type Refused = {
  readonly kind: 'error'
  /** What to answer before the connection is closed; never an answer to a NOTIFICATION (RFC 4271 section 6.4). */
  readonly notification: Notification
  /** A sentence. */
  readonly why: string
}

const NOTHING = new Uint8Array(0)

export const notificationOf = (code: number, subcode: number, data: Uint8Array = NOTHING): Notification => ({
  kind: 'notification',
  code,
  subcode,
  data,
})

export const headerRefusal = (subcode: keyof typeof HEADER_ERROR, why: string, data?: Uint8Array): Refusal =>
  new Refusal(why, notificationOf(ERROR_CODE.header, HEADER_ERROR[subcode], data))

export const openRefusal = (subcode: keyof typeof OPEN_ERROR | 'unspecific', why: string, data?: Uint8Array): Refusal =>
  new Refusal(why, notificationOf(ERROR_CODE.open, subcode === 'unspecific' ? 0 : OPEN_ERROR[subcode], data))

export const updateRefusal = (subcode: keyof typeof UPDATE_ERROR, why: string, data?: Uint8Array): Refusal =>
  new Refusal(why, notificationOf(ERROR_CODE.update, UPDATE_ERROR[subcode], data))

/** Runs a codec; a refusal is a value, any other error is our bug and goes on up. */
export function refusable<T>(read: () => T): T | Refused {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'error', notification: error.notification, why: error.message }
    throw error
  }
}
