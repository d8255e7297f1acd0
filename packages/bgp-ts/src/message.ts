import type { Address, Family, Prefix } from '@steelyard/net'

/** What two BGP speakers say to each other (RFC 4271 section 4), as values. */
export type Message = Open | Update | Notification | Keepalive | RouteRefresh

export type Open = {
  readonly kind: 'open'
  readonly version: number
  /** The 2-octet field "My Autonomous System": AS_TRANS where the number does not fit (RFC 6793). */
  readonly asn: number
  /** Whole seconds; 0 = no keepalives. */
  readonly holdSeconds: number
  /** The BGP Identifier, a 32-bit number; not 0 (RFC 6286). */
  readonly routerId: number
  /** In the order of the message. */
  readonly capabilities: readonly Capability[]
}

/** RFC 5492. What a peer offers more than once stands here more than once. */
export type Capability =
  /** RFC 4760 section 8. */
  | { readonly kind: 'multiprotocol'; readonly afi: number; readonly safi: number }
  /** RFC 2918. */
  | { readonly kind: 'routeRefresh' }
  /** RFC 7313. */
  | { readonly kind: 'enhancedRouteRefresh' }
  /** RFC 8950 section 4. */
  | { readonly kind: 'extendedNextHop'; readonly entries: readonly ExtendedNextHop[] }
  /** RFC 8654. */
  | { readonly kind: 'extendedMessage' }
  /** RFC 4724 section 3, with the N bit of RFC 8538. */
  | GracefulRestart
  /** RFC 6793. */
  | { readonly kind: 'fourOctetAsn'; readonly asn: number }
  | { readonly kind: 'unknown'; readonly code: number; readonly value: Uint8Array }

export type ExtendedNextHop = { readonly afi: number; readonly safi: number; readonly nextHopAfi: number }

export type GracefulRestart = {
  readonly kind: 'gracefulRestart'
  /** The speaker has just restarted. */
  readonly restarting: boolean
  /** RFC 8538: a NOTIFICATION, too, leaves the routes standing. */
  readonly notification: boolean
  /** 0 to 4095. */
  readonly restartSeconds: number
  readonly families: readonly { readonly afi: number; readonly safi: number; readonly forwarding: boolean }[]
}

/** One UPDATE: what is gone, and what is reachable with these attributes. */
export type Update = {
  readonly kind: 'update'
  /** IPv4 unicast of the message's own field (RFC 4271 section 4.3). */
  readonly withdrawn: readonly Prefix[]
  readonly attributes: Attributes
  /** IPv4 unicast of the message's own field. */
  readonly reachable: readonly Prefix[]
}

/** The attributes of an UPDATE. Absent = not in the message. */
export type Attributes = {
  readonly origin?: Origin
  readonly asPath?: readonly AsSegment[]
  /** NEXT_HOP (RFC 4271 section 5.1.3): always IPv4. */
  readonly nextHop?: Address
  readonly med?: number
  readonly localPref?: number
  /** RFC 1997: 32-bit numbers. */
  readonly communities?: readonly number[]
  readonly mpReach?: MpReach
  readonly mpUnreach?: { readonly family: Family; readonly withdrawn: readonly Prefix[] }
  /** RFC 4360: eight bytes each. */
  readonly extendedCommunities?: readonly Uint8Array[]
  /** RFC 6793: towards and from peers that know two octets only. */
  readonly as4Path?: readonly AsSegment[]
  /** RFC 8092. */
  readonly largeCommunities?: readonly (readonly [number, number, number])[]
}

export type Origin = 'igp' | 'egp' | 'incomplete'
export type AsSegment = {
  readonly kind: 'sequence' | 'set' | 'confedSequence' | 'confedSet'
  readonly asns: readonly number[]
}

/** RFC 4760 section 3; for IPv4 with an IPv6 next hop RFC 8950. */
export type MpReach = {
  readonly family: Family
  readonly nextHop: Address
  /** RFC 2545 section 3: beside a global address. */
  readonly linkLocal?: Address
  readonly reachable: readonly Prefix[]
}

export type Notification = {
  readonly kind: 'notification'
  readonly code: number
  readonly subcode: number
  readonly data: Uint8Array
}

export type Keepalive = { readonly kind: 'keepalive' }

/** RFC 2918; the subtype is RFC 7313's: 0 a request, 1 the begin, 2 the end of an answer. */
export type RouteRefresh = {
  readonly kind: 'routeRefresh'
  readonly afi: number
  readonly safi: number
  readonly subtype: number
}
