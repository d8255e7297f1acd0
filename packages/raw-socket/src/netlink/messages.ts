import { reader, type Reader, WireError } from '@steelyard/net'
import type { HostOrder } from '../host-order.ts'
import { NLA_TYPE_MASK, NLMSG_ALIGNTO } from './constants.ts'

/** One netlink message (`struct nlmsghdr`, netlink(7)). `body` stands at what follows the header. */
export type NetlinkMessage = {
  readonly type: number
  readonly flags: number
  readonly sequence: number
  readonly body: Reader
}

const HEADER_BYTES = 16

/**
 * Splits what one recvmsg(2) gave into messages.
 * @throws WireError when a length does not fit.
 */
export function readMessages(bytes: Uint8Array, order: HostOrder): NetlinkMessage[] {
  const from = reader(bytes)
  const messages: NetlinkMessage[] = []
  while (from.remaining() > 0) messages.push(readMessage(from, order))
  return messages
}

function readMessage(from: Reader, order: HostOrder): NetlinkMessage {
  const at = from.offset()
  const length = order.u32(from)
  if (length < HEADER_BYTES) throw new WireError(`netlink message of ${length} bytes`, at)
  const type = order.u16(from)
  const flags = order.u16(from)
  const sequence = order.u32(from)
  const port = 4
  from.skip(port)
  const body = from.sub(length - HEADER_BYTES)
  skipPadding(from, length)
  return { type, flags, sequence, body }
}

const ATTRIBUTE_HEADER_BYTES = 4

/**
 * The attributes that make up the rest of a message (`struct rtattr`, rtnetlink(7)), by type. The last
 * of a type counts.
 * @throws WireError when a length does not fit.
 */
export function readAttributes(from: Reader, order: HostOrder): ReadonlyMap<number, Uint8Array> {
  const attributes = new Map<number, Uint8Array>()
  while (from.remaining() > 0) {
    const at = from.offset()
    const length = order.u16(from)
    if (length < ATTRIBUTE_HEADER_BYTES) throw new WireError(`netlink attribute of ${length} bytes`, at)
    const type = order.u16(from) & NLA_TYPE_MASK
    attributes.set(type, from.bytes(length - ATTRIBUTE_HEADER_BYTES))
    skipPadding(from, length)
  }
  return attributes
}

/** The last of a row may lack its padding. */
function skipPadding(from: Reader, length: number): void {
  from.skip(Math.min(from.remaining(), -length & (NLMSG_ALIGNTO - 1)))
}
