import type { PeerConfig } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import { type Address, type Family, formatAddress, parseAddress } from '@steelyard/net'
import type { LinkNeighbour } from '../../link/messages.ts'
import { sameValue } from '../same-value.ts'
import { sessionFamilies } from './rules.ts'

/** Whither a session's connection goes, and by which way. */
export type SessionTarget = {
  readonly address: Address
  /** Of a link-local address. */
  readonly ifindex?: number
  /** The interface of an unnumbered peer. */
  readonly interface?: string
  readonly port: number
  readonly sourceAddress?: Address
  /** A VRF, bound to by name. */
  readonly device?: string
  /** The BGP Identifier to show; absent = by the connection. */
  readonly routerId?: Address
  /** RFC 5082: what arrives with less is dropped. */
  readonly minimumTtl?: number
  /** Present = it waits there for the peer. */
  readonly listenPort?: number
}

export type SessionPlan =
  | {
      readonly kind: 'session'
      readonly target: SessionTarget
      readonly config: PeerConfig
      /** Secret material: never logged. */
      readonly password?: string
    }
  /** Not yet possible. @property why a sentence */
  | { readonly kind: 'waiting'; readonly why: string }

/**
 * What a BGPPeer comes to on this node.
 * @param neighbour who is at the other end of its interface, for an unnumbered peer
 */
export function sessionPlan(peer: BgpPeer, neighbour: LinkNeighbour | undefined): SessionPlan {
  const at = placeOf(peer, neighbour)
  if (at === undefined) return { kind: 'waiting', why: whyWaiting(peer) }
  const { password } = peer
  return {
    kind: 'session',
    target: targetOf(peer, at),
    config: configOf(peer, at.address.family),
    ...(password === undefined ? {} : { password }),
  }
}

type Place = Pick<SessionTarget, 'address' | 'ifindex' | 'interface'>

function placeOf({ neighbour }: BgpPeer, found: LinkNeighbour | undefined): Place | undefined {
  if (neighbour.kind === 'address') {
    const address = parseAddress(neighbour.address)
    return address === undefined ? undefined : { address }
  }
  const address = found === undefined ? undefined : parseAddress(found.address)
  if (found === undefined || address === undefined) return undefined
  return { address, ifindex: found.ifindex, interface: neighbour.interface }
}

function whyWaiting({ neighbour }: BgpPeer): string {
  return neighbour.kind === 'address'
    ? `spec.peerAddress ${neighbour.address} is not an IP address`
    : `no router has been heard on interface ${neighbour.interface}: it must send Router Advertisements there, and the interface must be up`
}

function targetOf(peer: BgpPeer, place: Place): SessionTarget {
  const { sourceAddress, vrf, routerId, policy } = peer
  const source = sourceAddress === undefined ? undefined : parseAddress(sourceAddress)
  const identifier = routerId === undefined ? undefined : parseAddress(routerId)
  return {
    ...place,
    port: peer.port,
    ...(source === undefined ? {} : { sourceAddress: source }),
    ...(vrf === undefined ? {} : { device: vrf }),
    ...(identifier === undefined ? {} : { routerId: identifier }),
    ...(policy.minimumTtl === undefined ? {} : { minimumTtl: policy.minimumTtl }),
    ...(policy.passive ? { listenPort: policy.listenPort } : {}),
  }
}

function configOf(peer: BgpPeer, family: Family): PeerConfig {
  const { holdMs, keepaliveMs, connectMs, gracefulRestart, policy } = peer
  const families = sessionFamilies(peer)
  const { restartSeconds } = policy
  return {
    localAsn: peer.localAsn ?? peer.myAsn,
    peerAsn: peer.peerAsn,
    families,
    extendedNextHop: family === 6 && families.includes(4),
    holdMs,
    keepaliveMs,
    ...(connectMs === undefined ? {} : { connectMs }),
    ...(gracefulRestart ? { gracefulRestart: { restartSeconds } } : {}),
    passive: policy.passive,
  }
}

/**
 * Whether one session serves for both: what is in the OPEN and what makes the connection is the same. When to try again
 * is neither, nor is the password.
 */
export function sameSession(a: SessionPlan, b: SessionPlan): boolean {
  if (a.kind === 'waiting' || b.kind === 'waiting') return a.kind === b.kind
  const { connectMs: _, ...agreedUpon } = a.config
  const { connectMs: __, ...others } = b.config
  return sameValue(a.target, b.target) && sameValue(agreedUpon, others)
}

/** How people know the other end: `192.0.2.1:179`, `[2001:db8::1]:179`, `eth0:179`. */
export function neighbourText(peer: BgpPeer): string {
  const { neighbour, port } = peer
  const text = neighbourAddress(peer)
  if (neighbour.kind === 'interface') return `${text}:${port}`
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`
}

/** The same without the port: `192.0.2.1`, `2001:db8::1`, `eth0`. */
export function neighbourAddress({ neighbour }: BgpPeer): string {
  if (neighbour.kind === 'interface') return neighbour.interface
  const address = parseAddress(neighbour.address)
  return address === undefined ? neighbour.address : formatAddress(address)
}
