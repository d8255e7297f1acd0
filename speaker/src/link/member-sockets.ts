import { BEAT_ETHERTYPE, BEAT_GROUP_MAC } from '@steelyard/membership'
import { NETWORK_CONTROL } from '@steelyard/net'
import { SystemCallError, type PacketSocket, type UdpSocket } from '@steelyard/raw-socket'
import type { MemberAct, MemberAttempt, MemberEvent } from './decide/member-state.ts'
import type { LinkEvent } from './decide/state.ts'
import type { LinkLoop } from './link-loop.ts'

/** The sockets towards the other speakers. */
export type MemberSockets = {
  port: UdpSocket | undefined
  /** By interface index. */
  readonly beats: Map<number, PacketSocket>
}

export function memberSockets(): MemberSockets {
  return { port: undefined, beats: new Map() }
}

/** What the kernel refuses becomes an event, as for the other sockets. */
export function carryOutAct(loop: LinkLoop, act: MemberAct): LinkEvent | undefined {
  return attemptOf(act, () => {
    perform(loop, act)
    return act.kind === 'openPort' ? { kind: 'portBound' } : undefined
  })
}

function attemptOf(tried: MemberAttempt, call: () => MemberEvent | undefined): LinkEvent | undefined {
  try {
    const what = call()
    return what && { kind: 'member', what }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { kind: 'member', what: { kind: 'failed', tried, error } }
  }
}

function perform(loop: LinkLoop, act: MemberAct): void {
  const { port, beats } = loop.members
  if (act.kind === 'openPort') loop.members.port = openPort(loop, act)
  else if (act.kind === 'openBeats') beats.set(act.ifindex, openBeats(loop, act.ifindex))
  else if (act.kind === 'sendDatagram') port?.send({ address: act.to, port: act.port }, act.bytes)
  else if (act.kind === 'sendBeat') beats.get(act.ifindex)?.send(act.frame)
  else if (act.kind === 'ask') loop.sockets.get(act.key)?.packet.send(act.frame)
  else if (act.kind === 'closePort') closePort(loop.members)
  else closeBeats(loop.members, act.ifindex)
}

const TTL = 64

function openPort({ world: { io } }: LinkLoop, { address, port }: Extract<MemberAct, { kind: 'openPort' }>): UdpSocket {
  return io.openUdp({ address, port, ttl: TTL, trafficClass: NETWORK_CONTROL })
}

const ALL_BYTES = 65_535
/** Bound to its EtherType, it gets nothing else, and nothing that leaves. */
const EVERY_FRAME = [{ code: 0x06, jt: 0, jf: 0, k: ALL_BYTES }]

function openBeats({ world: { io } }: LinkLoop, ifindex: number): PacketSocket {
  const socket = io.openPacket({
    ifindex,
    filter: EVERY_FRAME,
    etherType: BEAT_ETHERTYPE,
    trafficClass: NETWORK_CONTROL,
  })
  try {
    socket.joinMulticastMac(BEAT_GROUP_MAC)
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

function closePort(members: MemberSockets): void {
  members.port?.close()
  members.port = undefined
}

function closeBeats({ beats }: MemberSockets, ifindex: number): void {
  beats.get(ifindex)?.close()
  beats.delete(ifindex)
}

export function closeMembers(members: MemberSockets): void {
  closePort(members)
  for (const ifindex of members.beats.keys()) closeBeats(members, ifindex)
}

/** The next datagram that waits, as an event; its bytes are the event's own, for the machine keeps parts of them. */
export function nextDatagram({ members }: LinkLoop): LinkEvent | undefined {
  return attemptOf({ kind: 'receiveDatagram' }, () => {
    const datagram = members.port?.receive()
    return datagram && { kind: 'datagram', bytes: datagram.bytes.slice(), source: datagram.source }
  })
}

export function nextBeat({ members }: LinkLoop, ifindex: number): LinkEvent | undefined {
  return attemptOf({ kind: 'receiveBeat', ifindex }, () => {
    const frame = members.beats.get(ifindex)?.receive()
    return frame && { kind: 'beatFrame', ifindex, bytes: frame.bytes.slice() }
  })
}
