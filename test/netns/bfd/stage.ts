import assert from 'node:assert/strict'
import { after, afterEach, before } from 'node:test'
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

/** A stage and, on it, one router of a kind at a time: `numbers` are in effect where a peer says nothing else. */
export type BfdBench = {
  readonly stage: () => BfdStage
  /** In place of the router before. */
  readonly startIn: (namespace: string, peer: BfdPeerOptions) => Promise<BfdRouter>
  /** On the link of the stage, with our node as the peer unless told. */
  readonly start: (peer?: Partial<BfdPeerOptions>) => Promise<BfdRouter>
}

export const OURS = '192.0.2.1'
export const ROUTER = '192.0.2.2'

/** Sets a test file up: the stage for all its tests, and after each of them neither a router nor a session. */
export function bfdBench(kind: 'frr' | 'bird', name: string, numbers: Partial<BfdPeerOptions>): BfdBench {
  const made: { stage?: BfdStage; router?: BfdRouter } = {}
  const stage = (): BfdStage => made.stage ?? assert.fail('there is no stage outside of tests')
  const startIn = async (namespace: string, peer: BfdPeerOptions): Promise<BfdRouter> => {
    await made.router?.close()
    made.router = await startBfdRouter(kind, namespace, { ...numbers, ...peer })
    return made.router
  }
  before(async () => {
    made.stage = await openBfdStage(name)
  })
  afterEach(async () => {
    await made.router?.close()
    delete made.router
    stage().desire()
    await eventually(
      'no session is left',
      () => stage().node.facts.findLast((one) => one.kind === 'bfd')?.sessions.length === 0,
    )
    stage().spaces.ip(stage().router, 'link', 'set', 'e0', 'up')
  })
  after(() => made.stage?.close())
  return { stage, startIn, start: (peer = {}) => startIn(stage().router, { address: OURS, ...peer }) }
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
