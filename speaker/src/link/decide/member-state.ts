import type { AddressClaim, MembershipState } from '@steelyard/membership'
import type { Address, Mac } from '@steelyard/net'
import type { MembershipDesired } from '../messages.ts'

/** Who this node is among the speakers, and where it listens: fixed for the life of the process. */
export type MemberSelf = { readonly node: string; readonly address: Address; readonly port: number }

/** Something that is opened, and tried again after a failure. */
export type Opening = { isOpen: boolean; failures: number; retryAt: number }

/** An interface that could be announced on at some time in this life and still exists. Beats go over it. */
export type SeenInterface = Opening & {
  readonly ifindex: number
  name: string
  mac: Mac
  /** It can be announced on now. */
  isUsable: boolean
  /** Frames do not get through, although it is up. */
  isDeaf: boolean
}

/** A question to the gateway that is not answered yet. */
export type Asked = { readonly gateway: Address; readonly channelKey: string; readonly until: number }

/** One life among the speakers: from when membership is switched on. */
export type MemberLife = {
  readonly machine: MembershipState
  desired: MembershipDesired
  /** Where to reach the others. */
  roster: ReadonlyMap<string, Address>
  readonly port: Opening
  /** The port has been bound: others can be heard. */
  isBound: boolean
  /** May answer, as of the last turn. */
  isSettled: boolean
  isLeaving: boolean
  /** Own claims that a better one of a living node beats, as the machine told last. */
  beaten: ReadonlySet<string>
  /** Addresses that are silent until this node has a better claim than the one that was beaten. */
  readonly silenced: Map<string, AddressClaim | undefined>
  silencedTold: string
  asked: Asked | undefined
  /** What the machine was told last, as text. */
  linksTold: string
  carrierTold: boolean
  droppedTold: string
  /** Nodes that have sent what could not be opened, and when that was told last. */
  readonly unreadable: Map<string, number>
  countersToldAt: number
}

/** The part of the link worker's state that is about the other speakers. */
export type MemberPart = {
  /** undefined: this worker was started without a name and can be no member. */
  readonly self: MemberSelf | undefined
  /** By interface index. Kept with membership off too. */
  readonly seen: Map<number, SeenInterface>
  /** Some interface could be announced on once. */
  hadCarrier: boolean
  /** undefined: membership is off, and everything is as without it. */
  life: MemberLife | undefined
}

export function memberPart(self: MemberSelf | undefined): MemberPart {
  return { self, seen: new Map(), hadCarrier: false, life: undefined }
}

export function closed(now: number): Opening {
  return { isOpen: false, failures: 0, retryAt: now }
}

/** What happened among the speakers, or to the sockets towards them. */
export type MemberEvent =
  /** `bytes` belong to whoever gets them. */
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly source: Address }
  /** A whole frame. */
  | { readonly kind: 'beatFrame'; readonly ifindex: number; readonly bytes: Uint8Array }
  /** The loop was late. Told before anything that waited meanwhile. */
  | { readonly kind: 'late'; readonly lagMs: number }
  | { readonly kind: 'portBound' }
  | { readonly kind: 'failed'; readonly tried: MemberAttempt; readonly error: MemberFailure }

export type MemberFailure = { readonly call: string; readonly errno: string; readonly message: string }

/** What to do with the sockets towards the other speakers. */
export type MemberAct =
  | { readonly kind: 'openPort'; readonly address: Address; readonly port: number }
  | { readonly kind: 'openBeats'; readonly ifindex: number }
  | { readonly kind: 'sendDatagram'; readonly to: Address; readonly port: number; readonly bytes: Uint8Array }
  | { readonly kind: 'sendBeat'; readonly ifindex: number; readonly frame: Uint8Array }
  /** Asks the gateway, over the socket of a channel. */
  | { readonly kind: 'ask'; readonly key: string; readonly frame: Uint8Array }
  | { readonly kind: 'closePort' }
  | { readonly kind: 'closeBeats'; readonly ifindex: number }

export type MemberAttempt =
  | MemberAct
  | { readonly kind: 'receiveDatagram' }
  | { readonly kind: 'receiveBeat'; readonly ifindex: number }
