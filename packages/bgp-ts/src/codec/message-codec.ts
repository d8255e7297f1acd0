import { type Family, type Prefix, WireError, writer } from '@steelyard/net'
import { HEADER_BYTES, MARKER_BYTES, MARKER_OCTET, MESSAGE_TYPE } from '../constants.ts'
import type { Keepalive, Message, Notification, Open, RouteRefresh, Update } from '../message.ts'
import { badLength, readHeader } from './header.ts'
import { notificationBody, readNotification } from './notification.ts'
import { openBody, readOpen } from './open.ts'
import { refusable, type Refused } from './refusal.ts'
import { readRouteRefresh, routeRefreshBody } from './route-refresh.ts'
import { isEndOfRib, prefixesOf, readUpdate, updateBody } from './update.ts'
import { largestMessage, type WireTerms } from './wire-terms.ts'

/** A message with all that is in it. */
export type DecodedMessage = OtherMessage | DecodedUpdate | WithdrawnUpdate | Refused
/** A message of which, if it is an UPDATE, only the number of its routes is wanted. */
export type InspectedMessage = OtherMessage | InspectedUpdate | Refused

export type OtherMessage = {
  readonly kind: 'message'
  readonly message: Open | Notification | Keepalive | RouteRefresh
}
export type DecodedUpdate = {
  readonly kind: 'update'
  readonly update: Update
  /** Sentences: attributes discarded by RFC 7606, routes of families that nobody asked for. */
  readonly problems: readonly string[]
}
/** RFC 7606 section 2, treat-as-withdraw: none of these is reachable by the peer any more. */
export type WithdrawnUpdate = { readonly kind: 'withdraw'; readonly prefixes: readonly Prefix[]; readonly why: string }
export type InspectedUpdate = {
  readonly kind: 'inspected'
  /** How many prefixes it announces and how many it withdraws, before `withdrawWhy` is considered. */
  readonly announced: number
  readonly withdrawn: number
  readonly endOfRib: Family | undefined
  readonly problems: readonly string[]
  /** RFC 7606, treat-as-withdraw: why its announcements count as withdrawals. */
  readonly withdrawWhy: string | undefined
}

type Bodies = {
  readonly [K in Message['kind']]: (message: Extract<Message, { kind: K }>, terms: WireTerms) => Uint8Array
}
const BODIES: Bodies = {
  open: openBody,
  update: updateBody,
  // Data that quotes a whole message may not fit behind a header of its own: what fits of it says enough.
  notification: (message, terms) =>
    notificationBody(message).subarray(0, largestMessage('notification', terms) - HEADER_BYTES),
  keepalive: () => new Uint8Array(0),
  routeRefresh: routeRefreshBody,
}
const READERS: { readonly [K in OtherMessage['message']['kind']]: (message: Uint8Array) => OtherMessage['message'] } = {
  open: readOpen,
  notification: readNotification,
  keepalive: () => ({ kind: 'keepalive' }),
  routeRefresh: readRouteRefresh,
}

/**
 * @returns the whole message, header included
 * @throws WireError when a value does not fit its field, or the message is larger than the peer may be sent: our bug
 */
export function encodeMessage(message: Message, terms: WireTerms): Uint8Array {
  const body = (BODIES[message.kind] as (message: Message, terms: WireTerms) => Uint8Array)(message, terms)
  const length = HEADER_BYTES + body.length
  if (length > largestMessage(message.kind, terms)) throw new WireError(`${message.kind} has ${length} bytes`, length)
  const marker = new Uint8Array(MARKER_BYTES).fill(MARKER_OCTET)
  return writer().bytes(marker).u16(length).u8(MESSAGE_TYPE[message.kind]).bytes(body).done()
}

/** Reads one whole message, as the framer cuts it. Whatever the bytes are, the answer is a value; what it keeps is copied. */
export function decodeMessage(bytes: Uint8Array, terms: WireTerms): DecodedMessage {
  return refusable(() => {
    const kind = wholeMessage(bytes, terms)
    return kind === 'update' ? decodeUpdate(bytes, terms) : { kind: 'message', message: READERS[kind](bytes) }
  })
}

/** The same checks, and no prefix of an UPDATE is kept: for peers whose routes are of no use, however many they send. */
export function inspectMessage(bytes: Uint8Array, terms: WireTerms): InspectedMessage {
  return refusable(() => {
    const kind = wholeMessage(bytes, terms)
    return kind === 'update' ? inspectUpdate(bytes, terms) : { kind: 'message', message: READERS[kind](bytes) }
  })
}

function wholeMessage(bytes: Uint8Array, terms: WireTerms): Message['kind'] {
  const header = readHeader(bytes, terms)
  if (header?.length !== bytes.length) throw badLength(bytes.length)
  return header.kind
}

function decodeUpdate(bytes: Uint8Array, terms: WireTerms): DecodedUpdate | WithdrawnUpdate {
  const { update, reading, why } = readUpdate(bytes, terms, true)
  if (why !== undefined) return { kind: 'withdraw', prefixes: prefixesOf(update), why }
  return { kind: 'update', update, problems: reading.problems }
}

function inspectUpdate(bytes: Uint8Array, terms: WireTerms): InspectedUpdate {
  const { update, reading, why } = readUpdate(bytes, terms, false)
  const { announced, withdrawn, problems } = reading
  const isEmpty = announced === 0 && withdrawn === 0 && !reading.foreign
  return {
    kind: 'inspected',
    announced,
    withdrawn,
    endOfRib: isEmpty ? isEndOfRib(update) : undefined,
    problems,
    withdrawWhy: why,
  }
}
