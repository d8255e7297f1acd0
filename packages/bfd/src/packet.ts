import { LEAST_AUTHENTICATED_BYTES, PACKET_BYTES, STATES, VERSION } from './constants.ts'
import type { BfdState } from './transition.ts'

/** A control packet (RFC 5880 section 4.1) without its version, its length and authentication. Intervals are microseconds. */
export type BfdPacket = {
  readonly diagnostic: number
  readonly state: BfdState
  readonly poll: boolean
  readonly final: boolean
  readonly controlPlaneIndependent: boolean
  /** An authentication section follows. */
  readonly authenticated: boolean
  readonly demand: boolean
  readonly multiplier: number
  readonly myDiscriminator: number
  /** 0: the sender has not heard us yet. */
  readonly yourDiscriminator: number
  readonly desiredMinTxUs: number
  readonly requiredMinRxUs: number
  readonly requiredMinEchoRxUs: number
}

/** Why bytes are no control packet: RFC 5880 section 6.8.6, in the order in which it is looked at. */
export type PacketRefusal =
  | 'PacketTooShort'
  | 'WrongVersion'
  | 'LengthTooSmall'
  | 'LengthBeyondPacket'
  | 'ZeroMultiplier'
  | 'MultipointSet'
  | 'ZeroMyDiscriminator'

export type PacketRead =
  | { readonly ok: true; readonly packet: BfdPacket }
  | { readonly ok: false; readonly reason: PacketRefusal }

/** The fields in their order with their bits; none crosses a word of 32. */
const FIELDS = [
  ['version', 3],
  ['diagnostic', 5],
  ['state', 2],
  ['poll', 1],
  ['final', 1],
  ['controlPlaneIndependent', 1],
  ['authenticated', 1],
  ['demand', 1],
  ['multipoint', 1],
  ['multiplier', 8],
  ['length', 8],
  ['myDiscriminator', 32],
  ['yourDiscriminator', 32],
  ['desiredMinTxUs', 32],
  ['requiredMinRxUs', 32],
  ['requiredMinEchoRxUs', 32],
] as const

type Name = (typeof FIELDS)[number][0]
type Numbers = Record<Name, number>
type Row = { readonly name: Name; readonly at: number; readonly shift: number; readonly most: number }

const ROWS: readonly Row[] = rowsOf()

function rowsOf(): Row[] {
  let bit = 0
  return FIELDS.map(([name, bits]) => {
    const row = { name, at: (bit >> 5) * 4, shift: 32 - (bit & 31) - bits, most: 2 ** bits - 1 }
    bit += bits
    return row
  })
}

/** What `test` holds for is refused, in this order. */
const REFUSALS: readonly { readonly reason: PacketRefusal; readonly test: (n: Numbers, length: number) => boolean }[] =
  [
    { reason: 'WrongVersion', test: ({ version }) => version !== VERSION },
    {
      reason: 'LengthTooSmall',
      test: ({ length, authenticated }) => length < (authenticated === 0 ? PACKET_BYTES : LEAST_AUTHENTICATED_BYTES),
    },
    { reason: 'LengthBeyondPacket', test: ({ length }, received) => length > received },
    { reason: 'ZeroMultiplier', test: ({ multiplier }) => multiplier === 0 },
    { reason: 'MultipointSet', test: ({ multipoint }) => multipoint !== 0 },
    { reason: 'ZeroMyDiscriminator', test: ({ myDiscriminator }) => myDiscriminator === 0 },
  ]

/** Reads what a datagram holds; bytes after the packet are no error. */
export function decodePacket(bytes: Uint8Array): PacketRead {
  if (bytes.length < PACKET_BYTES) return { ok: false, reason: 'PacketTooShort' }
  const numbers = readRows(bytes)
  const refusal = REFUSALS.find(({ test }) => test(numbers, bytes.length))
  if (refusal !== undefined) return { ok: false, reason: refusal.reason }
  return { ok: true, packet: packetOf(numbers) }
}

function readRows(bytes: Uint8Array): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKET_BYTES)
  const numbers = {} as Numbers
  for (const { name, at, shift, most } of ROWS) numbers[name] = ((view.getUint32(at) >>> shift) & most) >>> 0
  return numbers
}

/** Field by field, for this is done for every packet, and copying all but some costs more than all the rest. */
function packetOf(numbers: Numbers): BfdPacket {
  return {
    diagnostic: numbers.diagnostic,
    // Two bits have four values, and each has its state.
    state: STATES[numbers.state] ?? 'down',
    poll: numbers.poll === 1,
    final: numbers.final === 1,
    controlPlaneIndependent: numbers.controlPlaneIndependent === 1,
    authenticated: numbers.authenticated === 1,
    demand: numbers.demand === 1,
    multiplier: numbers.multiplier,
    myDiscriminator: numbers.myDiscriminator,
    yourDiscriminator: numbers.yourDiscriminator,
    desiredMinTxUs: numbers.desiredMinTxUs,
    requiredMinRxUs: numbers.requiredMinRxUs,
    requiredMinEchoRxUs: numbers.requiredMinEchoRxUs,
  }
}

/** @throws RangeError for a number that does not fit its field. */
export function encodePacket(packet: BfdPacket): Uint8Array {
  const numbers: Numbers = {
    ...packet,
    version: VERSION,
    length: PACKET_BYTES,
    multipoint: 0,
    state: STATES.indexOf(packet.state),
    poll: Number(packet.poll),
    final: Number(packet.final),
    controlPlaneIndependent: Number(packet.controlPlaneIndependent),
    authenticated: Number(packet.authenticated),
    demand: Number(packet.demand),
  }
  const bytes = new Uint8Array(PACKET_BYTES)
  const view = new DataView(bytes.buffer)
  for (const { name, at, shift, most } of ROWS) {
    const value = numbers[name]
    if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${name} is ${value}`)
    view.setUint32(at, (view.getUint32(at) | (value << shift)) >>> 0)
  }
  return bytes
}
