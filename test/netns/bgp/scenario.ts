import { waitFor } from '../../lab/wait.ts'
import type { Feature } from '../../routers/features.ts'
import type { Router, RouterKind, RouterRoute, RouterSession } from '../../routers/router.ts'
import type { Network } from './network.ts'
import { LONG_MS, type NodePeer, type Peer, startNode, startPeer } from './peer.ts'
import type { PeerOptions } from './peer-terms.ts'
import { neighbourOf, nodeSide, ourSide, type Plan } from './plan.ts'

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
  /** Our address, or the interface, by which the router calls the peer. */
  readonly neighbour: string
  /** Starts our side, or another one after it. */
  readonly start: (more?: Partial<PeerOptions>) => Peer
  /** Session up on both sides. */
  readonly up: () => Promise<Peer>
  /** The same with the speaker's manager of sessions and the link worker on our side. */
  readonly upOnNode: () => Promise<NodePeer>
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

/** @param peers where our processes are noted, to be ended */
export function stageOf(
  plan: Plan,
  { router, network, peers }: { router: Router; network: Network; peers: Pick<Peer, 'view' | 'kill'>[] },
): Stage {
  const neighbour = neighbourOf(plan)
  const routerSession = (): Promise<RouterSession> => router.session(neighbour)
  const wait: Stage['wait'] = (what, check, timeoutMs = LONG_MS) =>
    waitFor(what, check, { timeoutMs, everyMs: 100, background: () => `${router.logs()}\n${lastViews(peers)}` })
  const start = (more: Partial<PeerOptions> = {}): Peer => {
    const peer = startPeer(plan.far === true ? network.far : network.us, { ...ourSide(plan), ...more })
    peers.push(peer)
    return peer
  }
  const bothUp = async <P extends Pick<Peer, 'established'>>(peer: P): Promise<P> => {
    await peer.established()
    await wait(
      `the router's side of the session with ${neighbour}`,
      async () => (await routerSession()).state === 'established',
    )
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
    up: () => bothUp(start()),
    upOnNode: () => {
      const node = startNode(network.us, nodeSide(plan))
      peers.push(node)
      return bothUp(node)
    },
    routerSession,
    paths,
    path: (prefix) => wait(`${prefix} from ${neighbour} in the router`, async () => (await paths(prefix))[0]),
    gone: async (prefix) =>
      void (await wait(`the end of ${prefix} from ${neighbour}`, async () => (await paths(prefix)).length === 0)),
    wait,
  }
}

function lastViews(peers: readonly Pick<Peer, 'view'>[]): string {
  return peers.map((peer) => JSON.stringify(peer.view())).join('\n')
}
