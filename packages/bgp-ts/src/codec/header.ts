import { reader, writer } from '@steelyard/net'
import { HEADER_BYTES, MARKER_BYTES, MARKER_OCTET, MESSAGE_TYPE } from '../constants.ts'
import type { Message } from '../message.ts'
import { headerRefusal } from './refusal.ts'
import { largestMessage, type WireTerms } from './wire-terms.ts'

export type Header = { readonly kind: Message['kind']; readonly length: number }

/** The least bytes of each type, header included. RFC 4271 section 4, RFC 2918. A KEEPALIVE has exactly these. */
const SMALLEST: Readonly<Record<Message['kind'], number>> = {
  open: 29,
  update: 23,
  notification: 21,
  keepalive: 19,
  routeRefresh: 23,
}
const KIND_OF_TYPE: Readonly<Record<number, Message['kind']>> = {
  [MESSAGE_TYPE.open]: 'open',
  [MESSAGE_TYPE.update]: 'update',
  [MESSAGE_TYPE.notification]: 'notification',
  [MESSAGE_TYPE.keepalive]: 'keepalive',
  [MESSAGE_TYPE.routeRefresh]: 'routeRefresh',
}

/**
 * Judges a header, RFC 4271 section 6.1, as soon as it is there: what follows it need not have come yet.
 * @returns undefined while it is not whole
 * @throws Refusal
 */
export function readHeader(bytes: Uint8Array, terms: WireTerms): Header | undefined {
  for (let at = 0; at < MARKER_BYTES && at < bytes.length; at++) {
    if (bytes[at] !== MARKER_OCTET) throw headerRefusal('notSynchronized', 'the marker of a message is not all ones')
  }
  if (bytes.length < HEADER_BYTES) return undefined
  const from = reader(bytes.subarray(MARKER_BYTES, HEADER_BYTES))
  return judged(from.u16(), from.u8(), terms)
}

function judged(length: number, type: number, terms: WireTerms): Header {
  // The smallest and the largest of all types first: a length out of that range says nothing of the type.
  if (length < HEADER_BYTES || length > largestMessage('update', terms)) throw badLength(length)
  const kind = KIND_OF_TYPE[type]
  if (kind === undefined) throw headerRefusal('badType', `message type ${type} is unknown`, Uint8Array.of(type))
  const fits = kind === 'keepalive' ? length === SMALLEST.keepalive : length >= SMALLEST[kind]
  if (!fits || length > largestMessage(kind, terms)) throw badLength(length, kind)
  return { kind, length }
}

/** RFC 4271 section 6.1: the data is the length as it was found. */
export function badLength(length: number, kind?: Message['kind']): Error {
  const what = kind === undefined ? 'a message' : `the message ${kind}`
  return headerRefusal('badLength', `${what} says it has ${length} bytes`, writer().u16(length).done())
}
