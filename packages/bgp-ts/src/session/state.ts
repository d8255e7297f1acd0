import type { Family } from '@steelyard/net'
import type { Random } from '@steelyard/runtime'
import type { Message, Notification, Open, Update } from '../message.ts'
import type { ConnectionFacts, Ending, PeerConfig } from '../peer.ts'
import type { Agreed } from './terms.ts'

/** Names one connection, as long as it exists; given by the shell to those that are accepted, by the machine to its own. */
export type TrackId = number

/** One connection: RFC 4271 section 8.2.1 has a state machine for each, since two may exist for a while. */
export type Track = {
  readonly id: TrackId
  /** Who made it. */
  readonly direction: 'outgoing' | 'incoming'
  /** `connecting`: no byte stream yet. */
  state: 'connecting' | 'openSent' | 'openConfirm' | 'established'
  /** Known once the byte stream stands. */
  facts: ConnectionFacts | undefined
  /** What was said about ourselves. */
  ourOpen: Open | undefined
  /** What both OPENs come to, from OpenConfirm on. */
  agreed: Agreed | undefined
  /** When the peer must have spoken next: its OPEN, then anything. Infinity = never. */
  holdAt: number
  /** When our next KEEPALIVE is due; Infinity = none. */
  keepaliveAt: number
  /** Since when the peer has not read what we sent; undefined while it does. RFC 9687. */
  blockedAt: number | undefined
  establishedAt: number
}

/** What is left out of our OPEN: by peers that refused it. RFC 5492 section 3. */
export type Omission = 'nothing' | 'optional' | 'everything'

export type MachineState = {
  /** Between `start` and `stop`. */
  readonly isStarted: boolean
  readonly tracks: readonly Readonly<Track>[]
  readonly nextTrack: TrackId
  /** While there is no connection: `idleHold` refuses the peer's too (Idle), `connectRetry` does not (Active). */
  readonly wait: 'none' | 'idleHold' | 'connectRetry'
  readonly waitUntil: number
  readonly attemptAt: number
  /** Attempts in a row that did not end Established. */
  readonly failures: number
  /** Sessions in a row that were lost too soon after they had been Established. */
  readonly earlyLosses: number
  readonly omission: Omission
  /** Until a session has been Established: the R bit of RFC 4724. */
  readonly isRestarting: boolean
  readonly flaps: number
  readonly lastError: string | undefined
}

/** What the peer said; of an UPDATE only that it came. */
export type Heard = Exclude<Message, Update> | { readonly kind: 'update' }

export type MachineEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'stop'; readonly ending: Ending }
  /** BFD has lost the peer. RFC 9384. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Try now. */
  | { readonly kind: 'retry' }
  /** Time has passed. */
  | { readonly kind: 'tick' }
  /** The peer connected to us. `track` is a number of the shell's choice below zero, never used before. */
  | { readonly kind: 'accept'; readonly track: TrackId }
  | { readonly kind: 'opened'; readonly track: TrackId; readonly facts: ConnectionFacts }
  | { readonly kind: 'closed'; readonly track: TrackId; readonly why: string }
  | { readonly kind: 'message'; readonly track: TrackId; readonly message: Heard }
  /** What the peer sent cannot be: the notification is the answer to it. */
  | { readonly kind: 'malformed'; readonly track: TrackId; readonly notification: Notification; readonly why: string }
  /** The peer does not keep up with what we send, or does again. */
  | { readonly kind: 'blocked' | 'drained'; readonly track: TrackId }

export type MachineEffect =
  | { readonly kind: 'connect'; readonly track: TrackId }
  /** Begin to listen to a connection that the peer made, or send it a word and let it go. */
  | { readonly kind: 'take'; readonly track: TrackId }
  | { readonly kind: 'refuse'; readonly track: TrackId; readonly notification: Notification }
  | { readonly kind: 'send'; readonly track: TrackId; readonly message: Message }
  /** What was sent before still goes out. */
  | { readonly kind: 'close'; readonly track: TrackId }
  /** From here on bytes are read and written in these terms. */
  | { readonly kind: 'agreed'; readonly track: TrackId; readonly agreed: Agreed }
  /** Announce the whole table. */
  | { readonly kind: 'established'; readonly track: TrackId; readonly agreed: Agreed; readonly facts: ConnectionFacts }
  /** Nothing can be announced any more. */
  | { readonly kind: 'down'; readonly track: TrackId }
  | { readonly kind: 'refresh'; readonly family: Family }
  | { readonly kind: 'notified'; readonly which: 'sent' | 'received'; readonly notification: Notification }

/** What the machine does not change. `random` is asked for jitter only. */
export type MachineConfig = { readonly peer: PeerConfig; readonly random: Random }

/** One step in the making. */
export type Turn = {
  readonly state: Draft
  readonly now: number
  readonly config: MachineConfig
  readonly effects: MachineEffect[]
}
export type Draft = { -readonly [key in keyof Omit<MachineState, 'tracks'>]: MachineState[key] } & { tracks: Track[] }

export function initialState(isRestarting: boolean): MachineState {
  return {
    isStarted: false,
    tracks: [],
    nextTrack: 1,
    wait: 'none',
    waitUntil: Number.POSITIVE_INFINITY,
    attemptAt: Number.NEGATIVE_INFINITY,
    failures: 0,
    earlyLosses: 0,
    omission: 'nothing',
    isRestarting,
    flaps: 0,
    lastError: undefined,
  }
}
