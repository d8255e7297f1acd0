import { type Reader } from '@steelyard/net'
import { AF_INET, AF_INET6 } from '../constants.ts'
import type { HostOrder } from '../host-order.ts'
import type { Neighbour, NeighbourState } from '../link-io.ts'
import { readAddress } from '../sockaddr.ts'
import { NDA_DST, NDA_LLADDR } from './constants.ts'
import { readAttributes } from './messages.ts'

/** linux/neighbour.h: `NUD_*`, each a bit. */
const STATES: ReadonlyMap<number, NeighbourState> = new Map([
  [0x00, 'none'],
  [0x01, 'incomplete'],
  [0x02, 'reachable'],
  [0x04, 'stale'],
  [0x08, 'delay'],
  [0x10, 'probe'],
  [0x20, 'failed'],
  [0x40, 'noarp'],
  [0x80, 'permanent'],
])

/**
 * Reads the body of RTM_NEWNEIGH or RTM_DELNEIGH: `struct ndmsg` and attributes.
 * @returns undefined for what is no neighbour of IP: bridges tell their forwarding tables this way.
 * @throws WireError
 */
export function readNeighbour(from: Reader, order: HostOrder): Neighbour | undefined {
  const family = from.u8()
  from.skip(3)
  const index = order.i32(from)
  const state = STATES.get(order.u16(from)) ?? 'none'
  const flagsAndType = 2
  from.skip(flagsAndType)
  const attributes = readAttributes(from, order)
  const address = attributes.get(NDA_DST)
  if ((family !== AF_INET && family !== AF_INET6) || address === undefined) return undefined
  return { index, address: readAddress(address), mac: attributes.get(NDA_LLADDR), state }
}
