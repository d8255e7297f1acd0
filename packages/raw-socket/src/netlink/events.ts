import { type Decoded, decoded } from '@steelyard/net'
import { HOST_ORDER, type HostOrder } from '../host-order.ts'
import type { NetlinkEvent } from '../link-io.ts'
import {
  NLMSG_OVERRUN,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELNEIGH,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWNEIGH,
} from './constants.ts'
import { readInterfaceAddress } from './interface-address.ts'
import { readLink } from './link.ts'
import { type NetlinkMessage, readMessages } from './messages.ts'
import { readNeighbour } from './neighbour.ts'

/** What one datagram of the kernel tells, oldest first; a datagram that does not add up is a reason. */
export function readEvents(bytes: Uint8Array, order: HostOrder = HOST_ORDER): Decoded<NetlinkEvent[]> {
  return decoded(() => readMessages(bytes, order).flatMap((message) => readEvent(message, order) ?? []))
}

/**
 * @returns undefined for a message that is none of our kinds.
 * @throws WireError
 */
export function readEvent(message: NetlinkMessage, order: HostOrder): NetlinkEvent | undefined {
  switch (message.type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return linkEvent(message, order)
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return addressEvent(message, order)
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return neighbourEvent(message, order)
    case NLMSG_OVERRUN:
      return { kind: 'overrun', reason: 'NLMSG_OVERRUN' }
    default:
      return undefined
  }
}

function linkEvent({ type, body }: NetlinkMessage, order: HostOrder): NetlinkEvent | undefined {
  const news = readLink(body, order)
  if (news === undefined) return undefined
  const { link, moved } = news
  return { kind: 'link', change: type === RTM_NEWLINK ? 'new' : 'deleted', link, ...(moved ? { moved } : {}) }
}

function addressEvent({ type, body }: NetlinkMessage, order: HostOrder): NetlinkEvent | undefined {
  const address = readInterfaceAddress(body, order)
  return address && { kind: 'address', change: type === RTM_NEWADDR ? 'new' : 'deleted', address }
}

function neighbourEvent({ type, body }: NetlinkMessage, order: HostOrder): NetlinkEvent | undefined {
  const neighbour = readNeighbour(body, order)
  return neighbour && { kind: 'neighbour', change: type === RTM_NEWNEIGH ? 'new' : 'deleted', neighbour }
}
