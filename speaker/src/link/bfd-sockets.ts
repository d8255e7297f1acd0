import { ETHERTYPE, udpPortFilter } from '@steelyard/arp-lib'
import { ECHO_PORT } from '@steelyard/bfd'
import { NETWORK_CONTROL } from '@steelyard/net'
import { type NetlinkSocket, type PacketSocket, SystemCallError, type UdpSocket } from '@steelyard/raw-socket'
import type { BfdAct, BfdAttempt, BfdEvent } from './decide/bfd-state.ts'
import type { LinkEvent } from './decide/state.ts'
import type { LinkLoop } from './link-loop.ts'

/** The sockets towards neighbours that BFD watches over. */
export type BfdSockets = {
  /** By family, port and device. */
  readonly receivers: Map<string, UdpSocket>
  /** By our discriminator. */
  readonly senders: Map<number, UdpSocket>
  /** By interface and family. */
  readonly echoes: Map<string, PacketSocket>
  neighbours: NetlinkSocket | undefined
}

export function bfdSockets(): BfdSockets {
  return { receivers: new Map(), senders: new Map(), echoes: new Map(), neighbours: undefined }
}

/** What the kernel refuses becomes an event, as for the other sockets. */
export function carryOutBfd(loop: LinkLoop, act: BfdAct): LinkEvent | undefined {
  return attemptBfd(act, () => perform(loop, act))
}

export function attemptBfd(tried: BfdAttempt, call: () => BfdEvent | undefined): LinkEvent | undefined {
  try {
    const what = call()
    return what && { kind: 'bfd', what }
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return { kind: 'bfd', what: { kind: 'failed', tried, error } }
  }
}

type Performers = {
  readonly [kind in BfdAct['kind']]: (loop: LinkLoop, act: Extract<BfdAct, { kind: kind }>) => BfdEvent | undefined
}

const PERFORMERS: Performers = {
  openReceiver: ({ bfd, world }, act) => {
    const { kind: _kind, key, family, ...options } = act
    const address = { family, words: Array<number>(family === 4 ? 1 : 4).fill(0) }
    bfd.receivers.set(key, world.io.openUdp({ address, ...options }))
    return { kind: 'opened', tried: act }
  },
  openSender: ({ bfd, world }, act) => {
    const { kind: _kind, id, ...options } = act
    bfd.senders.set(id, world.io.openUdp(options))
    return { kind: 'opened', tried: act }
  },
  openEchoPort: ({ bfd, world }, act) => {
    const { key, ifindex, family } = act
    const etherType = family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6
    bfd.echoes.set(
      key,
      world.io.openPacket({ ifindex, etherType, filter: udpPortFilter(ECHO_PORT), trafficClass: NETWORK_CONTROL }),
    )
    return { kind: 'opened', tried: act }
  },
  listNeighbours: ({ bfd, world }) => {
    bfd.neighbours ??= world.io.openNetlink({ topics: ['neighbour'] })
    return { kind: 'neighbours', found: bfd.neighbours.dumpNeighbours() }
  },
  closeReceiver: ({ bfd }, { key }) => closeIn(bfd.receivers, key),
  closeSender: ({ bfd }, { id }) => closeIn(bfd.senders, id),
  closeEchoPort: ({ bfd }, { key }) => closeIn(bfd.echoes, key),
  closeNeighbours: ({ bfd }) => {
    bfd.neighbours?.close()
    bfd.neighbours = undefined
    return undefined
  },
  send: ({ bfd }, { id, to, bytes }) => {
    bfd.senders.get(id)?.send(to, bytes)
    return undefined
  },
  sendBack: ({ bfd }, { key, to, bytes }) => {
    bfd.receivers.get(key)?.send(to, bytes)
    return undefined
  },
  sendEcho: ({ bfd }, { key, frame }) => {
    bfd.echoes.get(key)?.send(frame)
    return undefined
  },
}

function perform(loop: LinkLoop, act: BfdAct): BfdEvent | undefined {
  const performer = PERFORMERS[act.kind] as (loop: LinkLoop, act: BfdAct) => BfdEvent | undefined
  return performer(loop, act)
}

function closeIn<Key>(sockets: Map<Key, { readonly close: () => void }>, key: Key): undefined {
  sockets.get(key)?.close()
  sockets.delete(key)
}

export function closeBfd(bfd: BfdSockets): void {
  for (const sockets of [bfd.receivers, bfd.senders, bfd.echoes]) {
    for (const socket of sockets.values()) socket.close()
    sockets.clear()
  }
  bfd.neighbours?.close()
  bfd.neighbours = undefined
}
