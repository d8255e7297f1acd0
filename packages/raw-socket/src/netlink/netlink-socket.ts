import { AF_NETLINK, SOCK_RAW } from '../constants.ts'
import { type Handle, openFd } from '../handle.ts'
import {
  bindTo,
  checked,
  closeHandle,
  type Kernel,
  openSocket,
  receiveMessage,
  sendMessage,
  widenReceiveBuffer,
} from '../kernel.ts'
import type { InterfaceAddress, Link, Neighbour, NetlinkEvent, NetlinkSocket, NetlinkTopic } from '../link-io.ts'
import { netlinkSockaddr, readNetlinkPort } from '../sockaddr.ts'
import { SystemCallError } from '../system-call-error.ts'
import {
  NETLINK_ROUTE,
  RTM_GETADDR,
  RTM_GETLINK,
  RTM_GETNEIGH,
  RTMGRP_IPV4_IFADDR,
  RTMGRP_IPV6_IFADDR,
  RTMGRP_LINK,
  RTMGRP_NEIGH,
} from './constants.ts'
import { type DumpPart, dumpRequest, readDumpPart } from './dump.ts'
import { readEvents } from './events.ts'
import { checkTopics } from './topics.ts'

const GROUPS: Readonly<Record<NetlinkTopic, number>> = {
  link: RTMGRP_LINK,
  address: RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
  neighbour: RTMGRP_NEIGH,
}

/** Opens a socket for events, subscribed before anything is dumped, so that no change falls between: see `LinkIo.openNetlink`. */
export function openNetlinkSocket(
  kernel: Kernel,
  options: { readonly topics?: readonly NetlinkTopic[] } = {},
): NetlinkSocket {
  const groups = checkTopics(options.topics).reduce((bits, topic) => bits | GROUPS[topic], 0)
  const handle = openRoute(kernel, groups)
  return {
    get fd() {
      return handle.fd
    },
    dumpLinks: () => dump(kernel, handle, RTM_GETLINK).flatMap(linkOf),
    dumpAddresses: () => dump(kernel, handle, RTM_GETADDR).flatMap(addressOf),
    dumpNeighbours: () => dump(kernel, handle, RTM_GETNEIGH).flatMap(neighbourOf),
    receive: () => receiveEvents(kernel, handle),
    close: () => closeHandle(kernel, handle),
  }
}

function openRoute(kernel: Kernel, groups: number): Handle {
  const kind = { what: 'netlink socket', domain: AF_NETLINK, type: SOCK_RAW, protocol: NETLINK_ROUTE }
  return openSocket(kernel, kind, (handle) => {
    widenReceiveBuffer(kernel, handle)
    bindTo(kernel, handle, netlinkSockaddr(groups))
  })
}

/** A storm of events is taken in such portions, so that one `receive` ends; poll(2) tells that more wait. */
const MOST_DATAGRAMS = 1000

function receiveEvents(kernel: Kernel, handle: Handle): NetlinkEvent[] {
  const events: NetlinkEvent[] = []
  for (let count = 0; count < MOST_DATAGRAMS; count++) {
    const received = receiveSome(kernel, handle)
    if (received === undefined) break
    events.push(...received)
  }
  return events
}

/** The events of one datagram; undefined when none waits. */
function receiveSome(kernel: Kernel, handle: Handle): readonly NetlinkEvent[] | undefined {
  try {
    const message = receiveMessage(kernel, handle)
    if (message === undefined) return undefined
    // Any process may write to a netlink socket; only port 0 is the kernel.
    if (readNetlinkPort(message.name) !== 0) return []
    if (message.truncated) return [{ kind: 'overrun', reason: 'the datagram was longer than the buffer' }]
    const events = readEvents(message.bytes)
    return events.ok ? events.value : [{ kind: 'overrun', reason: events.reason }]
  } catch (error) {
    // netlink(7): the socket's buffer was full, and the kernel dropped what came then.
    if (error instanceof SystemCallError && error.errno === 'ENOBUFS') return [{ kind: 'overrun', reason: error.errno }]
    throw error
  }
}

/** How often a dump that changes under our eyes is begun anew before the caller hears of it. */
const MOST_DUMPS = 20

/** Over a socket of its own, so that answers and events do not mix, and what an interrupted dump left is gone. */
function dump(kernel: Kernel, events: Handle, type: number): readonly NetlinkEvent[] {
  openFd(events)
  for (let attempt = 1; attempt <= MOST_DUMPS; attempt++) {
    const socket = openRoute(kernel, 0)
    try {
      const whole = dumpOnce(kernel, socket, type, attempt)
      if (whole !== undefined) return whole
    } finally {
      closeHandle(kernel, socket)
    }
  }
  throw new SystemCallError('recvmsg', 'EINTR', `netlink dump, interrupted by changes ${MOST_DUMPS} times`)
}

/** undefined: interrupted. */
function dumpOnce(kernel: Kernel, socket: Handle, type: number, sequence: number): readonly NetlinkEvent[] | undefined {
  sendMessage(kernel, socket, dumpRequest(type, sequence), netlinkSockaddr(0))
  const events: NetlinkEvent[] = []
  let interrupted = false
  for (;;) {
    const part = receivePart(kernel, socket, sequence)
    events.push(...part.events)
    interrupted ||= part.interrupted
    if (part.end === 'done') return interrupted ? undefined : events
    if (part.end !== 'more') checked(-part.end.errno, 'netlink', 'dump')
  }
}

/** The kernel writes a dump while it is read, so that a wait is the exception and a long one a fault. */
const PART_TIMEOUT_MS = 1000

function receivePart(kernel: Kernel, socket: Handle, sequence: number): DumpPart {
  for (;;) {
    const message = receiveMessage(kernel, socket)
    if (message === undefined) awaitPart(kernel, socket)
    else if (readNetlinkPort(message.name) === 0) {
      const part = readDumpPart(message.bytes, sequence)
      if (part.ok && !message.truncated) return part.value
      throw new SystemCallError(
        'recvmsg',
        'EBADMSG',
        `netlink dump: ${part.ok ? 'longer than the buffer' : part.reason}`,
      )
    }
  }
}

function awaitPart(kernel: Kernel, socket: Handle): void {
  const ready = kernel.addon.poll(Int32Array.of(openFd(socket)), 1, PART_TIMEOUT_MS)
  if (checked(ready, 'poll') === 0) throw new SystemCallError('recvmsg', 'ETIMEDOUT', 'netlink dump')
}

function linkOf(event: NetlinkEvent): Link[] {
  return event.kind === 'link' ? [event.link] : []
}

function addressOf(event: NetlinkEvent): InterfaceAddress[] {
  return event.kind === 'address' ? [event.address] : []
}

function neighbourOf(event: NetlinkEvent): Neighbour[] {
  return event.kind === 'neighbour' ? [event.neighbour] : []
}
