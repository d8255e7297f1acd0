import type { Address, Family, Prefix } from '@steelyard/net'
import type { Notification } from './message.ts'

/** How to be a peer. All of it is in the OPEN or decides what is sent: a change of it needs another session. */
export type PeerConfig = {
  /** The one AS number that this peer is shown. */
  readonly localAsn: number
  readonly peerAsn:
    | { readonly kind: 'number'; readonly asn: number }
    /** Whatever it says, so long as it is ours, or is not. */
    | { readonly kind: 'internal' }
    | { readonly kind: 'external' }
  /** The families of unicast routes that are offered. */
  readonly families: readonly Family[]
  /** RFC 8950: IPv4 routes with an IPv6 next hop are offered. */
  readonly extendedNextHop: boolean
  /** Milliseconds, whole seconds; 0 = no hold timer and no keepalives. */
  readonly holdMs: number
  readonly keepaliveMs: number
  /** Absent = with backoff: 0, 1, 2, 4 … 120 s. */
  readonly connectMs?: number
  /** RFC 4724; absent = not offered. */
  readonly gracefulRestart?: { readonly restartSeconds: number }
  /** It connects, we wait (`Session.accept`). */
  readonly passive: boolean
}

/** What is known of a connection once it stands. */
export type ConnectionFacts = {
  readonly localAddress: Address
  readonly remoteAddress: Address
  /** Beside the two addresses: the BGP Identifier to show on it, a 32-bit number. */
  readonly routerId: number
  readonly nextHops: NextHops
}

/** What is said to be the next hop of our routes; a family that has none is not announced. */
export type NextHops = {
  /** Of IPv4 routes, where RFC 8950 has not been agreed upon: else theirs is `ipv6`, when there is one. */
  readonly ipv4?: Address
  readonly ipv6?: Address
  /** Beside an IPv6 next hop, when the peer is on the link. */
  readonly linkLocal?: Address
}

/** A byte stream to the peer. */
export type Connection = {
  /** @returns false when the peer is slower than we are: nothing more is to be sent before `onDrain`. */
  readonly send: (bytes: Uint8Array) => boolean
  /** What was sent still goes out first, for a short while; then it is over. */
  readonly close: () => void
}

export type ConnectionListener = {
  readonly onOpen: (facts: ConnectionFacts) => void
  /** Valid only until it returns. */
  readonly onBytes: (bytes: Uint8Array) => void
  readonly onDrain: () => void
  /** Once, and the last word; not after our own `close`. @param why a sentence */
  readonly onClose: (why: string) => void
}

/** Makes connections to one peer. */
export type Transport = {
  /** Begins to connect; never throws: what fails is told by `onClose`. */
  readonly connect: (listener: ConnectionListener) => Connection
}

/** A connection that the peer made: given to `Session.accept`, told of from then on. */
export type Incoming = (listener: ConnectionListener) => Connection

/** One route to announce. The session adds what is the session's: next hop, AS_PATH, ORIGIN. */
export type Route = {
  readonly prefix: Prefix
  /** Sent to internal peers only. */
  readonly localPref: number
  /** Ascending, each once. */
  readonly communities: readonly number[]
  readonly largeCommunities: readonly (readonly [number, number, number])[]
  /** Bytes per second, in a link bandwidth extended community (draft-ietf-idr-link-bandwidth); absent = none. */
  readonly linkBandwidth?: number
}

/** What changed of the routes to announce, by `formatPrefix`; undefined = not announced any more. */
export type RouteChanges = ReadonlyMap<string, Route | undefined>

/** How a session is ended by us. */
export type Ending =
  /** Cease with this subcode (RFC 4486), and words for the peer's operator where RFC 9003 has room for them. */
  | { readonly kind: 'cease'; readonly subcode: number; readonly text?: string }
  /** Without a word, so that a peer that knows graceful restart keeps our routes. */
  | { readonly kind: 'silent' }

export type SessionState = 'idle' | 'connect' | 'active' | 'openSent' | 'openConfirm' | 'established'

/** What is to be known of a session from outside. Made anew on each change, so that it can be compared by identity. */
export type SessionView = {
  readonly state: SessionState
  /** Of `state`, on the clock that was handed in. */
  readonly since: number
  /** Times it was established and was lost again, since it exists. */
  readonly flaps: number
  /** Why it was lost or could not be had last, as a sentence with what to look at; undefined = never. */
  readonly lastError?: string
  /** While established, else undefined. */
  readonly established?: {
    readonly localAddress: Address
    readonly remoteAddress: Address
    readonly remoteAsn: number
    readonly remoteRouterId: number
    readonly holdMs: number
    readonly keepaliveMs: number
    /** Those that both carry. */
    readonly families: readonly Family[]
    readonly fourOctetAsn: boolean
    readonly extendedNextHop: boolean
    readonly gracefulRestart: boolean
    readonly routeRefresh: boolean
  }
  /** Prefixes the peer has been told of. */
  readonly announced: number
  /** Wanted and not yet told, or to be taken back and not yet. */
  readonly pending: number
  /** Wanted, and impossible here: a family that was not agreed upon, or without a next hop. */
  readonly unsendable: number
}

/** Totals since the session object was made. */
export type SessionCounters = {
  readonly sent: Readonly<Record<MessageKind, number>>
  readonly received: Readonly<Record<MessageKind, number>>
  /** Prefixes the peer announced or withdrew: looked at, counted and forgotten. */
  readonly receivedPrefixes: number
  /** UPDATEs that RFC 7606 has us treat as a withdrawal, or attributes discarded by it. */
  readonly malformedUpdates: number
}
export type MessageKind = 'open' | 'update' | 'notification' | 'keepalive' | 'routeRefresh'

export type SessionListener = {
  /** Whenever `view()` is another. */
  readonly onView: (view: SessionView) => void
  readonly onNotification: (which: 'sent' | 'received', notification: Notification, meaning: string) => void
}

/** A peer, kept up as long as it is wanted. */
export type Session = {
  readonly view: () => SessionView
  readonly counters: () => SessionCounters
  /** What to announce changed. Sent at the end of this turn of the event loop, as few UPDATEs as fit, as fast as the peer reads. */
  readonly change: (changes: RouteChanges) => void
  /** Another next hop, at once and without a reset: the routes are announced again. */
  readonly setNextHops: (nextHops: NextHops) => void
  /**
   * Not End-of-RIB before this has been called once: what is announced is complete. RFC 4724 section 2.
   */
  readonly complete: () => void
  /** The peer connected to us. Refused when it must not, settled by RFC 4271 section 6.8 when we connect as well. */
  readonly accept: (incoming: Incoming) => void
  /** The connection is known to be dead (BFD): Cease/10 (RFC 9384), and a new try. */
  readonly lost: (why: string) => void
  /** Try now, whatever the backoff says. */
  readonly retry: () => void
  /** Resolves when the last byte has left or a short while has passed. */
  readonly stop: (ending: Ending) => Promise<void>
}
