import type { Journal } from '../lab/journal.ts'
import type { Feature } from './features.ts'

/** The routers of the interop ring, each a real daemon. */
export type RouterKind = 'frr' | 'bird' | 'gobgp' | 'openbgpd' | 'exabgp'
export type RouteFamily = 'ipv4' | 'ipv6'

export type RouterOptions = {
  /** The full name of the network namespace it runs in: its interfaces, addresses and routes are there already. */
  readonly namespace: string
  /** Tells routers of one namespace apart in messages; the kind unless told. */
  readonly name?: string
  readonly asn: number
  /** Dotted quad. */
  readonly routerId: string
  readonly neighbours: readonly NeighbourOptions[]
  /** Watched by BFD alone, whatever BGP does. */
  readonly bfdPeers?: readonly BfdPeerOptions[]
  /** Where it leaves word of its processes and its folder, so that they go even if this process is killed. */
  readonly journal?: Pick<Journal, 'addFolder' | 'addProcess'>
  /** FRR: whether zebra writes what it learns into the kernel's routes; false unless told. */
  readonly installRoutes?: boolean
  /** Whether a signal ends the daemons and this process; true unless told. A program that has its own way to end says false. */
  readonly endsOnSignal?: boolean
  /** FRR: equal paths are weighted by their link bandwidth. */
  readonly weightedPaths?: boolean
}

export type NeighbourOptions = {
  /** Of the peer; with a link-local one, or none at all (unnumbered), also the interface. */
  readonly address?: string
  readonly interface?: string
  readonly asn: number
  /** The router's own towards this peer, unless it is that of all. GoBGP has only that of all here. */
  readonly localAsn?: number
  /** Where the router speaks from. ExaBGP needs to be told. */
  readonly localAddress?: string
  readonly families: readonly RouteFamily[]
  readonly password?: string
  /** Hops that an eBGP peer may be away; absent = on the link. */
  readonly ebgpMultihop?: number
  readonly gracefulRestart?: { readonly restartSeconds: number }
  /** The router waits, the peer connects. */
  readonly passive?: boolean
  readonly bfd?: BfdOptions
  /** RFC 5082: what arrives must have been sent with a TTL of 255. */
  readonly ttlSecurity?: boolean
  /** False: a speaker that knows only two octets of AS numbers. */
  readonly fourOctetAsn?: boolean
  /** RFC 8950. */
  readonly extendedNextHop?: boolean
  /** Whole seconds; 9 and 3 unless told, so that a test need not wait long. */
  readonly holdSeconds?: number
  readonly keepaliveSeconds?: number
}

/** Milliseconds, as in a BFDProfile. */
export type BfdOptions = {
  readonly transmitInterval?: number
  readonly receiveInterval?: number
  readonly detectMultiplier?: number
  readonly echoInterval?: number
  readonly passive?: boolean
  readonly minimumTtl?: number
}

/** BIRD has the numbers of the first for all. */
export type BfdPeerOptions = BfdOptions & {
  readonly address: string
  /** Of a link-local address. */
  readonly interface?: string
  /** FRR needs it over several hops and with IPv6. */
  readonly localAddress?: string
  /** RFC 5883. */
  readonly multihop?: boolean
}

/** A BFD session as the router tells of it. What the router does not show is undefined. */
export type RouterBfdSession = {
  readonly neighbour: string
  readonly state: 'adminDown' | 'down' | 'init' | 'up'
  /** How often it sends, and after what silence it gives up. */
  readonly inEffect: { readonly transmitMs: number; readonly detectMs: number } | undefined
  /** What the peer says of itself. */
  readonly peerSays:
    | { readonly transmitMs: number; readonly receiveMs: number; readonly detectMultiplier: number }
    | undefined
  /** Why it went down last. */
  readonly diagnostic: string | undefined
  readonly counters: RouterBfdCounters | undefined
}

export type RouterBfdCounters = {
  readonly ups: number
  readonly downs: number
  readonly controlIn: number
  readonly controlOut: number
  readonly echoIn: number
  readonly echoOut: number
}

export type RouterBfd = {
  /** With a BGP neighbour or one of `bfdPeers`; undefined = there is none. */
  readonly session: (neighbour: string) => Promise<RouterBfdSession | undefined>
  /** Other numbers for the peers of BFD alone; their sessions stand. */
  readonly retune: (peers: readonly BfdPeerOptions[]) => Promise<void>
  /** AdminDown, or no longer. @throws UnsupportedError */
  readonly setShut: (neighbour: string, isShut: boolean) => Promise<void>
}

