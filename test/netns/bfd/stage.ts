import type { BfdFact, DesiredBfd } from '../../../speaker/src/link/messages.ts'
import type { BfdPeerOptions, Router, RouterBfd, RouterBfdSession } from '../../routers/router.ts'
import { startRouter } from '../../routers/start-router.ts'
import { eventually, type SpeakerNode, startSpeakerNode } from '../link/speaker-node.ts'
import { type Namespaces, openNamespaces } from '../namespaces.ts'

/** `ours` 192.0.2.1 and 2001:db8::1, and `router` .2, on one cable; behind the router `far` 198.51.100.9. */
export type BfdStage = {
  readonly spaces: Namespaces
  readonly ours: string
  readonly router: string
  readonly far: string
  readonly node: SpeakerNode
  readonly desire: (...bfd: readonly DesiredBfd[]) => void
  readonly fact: (key: string) => BfdFact | undefined
  readonly isUp: (key: string) => boolean
  readonly close: () => Promise<void>
}

export async function openBfdStage(prefix: string): Promise<BfdStage> {
  const spaces = openNamespaces(prefix)
  const [ours, router, far] = ['o', 'r', 'f'].map((label) => spaces.add(label)) as [string, string, string]
  spaces.connect({ namespace: ours, name: 'e0' }, { namespace: router, name: 'e0' })
  spaces.connect({ namespace: router, name: 'e1' }, { namespace: far, name: 'e0' })
  const give = (namespace: string, name: string, ...addresses: readonly string[]): void => {
    for (const address of addresses) {
      const noDad = address.includes(':') ? ['nodad'] : []
      spaces.ip(namespace, 'addr', 'add', address, 'dev', name, ...noDad)
    }
  }
  give(ours, 'e0', '192.0.2.1/24', '2001:db8::1/64', 'fe80::a/64')
  give(router, 'e0', '192.0.2.2/24', '2001:db8::2/64', 'fe80::b/64')
  give(router, 'e1', '198.51.100.1/24')
  give(far, 'e0', '198.51.100.9/24')
  for (const namespace of [ours, router]) {
    const forwarding = ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']
    spaces.run(namespace, 'sysctl', '-qw', ...forwarding)
  }
  spaces.ip(ours, 'route', 'add', '198.51.100.0/24', 'via', '192.0.2.2')
  spaces.ip(far, 'route', 'add', '192.0.2.0/24', 'via', '198.51.100.1')
  const node = await startSpeakerNode(ours)
  const fact = (key: string): BfdFact | undefined => {
    const last = node.facts.findLast((one) => one.kind === 'bfd')
    return last?.sessions.find((one) => one.key === key)
  }
  return {
    spaces,
    ours,
    router,
    far,
    node,
    desire: (...bfd) => node.desire([], [], { bfd }),
    fact,
    isUp: (key) => fact(key)?.state === 'up',
    close: async () => {
      await node.stop()
      spaces.close()
    },
  }
}

export type BfdRouter = Router & { readonly bfd: RouterBfd }

/** A router that has BFD with these, and BGP with nobody. */
export async function startBfdRouter(
  kind: 'frr' | 'bird',
  namespace: string,
  ...bfdPeers: readonly BfdPeerOptions[]
): Promise<BfdRouter> {
  const router = await startRouter(kind, { namespace, asn: 65_002, routerId: '192.0.2.2', neighbours: [], bfdPeers })
  const { bfd } = router
  if (bfd === undefined) throw new Error(`${kind} has no BFD`)
  return { ...router, bfd }
}

/** What the router says of its session; it must have one. */
export async function saidOf({ bfd, kind }: BfdRouter, neighbour: string): Promise<RouterBfdSession> {
  const session = await bfd.session(neighbour)
  if (session === undefined) throw new Error(`${kind} has no BFD session with ${neighbour}`)
  return session
}

/** A session of 50 ms × 3 with a peer that is its key. */
export function watch(peer: string, change: Partial<DesiredBfd> = {}): DesiredBfd {
  return {
    key: peer,
    peer,
    multihop: false,
    transmitIntervalMs: 50,
    receiveIntervalMs: 50,
    detectMultiplier: 3,
    minimumTtl: 254,
    passive: false,
    ...change,
  }
}

export async function isUpSoon(stage: BfdStage, key: string): Promise<void> {
  await eventually(`the session with ${key} is up`, () => stage.isUp(key))
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
