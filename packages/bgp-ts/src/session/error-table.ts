import { encodeMessage } from '../codec/message-codec.ts'
import { OPENING_TERMS } from '../codec/wire-terms.ts'
import { AFI, CAPABILITY, HEADER_BYTES, MARKER_BYTES, MARKER_OCTET, MESSAGE_TYPE, SAFI_UNICAST } from '../constants.ts'
import type { Message, Open } from '../message.ts'

export type ErrorRow = {
  readonly code: number
  readonly subcode: number
  /** What the peer does to be told so. */
  readonly when: string
  /** How far the session has come by then. */
  readonly in: 'openSent' | 'openConfirm' | 'established'
  /** What it sends then. */
  readonly bytes: Uint8Array
}

const PEER_OPEN: Open = {
  kind: 'open',
  version: 4,
  asn: 64_513,
  holdSeconds: 9,
  routerId: 0xc0000202,
  capabilities: [
    { kind: 'multiprotocol', afi: AFI.ipv4, safi: SAFI_UNICAST },
    { kind: 'fourOctetAsn', asn: 64_513 },
    { kind: 'routeRefresh' },
    { kind: 'enhancedRouteRefresh' },
  ],
}

/** The OPEN of a peer with which all is well; `more` makes it another. */
export const openBytes = (more: Partial<Open> = {}): Uint8Array => whole({ ...PEER_OPEN, ...more })
export const keepaliveBytes = (): Uint8Array => whole({ kind: 'keepalive' })

const whole = (message: Message): Uint8Array => encodeMessage(message, OPENING_TERMS)

/** A message of this type with any body, its length as it is or as it is said to be. */
function raw(type: number, body: readonly number[] = [], length = HEADER_BYTES + body.length): Uint8Array {
  const marker = Array<number>(MARKER_BYTES).fill(MARKER_OCTET)
  return Uint8Array.from([...marker, length >> 8, length & 0xff, type, ...body])
}

/** The same message with one byte of it changed. */
function altered(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

/** An OPEN with optional parameters as they are written here. */
function openWith(parameters: readonly number[]): Uint8Array {
  const bare = openBytes({ capabilities: [] }).subarray(HEADER_BYTES, -1)
  return raw(MESSAGE_TYPE.open, [...bare, parameters.length, ...parameters])
}

/** An UPDATE with attributes as they are written here, and one prefix behind them. */
const updateWith = (attributes: readonly number[], reachable: readonly number[] = [24, 203, 0, 113]): Uint8Array =>
  raw(MESSAGE_TYPE.update, [0, 0, attributes.length >> 8, attributes.length & 0xff, ...attributes, ...reachable])

const VERSION_AT = HEADER_BYTES
/** Without its identifier, four bytes. */
const anonymous = [24, 25, 26, 27].reduce((bytes, at) => altered(bytes, at, 0), openBytes())
const update = updateWith([], [])

/** RFC 4271 section 6 and the RFCs that add to it: each error that a peer can be told of for what it sends. */
export const ERROR_TABLE: readonly ErrorRow[] = [
  { code: 1, subcode: 1, in: 'openSent', when: 'the marker is not all ones', bytes: altered(openBytes(), 3, 0) },
  { code: 1, subcode: 2, in: 'openSent', when: 'a message is shorter than a header', bytes: raw(4, [], 18) },
  { code: 1, subcode: 2, in: 'established', when: 'a KEEPALIVE has a body', bytes: raw(4, [0]) },
  { code: 1, subcode: 2, in: 'established', when: 'a message has more than 4096 bytes', bytes: raw(2, [], 4097) },
  { code: 1, subcode: 3, in: 'openSent', when: 'the message type is unknown', bytes: raw(9) },
  { code: 2, subcode: 0, in: 'openSent', when: 'the parameters are cut off', bytes: openWith([2, 9, 1]) },
  { code: 2, subcode: 1, in: 'openSent', when: 'it is BGP version 3', bytes: altered(openBytes(), VERSION_AT, 3) },
  {
    code: 2,
    subcode: 2,
    in: 'openSent',
    when: 'its AS number is another',
    bytes: openBytes({ asn: 64_999, capabilities: [{ kind: 'fourOctetAsn', asn: 64_999 }] }),
  },
  { code: 2, subcode: 3, in: 'openSent', when: 'its router id is 0.0.0.0', bytes: anonymous },
  { code: 2, subcode: 4, in: 'openSent', when: 'an optional parameter is unknown', bytes: openWith([7, 1, 0]) },
  { code: 2, subcode: 6, in: 'openSent', when: 'its hold time is 2 s', bytes: altered(openBytes(), 23, 2) },
  {
    code: 2,
    subcode: 7,
    in: 'openSent',
    when: 'it offers no address family of ours',
    bytes: openWith([2, 6, CAPABILITY.multiprotocol, 4, 0, AFI.ipv6, 0, SAFI_UNICAST]),
  },
  { code: 3, subcode: 1, in: 'established', when: 'lengths in an UPDATE exceed it', bytes: raw(2, [0, 9, 0, 0]) },
  {
    code: 3,
    subcode: 10,
    in: 'established',
    when: 'a prefix has 33 bits',
    bytes: updateWith([], [33, 192, 0, 2, 1, 0]),
  },
  { code: 5, subcode: 1, in: 'openSent', when: 'a KEEPALIVE comes before the OPEN', bytes: keepaliveBytes() },
  { code: 5, subcode: 2, in: 'openConfirm', when: 'an UPDATE comes before the KEEPALIVE', bytes: update },
  { code: 5, subcode: 3, in: 'established', when: 'a second OPEN comes', bytes: openBytes() },
  {
    code: 7,
    subcode: 1,
    in: 'established',
    when: 'a mark of a refresh is too long',
    bytes: raw(5, [0, 1, 1, 1, 0]),
  },
]
