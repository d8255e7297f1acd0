import type { PeerConfig } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import type { NeighbourOptions, RouteFamily } from '../../routers/router.ts'
import { CABLE, FAR, ourAddress, ROUTER } from './network.ts'
import { peerConfig } from './peer.ts'
import type { PeerOptions } from './peer-terms.ts'

/** Four octets, as ours is. */
export const ROUTER_ASN = 4_200_000_001
export const OUR_ASN = 4_200_000_100
export const ROUTER_ID = '10.0.0.2'

/** A peer, as both sides are to be set up for it. */
export type Plan = {
  /** The last part of our address. */
  readonly host: number
  readonly over?: RouteFamily
  readonly families?: readonly RouteFamily[]
  readonly ourAsn?: number
  /** Two hops from the router. */
  readonly far?: boolean
  /** Over the cable without addresses. */
  readonly unnumbered?: boolean
  /** The router's side, where it differs. */
  readonly router?: Partial<NeighbourOptions>
  /** Our side, where it differs. */
  readonly ours?: Partial<Omit<PeerConfig, 'peerAsn'>> & { readonly peerAsn?: number }
  readonly more?: Partial<PeerOptions>
  /** A node's side, where it differs. */
  readonly node?: Partial<BgpPeer>
}

/** How the router calls us. */
export function neighbourOf({ over = 'ipv4', host, far = false, unnumbered = false }: Plan): string {
  if (unnumbered) return CABLE
  return far ? FAR : ourAddress(host, over)
}

/** How the router is to be set up for it. */
export function routerSide(plan: Plan): NeighbourOptions {
  const { over = 'ipv4', families = ['ipv4', 'ipv6'], ourAsn = OUR_ASN, router = {} } = plan
  const where =
    plan.unnumbered === true ? { interface: CABLE } : { address: neighbourOf(plan), localAddress: ROUTER[over] }
  return {
    ...where,
    asn: ourAsn,
    families,
    // We connect, but where a scenario says otherwise: then who is connected to whom is known.
    passive: true,
    holdSeconds: 30,
    keepaliveSeconds: 10,
    ...router,
  }
}

/** How a session of ours is. */
export function ourSide(plan: Plan): PeerOptions {
  const { over = 'ipv4', families = ['ipv4', 'ipv6'], ourAsn = OUR_ASN, ours = {}, more = {} } = plan
  return {
    config: peerConfig({
      localAsn: ourAsn,
      peerAsn: ROUTER_ASN,
      families: families.map((family) => (family === 'ipv4' ? 4 : 6)),
      ...ours,
    }),
    address: ROUTER[over],
    sourceAddress: neighbourOf(plan),
    // Sessions of one process each, and of one host all: told apart by their identifiers.
    routerId: plan.host,
    ...more,
  }
}

/** The BGPPeer that a plan comes to, as the speaker has it; what is left out has the defaults of its CRD. */
export function nodeSide(plan: Plan): BgpPeer {
  const { over = 'ipv4', families = ['ipv4', 'ipv6'], ourAsn = OUR_ASN, host, node = {} } = plan
  const numbered = { neighbour: { kind: 'address', address: ROUTER[over] }, sourceAddress: neighbourOf(plan) } as const
  return {
    name: 'router',
    myAsn: ourAsn,
    peerAsn: { kind: 'number', asn: ROUTER_ASN },
    ...(plan.unnumbered === true ? { neighbour: { kind: 'interface', interface: CABLE } } : numbered),
    ...PEER_DEFAULTS,
    routerId: `0.0.0.${host}`,
    dualStack: families.length > 1,
    ...node,
  }
}

/** What a BGPPeer that says nothing of it has, by its CRD, but for the time of retry. */
export const PEER_DEFAULTS = {
  port: 179,
  holdMs: 90_000,
  keepaliveMs: 30_000,
  // A test should not wait for a backoff.
  connectMs: 1000,
  nodeSelectors: [],
  gracefulRestart: false,
  ebgpMultiHop: false,
  policy: { passive: false, listenPort: 179, gracefulShutdownMs: 1000, restartSeconds: 120 },
} as const satisfies Partial<BgpPeer>
