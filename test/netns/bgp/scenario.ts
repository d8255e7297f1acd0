import type { PeerConfig } from '@steelyard/bgp-ts'
import { waitFor } from '../../lab/wait.ts'
import type { Feature } from '../../routers/features.ts'
import type {
  NeighbourOptions,
  RouteFamily,
  Router,
  RouterKind,
  RouterRoute,
  RouterSession,
} from '../../routers/router.ts'
import { FAR, type Network, ourAddress, ROUTER } from './network.ts'
import { type Peer, peerConfig, startPeer } from './peer.ts'
import type { PeerOptions } from './peer-program.ts'

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
  /** The router's side, where it differs. */
  readonly router?: Partial<NeighbourOptions>
  /** Our side, where it differs. */
  readonly ours?: Partial<Omit<PeerConfig, 'peerAsn'>> & { readonly peerAsn?: number }
  readonly more?: Partial<PeerOptions>
}

/** One row of the table. */
export type Scenario = {
  /** What it shows, as the table says it. */
  readonly shows: string
  /** What the router must have for it. */
  readonly needs?: Feature
  /** It does something to the whole router: nothing else runs meanwhile. */
  readonly alone?: boolean
  readonly plan: Plan
  readonly run: (stage: Stage) => Promise<void>
}

export type Stage = {
  readonly kind: RouterKind
  readonly router: Router
  readonly network: Network
  /** Our address, by which the router calls the peer. */
  readonly neighbour: string
  /** Starts our side, or another one after it. */
  readonly start: (more?: Partial<PeerOptions>) => Peer
  /** Session up on both sides. */
  readonly up: () => Promise<Peer>
  readonly routerSession: () => Promise<RouterSession>
  /** The paths from us to a prefix. */
  readonly paths: (prefix: string) => Promise<readonly RouterRoute[]>
  /** The one path from us, once the router has it. */
  readonly path: (prefix: string) => Promise<RouterRoute>
  readonly gone: (prefix: string) => Promise<void>
  readonly wait: <T>(
    what: string,
    check: () => T | undefined | false | Promise<T | undefined | false>,
    timeoutMs?: number,
  ) => Promise<T>
}

export function neighbourOf({ over = 'ipv4', host, far = false }: Plan): string {
  return far ? FAR : ourAddress(host, over)
}

export function routerSide(plan: Plan): NeighbourOptions {
  const { over = 'ipv4', families = ['ipv4', 'ipv6'], ourAsn = OUR_ASN, router = {} } = plan
  return {
    address: neighbourOf(plan),
    localAddress: ROUTER[over],
    asn: ourAsn,
    families,
    // We connect, but where a scenario says otherwise: then who is connected to whom is known.
    passive: true,
    holdSeconds: 30,
    keepaliveSeconds: 10,
    ...router,
  }
}

function ourSide(plan: Plan): PeerOptions {
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

/** @param peers where our processes are noted, to be ended */
export function stageOf(
  plan: Plan,
  { router, network, peers }: { router: Router; network: Network; peers: Peer[] },
): Stage {
  const neighbour = neighbourOf(plan)
  const routerSession = (): Promise<RouterSession> => router.session(neighbour)
  const wait: Stage['wait'] = (what, check, timeoutMs = 30_000) =>
    waitFor(what, check, { timeoutMs, everyMs: 100, background: () => `${router.logs()}\n${lastViews(peers)}` })
  const start = (more: Partial<PeerOptions> = {}): Peer => {
    const peer = startPeer(plan.far === true ? network.far : network.us, { ...ourSide(plan), ...more })
    peers.push(peer)
    return peer
  }
  const paths = async (prefix: string): Promise<readonly RouterRoute[]> => {
    const routes = await router.paths(prefix)
    return routes.filter((route) => route.from?.split('%')[0] === neighbour)
  }
  return {
    kind: router.kind,
    router,
    network,
    neighbour,
    start,
    up: async () => {
      const peer = start()
      await peer.established()
      await wait(
        `the router's side of the session with ${neighbour}`,
        async () => (await routerSession()).state === 'established',
      )
      return peer
    },
    routerSession,
    paths,
    path: (prefix) => wait(`${prefix} from ${neighbour} in the router`, async () => (await paths(prefix))[0]),
    gone: async (prefix) =>
      void (await wait(`the end of ${prefix} from ${neighbour}`, async () => (await paths(prefix)).length === 0)),
    wait,
  }
}

function lastViews(peers: readonly Peer[]): string {
  return peers.map((peer) => JSON.stringify(peer.view())).join('\n')
}
