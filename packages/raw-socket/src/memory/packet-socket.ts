import { reader } from '@steelyard/net'
import { runProgram } from '../bpf/run-program.ts'
import {
  ETH_P_ALL,
  PACKET_BROADCAST,
  PACKET_HOST,
  PACKET_MULTICAST,
  PACKET_OTHERHOST,
  PACKET_OUTGOING,
} from '../constants.ts'
import { type Handle, openFd } from '../handle.ts'
import type { PacketSocket, PacketSocketOptions, PacketType, ReceivedFrame } from '../link-io.ts'
import { ALL_MULTICAST, checkFrame, checkMulticastMac, checkPacketOptions } from '../packet-arguments.ts'
import { SystemCallError } from '../system-call-error.ts'
import { ETHERNET_HEADER_BYTES, transmit } from './nic.ts'
import { closeDescriptor, enqueue, type Host, type Nic, openDescriptor, type PacketState, received } from './state.ts'

/** A packet socket of an interface in memory, with the manners of the kernel's. */
export function openMemoryPacket(host: Host, options: PacketSocketOptions): PacketSocket {
  const { ifindex, filter, etherType } = checkPacketOptions(options)
  const nic = host.nics.get(ifindex)
  if (nic === undefined) throw new SystemCallError('bind', 'ENODEV', 'packet socket')
  const error = nic.link.up ? undefined : 'ENETDOWN'
  const state: PacketState = { filter, etherType, queue: [], joined: new Set(), error }
  const isReady = (): boolean => state.queue.length > 0 || state.error !== undefined
  const handle = openDescriptor(host, 'packet socket', { isReady })
  nic.packets.add(state)
  return {
    get fd() {
      return handle.fd
    },
    receive: () => receive(host, handle, state),
    send: (frame) => send({ host, handle, state, nic }, checkFrame(frame)),
    joinMulticastMac: (mac) => join(handle, state, checkMulticastMac(mac)),
    leaveMulticastMac: (mac) => leave(handle, state, checkMulticastMac(mac)),
    joinAllMulticast: () => join(handle, state, ALL_MULTICAST),
    leaveAllMulticast: () => leave(handle, state, ALL_MULTICAST),
    close: () => {
      nic.packets.delete(state)
      closeDescriptor(host, handle)
    },
  }
}

function join(handle: Handle, { joined }: PacketState, key: string): void {
  openFd(handle)
  joined.add(key)
}

function leave(handle: Handle, { joined }: PacketState, key: string): void {
  openFd(handle)
  joined.delete(key)
}

function receive(host: Host, handle: Handle, state: PacketState): ReceivedFrame | undefined {
  openFd(handle)
  const { error } = state
  if (error !== undefined) {
    state.error = undefined
    throw new SystemCallError('recvmsg', error, handle.what)
  }
  const next = state.queue.shift()
  return next && { bytes: received(host, next.frame), packetType: next.packetType }
}

type Sending = { readonly host: Host; readonly handle: Handle; readonly state: PacketState; readonly nic: Nic }

function send({ host, handle, state, nic }: Sending, frame: Uint8Array): void {
  openFd(handle)
  const refusal = refusalOf(host, nic, frame)
  if (refusal !== undefined) throw new SystemCallError('sendto', refusal, handle.what)
  for (const other of nic.packets) {
    if (other !== state) offer(other, nic, { frame: frame.slice(), packetType: 'outgoing' })
  }
  transmit(nic, frame)
}

function refusalOf(host: Host, nic: Nic, frame: Uint8Array): string | undefined {
  if (host.nics.get(nic.link.index) !== nic) return 'ENXIO'
  if (!nic.link.up) return 'ENETDOWN'
  return frame.length > nic.link.mtu + ETHERNET_HEADER_BYTES ? 'EMSGSIZE' : undefined
}

const CODES: Readonly<Record<PacketType, number>> = {
  host: PACKET_HOST,
  broadcast: PACKET_BROADCAST,
  multicast: PACKET_MULTICAST,
  otherhost: PACKET_OTHERHOST,
  outgoing: PACKET_OUTGOING,
}

type Offered = { readonly frame: Uint8Array; readonly packetType: PacketType }

/** Gives a frame to a socket, if its EtherType and its filter let it in. Who asked for one EtherType sees nothing that leaves. */
export function offer(state: PacketState, nic: Nic, { frame, packetType }: Offered): void {
  const from = reader(frame)
  from.skip(12)
  const wanted = state.etherType === ETH_P_ALL || (packetType !== 'outgoing' && state.etherType === from.u16())
  if (!wanted) return
  const kept = runProgram(state.filter, frame, { packetType: CODES[packetType], ifindex: nic.link.index })
  if (kept > 0) enqueue(state.queue, { frame: frame.subarray(0, kept), packetType })
}
