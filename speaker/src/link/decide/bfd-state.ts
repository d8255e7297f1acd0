import { type BfdSessions, bfdSessions, type SessionEntry } from '@steelyard/bfd'
import type { Address, Mac } from '@steelyard/net'
import type { BfdCounters, DesiredBfd } from '../messages.ts'
import { closed, type Opening } from './member-state.ts'
import type { FailedCall } from './state.ts'

/** Changed with each packet. */
export type BfdPackets = { -readonly [field in keyof Omit<BfdCounters, 'key'>]: number }

/** One neighbour that is watched over, or is being told that it no longer is. */
export type BfdWatch = {
  /** See `identityOf`. */
  readonly identity: string
  /** Who wants it: several BGP sessions with one router share its BFD session, as they do there. */
  keys: readonly string[]
  /** The first one's numbers count. */
  desired: DesiredBfd
  readonly peer: Address
  readonly local: Address | undefined
  readonly since: number
  readonly packets: BfdPackets
  /** undefined: its interface does not exist. */
  entry: SessionEntry | undefined
  /** The socket it sends from, known by its session's discriminator. */
  readonly sender: Opening
  /** Of its interface or device when the socket was opened. */
  boundTo: number | undefined
  /** By which interface and to which of our addresses the peer's last packet came. */
  met: { readonly ifindex: number; readonly local: Address } | undefined
  /** The fault that was told last, and how often it has happened since. */
  fault: { readonly text: string; readonly toldAt: number; times: number } | undefined
}

/** A port on which datagrams of neighbours are received. */
export type BfdReceiver = Opening & {
  readonly key: string
  readonly family: 4 | 6
  readonly port: number
  readonly device: string | undefined
  /** Another device has the same port. */
  shared: boolean
  boundTo: number | undefined
}

/** Where echoes go out and come in as frames. */
export type EchoPort = Opening & { readonly key: string; readonly ifindex: number; readonly family: 4 | 6 }

/** The part of the link worker's state that is about BFD. */
export type BfdPart = {
  readonly sessions: BfdSessions
  /** Those that are wanted, by identity. */
  readonly watches: Map<string, BfdWatch>
  /** By our discriminator, those too that are ending. */
  readonly byDiscriminator: Map<number, BfdWatch>
  readonly receivers: Map<string, BfdReceiver>
  readonly echoPorts: Map<string, EchoPort>
  /** The peers that are asked to loop echoes back, and whose echoes are looped back, as text. */
  echoPeers: ReadonlySet<string>
  /** How the MACs of those are learnt. */
  readonly neighbours: Opening
  /** By interface index and address. */
  readonly macs: Map<string, Mac>
  /** Every datagram that came before this moment has been seen. */
  readUntil: number
  /** When something that could not be opened is tried again. */
  retryAt: number
  /** Something is to be told of a session. */
  isStale: boolean
  /** When packets were counted up to the main thread last. */
  countersToldAt: number
}

export function bfdPart(): BfdPart {
  return {
    sessions: bfdSessions(),
    watches: new Map(),
    byDiscriminator: new Map(),
    receivers: new Map(),
    echoPorts: new Map(),
    echoPeers: new Set(),
    neighbours: closed(0),
    macs: new Map(),
    readUntil: Number.NEGATIVE_INFINITY,
    retryAt: Number.POSITIVE_INFINITY,
    isStale: false,
    countersToldAt: Number.NEGATIVE_INFINITY,
  }
}

/** A datagram as the kernel hands it over; `bytes` are valid only while the event is. */
export type BfdDatagram = {
  readonly bytes: Uint8Array
  readonly source: Address
  readonly sourcePort: number
  readonly destination: Address | undefined
  readonly ifindex: number | undefined
  readonly ttl: number | undefined
}

export type FoundNeighbour = { readonly index: number; readonly address: Address; readonly mac: Mac | undefined }

/** What came from neighbours, or happened to the sockets towards them. */
export type BfdEvent =
  | { readonly kind: 'datagram'; readonly key: string; readonly datagram: BfdDatagram }
  /** A whole frame from an echo port. */
  | { readonly kind: 'echo'; readonly frame: Uint8Array }
  | { readonly kind: 'neighbours'; readonly found: readonly FoundNeighbour[] }
  /** All that waited until this moment has been taken. */
  | { readonly kind: 'read'; readonly until: number }
  | { readonly kind: 'opened'; readonly tried: BfdAct }
  | { readonly kind: 'failed'; readonly tried: BfdAttempt; readonly error: FailedCall }
  /** The worker ends: the peers are told. */
  | { readonly kind: 'leave' }

export type BfdTarget = { readonly address: Address; readonly port: number; readonly ifindex?: number }

/** What to do with the sockets towards neighbours. */
export type BfdAct =
  | {
      readonly kind: 'openReceiver'
      readonly key: string
      readonly family: 4 | 6
      readonly port: number
      readonly ttl: number
      readonly trafficClass: number
      readonly device?: string
      readonly shared: boolean
    }
  | {
      readonly kind: 'openSender'
      readonly id: number
      readonly address: Address
      readonly port: number
      readonly ttl: number
      readonly trafficClass: number
      readonly device?: string
      readonly ifindex?: number
    }
  | { readonly kind: 'openEchoPort'; readonly key: string; readonly ifindex: number; readonly family: 4 | 6 }
  /** Opens what tells of neighbours, if it is not open, and lists them all. */
  | { readonly kind: 'listNeighbours' }
  | { readonly kind: 'closeReceiver' | 'closeEchoPort'; readonly key: string }
  | { readonly kind: 'closeSender'; readonly id: number }
  | { readonly kind: 'closeNeighbours' }
  | { readonly kind: 'send'; readonly id: number; readonly to: BfdTarget; readonly bytes: Uint8Array }
  /** From a receiver's own socket: what was looped back. */
  | { readonly kind: 'sendBack'; readonly key: string; readonly to: BfdTarget; readonly bytes: Uint8Array }
  | { readonly kind: 'sendEcho'; readonly key: string; readonly frame: Uint8Array }

export type BfdAttempt = BfdAct | { readonly kind: 'receive' | 'receiveEcho'; readonly key: string }
