import { programBytes } from './bpf/check-program.ts'
import { ownFrames } from './bpf/own-frames.ts'
import {
  AF_PACKET,
  PACKET_ADD_MEMBERSHIP,
  PACKET_BROADCAST,
  PACKET_DROP_MEMBERSHIP,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
  SOCK_RAW,
  SOL_PACKET,
} from './constants.ts'
import { type Handle, openFd } from './handle.ts'
import {
  bindTo,
  checked,
  closeHandle,
  type Kernel,
  openSocket,
  prioritise,
  receiveMessage,
  sendMessage,
  setBytes,
  widenReceiveBuffer,
} from './kernel.ts'
import type { PacketSocket, PacketSocketOptions, PacketType, ReceivedFrame } from './link-io.ts'
import { ALL_MULTICAST, checkFrame, checkMulticastMac, checkPacketOptions } from './packet-arguments.ts'
import { allMulticastMembership, multicastMembership } from './packet-membership.ts'
import { packetSockaddr, readPacketType } from './sockaddr.ts'
import { SystemCallError } from './system-call-error.ts'

const PACKET_TYPES: ReadonlyMap<number, PacketType> = new Map([
  [PACKET_HOST, 'host'],
  [PACKET_BROADCAST, 'broadcast'],
  [PACKET_MULTICAST, 'multicast'],
  [PACKET_OTHERHOST, 'otherhost'],
  [PACKET_OUTGOING, 'outgoing'],
])

type State = {
  readonly kernel: Kernel
  readonly handle: Handle
  readonly ifindex: number
  readonly joined: Set<string>
}

/** Opens an AF_PACKET socket: see `LinkIo.openPacket`. Needs CAP_NET_RAW. */
export function openPacketSocket(kernel: Kernel, options: PacketSocketOptions): PacketSocket {
  const { ifindex, filter, etherType, trafficClass } = checkPacketOptions(options)
  const program = programBytes(ownFrames(ifindex, filter))
  // Protocol 0 receives nothing. Binding sets the protocol, and by then the filter is in force.
  const kind = { what: 'packet socket', domain: AF_PACKET, type: SOCK_RAW, protocol: 0 }
  const handle = openSocket(kernel, kind, (opened) => {
    widenReceiveBuffer(kernel, opened)
    prioritise(kernel, opened, trafficClass)
    checked(kernel.addon.attachFilter(openFd(opened), program), 'setsockopt', 'SO_ATTACH_FILTER')
    bindTo(kernel, opened, packetSockaddr(etherType, ifindex))
  })
  const state: State = { kernel, handle, ifindex, joined: new Set() }
  return {
    get fd() {
      return handle.fd
    },
    receive: () => receiveFrame(state),
    send: (frame) => sendMessage(kernel, handle, checkFrame(frame)),
    joinMulticastMac: (mac) => join(state, checkMulticastMac(mac), multicastMembership(ifindex, mac)),
    leaveMulticastMac: (mac) => leave(state, checkMulticastMac(mac), multicastMembership(ifindex, mac)),
    joinAllMulticast: () => join(state, ALL_MULTICAST, allMulticastMembership(ifindex)),
    leaveAllMulticast: () => leave(state, ALL_MULTICAST, allMulticastMembership(ifindex)),
    close: () => closeHandle(kernel, handle),
  }
}

function receiveFrame({ kernel, handle }: State): ReceivedFrame | undefined {
  for (;;) {
    const message = receiveMessage(kernel, handle)
    if (message === undefined) return undefined
    const packetType = PACKET_TYPES.get(readPacketType(message.name))
    // The kernel's further types (loopback, fastroute) are of no network.
    if (packetType !== undefined) return { bytes: message.bytes, packetType }
  }
}

/** The kernel counts memberships; this port does not, so what is joined already is not joined again. */
function join({ kernel, handle, joined }: State, key: string, request: Uint8Array): void {
  openFd(handle)
  if (joined.has(key)) return
  setBytes(kernel, handle, { level: SOL_PACKET, name: PACKET_ADD_MEMBERSHIP, about: 'PACKET_ADD_MEMBERSHIP' }, request)
  joined.add(key)
}

function leave({ kernel, handle, joined }: State, key: string, request: Uint8Array): void {
  openFd(handle)
  if (!joined.delete(key)) return
  try {
    setBytes(
      kernel,
      handle,
      { level: SOL_PACKET, name: PACKET_DROP_MEMBERSHIP, about: 'PACKET_DROP_MEMBERSHIP' },
      request,
    )
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** The interface was removed, and the membership with it (`packet_mc_drop`). */
function isGone(error: unknown): boolean {
  return error instanceof SystemCallError && (error.errno === 'EADDRNOTAVAIL' || error.errno === 'ENODEV')
}
