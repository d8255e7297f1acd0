import { type Address, formatAddress, writer } from '@steelyard/net'
import { checkAddress } from './checks.ts'
import {
  AF_INET6,
  ICMPV6_FILTER,
  IPPROTO_ICMPV6,
  IPPROTO_IPV6,
  IPV6_JOIN_GROUP,
  IPV6_LEAVE_GROUP,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_IF,
  IPV6_MULTICAST_LOOP,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_UNICAST_HOPS,
  SO_BINDTOIFINDEX,
  SOCK_RAW,
  SOL_SOCKET,
} from './constants.ts'
import { readArrival } from './control-messages.ts'
import { checkGroup, checkGroupOptions, checkIcmp6 } from './group-arguments.ts'
import { HOST_ORDER } from './host-order.ts'
import { icmp6Filter } from './icmp6-filter.ts'
import { type Handle, openFd } from './handle.ts'
import { closeHandle, type Kernel, openSocket, receiveMessage, sendMessage, setBytes, setInteger } from './kernel.ts'
import type { GroupSocket, GroupSocketOptions, ReceivedIcmp6 } from './link-io.ts'
import { internetSockaddr, readInternetSockaddr } from './sockaddr.ts'
import { SystemCallError } from './system-call-error.ts'

type State = {
  readonly kernel: Kernel
  readonly ifindex: number
  /** What is sent and received goes over this one; it holds memberships as well. */
  readonly first: Handle
  /** Opened when those before them were full; they hold memberships and receive nothing. */
  readonly further: Handle[]
  readonly holders: Map<string, Handle>
}

/** Opens a raw ICMPv6 socket: see `LinkIo.openGroups`. Needs CAP_NET_RAW and Linux 5.1. */
export function openGroupSocket(kernel: Kernel, options: GroupSocketOptions): GroupSocket {
  const { ifindex, receiveTypes } = checkGroupOptions(options)
  const first = openRaw(kernel, ifindex, receiveTypes)
  const state: State = { kernel, ifindex, first, further: [], holders: new Map() }
  return {
    get fd() {
      return first.fd
    },
    join: (group) => join(state, checkGroup(group)),
    leave: (group) => leave(state, checkGroup(group)),
    send: (to, message) => {
      const name = { address: checkAddress('to', to, 6), port: 0, ifindex }
      sendMessage(kernel, first, checkIcmp6(message), internetSockaddr(name))
    },
    receive: () => receive(state),
    close: () => {
      for (const handle of [first, ...state.further]) closeHandle(kernel, handle)
    },
  }
}

function openRaw(kernel: Kernel, ifindex: number, receiveTypes: readonly number[]): Handle {
  const kind = { what: 'ICMPv6 socket', domain: AF_INET6, type: SOCK_RAW, protocol: IPPROTO_ICMPV6 }
  return openSocket(kernel, kind, (handle) => {
    const filter = { level: IPPROTO_ICMPV6, name: ICMPV6_FILTER, about: 'ICMP6_FILTER' }
    setBytes(kernel, handle, filter, icmp6Filter(receiveTypes))
    setInteger(kernel, handle, { level: SOL_SOCKET, name: SO_BINDTOIFINDEX, about: 'SO_BINDTOIFINDEX' }, ifindex)
    for (const [about, name, value] of ipv6Options(ifindex)) {
      setInteger(kernel, handle, { level: IPPROTO_IPV6, name, about }, value)
    }
    // A raw socket receives from its first moment on: what came before it was bound is thrown away.
    while (receiveMessage(kernel, handle) !== undefined);
  })
}

/** RFC 4861 section 6.1 and the like: neighbours only believe hop limit 255. Nobody wants to hear himself. */
function ipv6Options(ifindex: number): readonly (readonly [string, number, number])[] {
  return [
    ['IPV6_MULTICAST_IF', IPV6_MULTICAST_IF, ifindex],
    ['IPV6_MULTICAST_HOPS', IPV6_MULTICAST_HOPS, 255],
    ['IPV6_UNICAST_HOPS', IPV6_UNICAST_HOPS, 255],
    ['IPV6_MULTICAST_LOOP', IPV6_MULTICAST_LOOP, 0],
    ['IPV6_RECVHOPLIMIT', IPV6_RECVHOPLIMIT, 1],
    ['IPV6_RECVPKTINFO', IPV6_RECVPKTINFO, 1],
  ]
}

function join(state: State, group: Address): void {
  openFd(state.first)
  const key = formatAddress(group)
  if (state.holders.has(key)) return
  const request = membership(state.ifindex, group)
  // The youngest first: the others are full, unless a group was left since.
  const holder = [state.first, ...state.further].toReversed().find((handle) => hasRoom(state, handle, request))
  state.holders.set(key, holder ?? joinOnFurther(state, request))
}

function hasRoom({ kernel }: State, handle: Handle, request: Uint8Array): boolean {
  try {
    setBytes(kernel, handle, JOIN, request)
    return true
  } catch (error) {
    if (error instanceof SystemCallError && FULL.has(error.errno)) return false
    throw error
  }
}

const JOIN = { level: IPPROTO_IPV6, name: IPV6_JOIN_GROUP, about: 'IPV6_JOIN_GROUP' }
const LEAVE = { level: IPPROTO_IPV6, name: IPV6_LEAVE_GROUP, about: 'IPV6_LEAVE_GROUP' }

/** A socket's memberships share `net.core.optmem_max` bytes; ENOMEM says that they are used up. */
const FULL: ReadonlySet<string> = new Set(['ENOMEM', 'ENOBUFS'])

function joinOnFurther(state: State, request: Uint8Array): Handle {
  const handle = openRaw(state.kernel, state.ifindex, [])
  try {
    setBytes(state.kernel, handle, JOIN, request)
  } catch (error) {
    closeHandle(state.kernel, handle)
    throw error
  }
  state.further.push(handle)
  return handle
}

function leave(state: State, group: Address): void {
  openFd(state.first)
  const key = formatAddress(group)
  const holder = state.holders.get(key)
  if (holder === undefined) return
  try {
    setBytes(state.kernel, holder, LEAVE, membership(state.ifindex, group))
  } catch (error) {
    if (!isGone(error)) throw error
  }
  state.holders.delete(key)
}

/** The interface was removed, and the membership with it. */
function isGone(error: unknown): boolean {
  return error instanceof SystemCallError && (error.errno === 'EADDRNOTAVAIL' || error.errno === 'ENODEV')
}

/** `struct ipv6_mreq` (RFC 3493 section 5.2). */
function membership(ifindex: number, group: Address): Uint8Array {
  const words = group.words.reduce((out, word) => out.u32(word), writer())
  return HOST_ORDER.putU32(words, ifindex).done()
}

function receive({ kernel, first }: State): ReceivedIcmp6 | undefined {
  const message = receiveMessage(kernel, first)
  if (message === undefined) return undefined
  const source = readInternetSockaddr(message.name).address
  const { ttl, destination } = readArrival(message.control, kernel.addon.wordSize)
  return { bytes: message.bytes, source, destination, hopLimit: ttl }
}