export type RouterSessionState = 'idle' | 'connect' | 'active' | 'openSent' | 'openConfirm' | 'established'

/** A session as the router tells of it. What the router does not show is undefined. */
export type RouterSession = {
  /** The address, or the interface of an unnumbered one. */
  readonly neighbour: string
  readonly state: RouterSessionState
  /** Times an established session was lost. */
  readonly flaps: number
  readonly uptimeSeconds: number | undefined
  /** Those of the peer: in the words of `CAPABILITIES`. */
  readonly capabilities: readonly RouterCapability[]
  readonly holdSeconds: number | undefined
  /** Why it was lost last, in the router's own words, with the shutdown communication where it shows it. */
  readonly lastError: string | undefined
}

export type RouterCapability =
  | 'multiprotocol ipv4'
  | 'multiprotocol ipv6'
  | 'routeRefresh'
  | 'enhancedRouteRefresh'
  | 'extendedNextHop'
  | 'extendedMessage'
  | 'gracefulRestart'
  | 'fourOctetAsn'

/** One path to a prefix as the router has it: of an ECMP route there are several. */
export type RouterRoute = {
  readonly prefix: string
  /** The global one first, the link-local one beside it. */
  readonly nextHops: readonly string[]
  readonly asPath: readonly number[]
  readonly origin: 'igp' | 'egp' | 'incomplete'
  readonly localPref: number | undefined
  readonly med: number | undefined
  /** `a:b`, numbers also for those that have a name. */
  readonly communities: readonly string[]
  /** `a:b:c`. */
  readonly largeCommunities: readonly string[]
  /** Others than link bandwidth, as the router writes them. */
  readonly extendedCommunities: readonly string[]
  readonly linkBandwidth: LinkBandwidth | undefined
  /** The peer it came from; undefined = the router's own. */
  readonly from: string | undefined
  /** Kept for a peer that restarts (RFC 4724); undefined = the router does not tell. */
  readonly stale: boolean | undefined
}

export type LinkBandwidth = { readonly asn: number; readonly bytesPerSecond: number }

/** A router daemon. Every wait in it is bounded, and a failure shows the end of its log. */
export type Router = {
  readonly kind: RouterKind
  readonly name: string
  readonly namespace: string
  /** Undefined = this kind has none. */
  readonly bfd?: RouterBfd
  /** Of its files and sockets. */
  readonly folder: string
  readonly sessions: () => Promise<readonly RouterSession[]>
  readonly session: (neighbour: string) => Promise<RouterSession>
  readonly routes: (family: RouteFamily) => Promise<readonly RouterRoute[]>
  /** The paths to one prefix: cheaper than all of them. */
  readonly paths: (prefix: string) => Promise<readonly RouterRoute[]>
  /** Asks the peer for its routes again. @throws UnsupportedError */
  readonly refresh: (neighbour: string) => Promise<void>
  /** Down until `enable`, with words for the peer (RFC 9003) where the router has room for them. */
  readonly shutdown: (neighbour: string, text?: string) => Promise<void>
  readonly enable: (neighbour: string) => Promise<void>
  /** Resets the session; it may come back by itself. */
  readonly clear: (neighbour: string) => Promise<void>
  readonly announce: (prefix: string) => Promise<void>
  readonly withdraw: (prefix: string) => Promise<void>
  /** SIGSTOP and SIGCONT to all of it. */
  readonly pause: () => void
  readonly resume: () => void
  /** In order; may be started again. */
  readonly stop: () => Promise<void>
  /** SIGKILL. */
  readonly kill: () => Promise<void>
  /** After `stop` or `kill`, or in their place. */
  readonly restart: () => Promise<void>
  /** The ends of its logs, for messages. */
  readonly logs: () => string
  /** All that it logged. */
  readonly fullLog: () => string
  /** The adapter's own command line, for what only one router shows or does; FRR takes several commands at a time. */
  readonly tell: (...commands: readonly string[]) => Promise<string>
  /** Ends it for good; its folder goes. May be called twice. */
  readonly close: () => Promise<void>
}

/** A router was asked for what it cannot. */
export class UnsupportedError extends Error {
  readonly feature: Feature
  constructor(kind: RouterKind, feature: Feature, why: string) {
    super(`${kind} cannot do ${feature}: ${why}`)
    this.name = 'UnsupportedError'
    this.feature = feature
  }
}
