import type { Reader, Writer } from '@steelyard/net'
import { endianness } from 'node:os'

/**
 * Numbers in the byte order of the host, in which the kernel's own structures stand (netlink,
 * sockaddr, option values): on top of the reader and writer of network byte order.
 */
export type HostOrder = {
  readonly u16: (from: Reader) => number
  readonly u32: (from: Reader) => number
  readonly i32: (from: Reader) => number
  readonly putU16: (to: Writer, value: number) => Writer
  readonly putU32: (to: Writer, value: number) => Writer
}

const same = (value: number): number => value
const swap16 = (value: number): number => ((value & 0xff) << 8) | (value >>> 8)
const swap32 = (value: number): number => ((swap16(value & 0xffff) << 16) | swap16(value >>> 16)) >>> 0

function hostOrder(turn16: (value: number) => number, turn32: (value: number) => number): HostOrder {
  return {
    u16: (from) => turn16(from.u16()),
    u32: (from) => turn32(from.u32()),
    i32: (from) => turn32(from.u32()) | 0,
    putU16: (to, value) => (fits(value, 16) ? to.u16(turn16(value)) : to.u16(value)),
    putU32: (to, value) => (fits(value, 32) ? to.u32(turn32(value)) : to.u32(value)),
  }
}

/** Turning would make a number that is too large fit: such a one goes to the writer as it is, which refuses it. */
function fits(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** bits
}

export const BIG_ENDIAN = hostOrder(same, same)
export const LITTLE_ENDIAN = hostOrder(swap16, swap32)

/** The order of the machine this runs on. */
export const HOST_ORDER = endianness() === 'LE' ? LITTLE_ENDIAN : BIG_ENDIAN
