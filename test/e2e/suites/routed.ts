import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { KubeObject } from '@steelyard/model'
import type { Client } from '../../lab/client/client.ts'
import { installSteelyard } from '../../lab/install.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { LabRouter } from '../../lab/routing/router.ts'
import type { RouterRoute } from '../../routers/router.ts'
import { allReady } from './cluster.ts'
import { PATHS, pool, webPod } from './objects.ts'
import { BGP_PATHS, bgpAdvertisement, bgpPeer, passwordSecret } from './routed-objects.ts'

export const NODES_ASN = 64_500
export const RT_ASN = 64_513
export const RT2_PASSWORD = 'as-both-sides-know-it'
export const BFD = { transmitInterval: 50, receiveInterval: 50, detectMultiplier: 3 } as const

/** Three nodes, a router of another AS with a user behind it, and one of the same AS that asks for a password. */
export type Routed = {
  readonly lab: Lab
  readonly far: Client
  /** eBGP: the peers `rt` by IPv4 and `six` by IPv6, both with both families. */
  readonly rt: LabRouter
  /** iBGP: the peer `rt2`. */
  readonly rt2: LabRouter
}

/** All that is announced goes to `rt`, unless a test says otherwise. */
export function withRouters(suffix: string): () => Routed {
  let routed: Routed | undefined
  let started: Lab | undefined
  before(async () => {
    started = await startLab({ suffix, routers: 2, form: 'dist', endsOnSignal: true })
    routed = await setUp(started)
  })
  after(async () => started?.stop())
  return () => {
    if (routed === undefined) throw new Error('the lab did not start')
    return routed
  }
}

async function setUp(lab: Lab): Promise<Routed> {
  const ours = { nodesAsn: NODES_ASN }
  const [rt, rt2] = await Promise.all([
    lab.startRouter({
      ...ours,
      asn: RT_ASN,
      over: ['ipv4', 'ipv6'],
      neighbour: { bfd: BFD, extendedNextHop: true },
      weightedPaths: true,
    }),
    lab.startRouter({ ...ours, name: 'rt2', asn: NODES_ASN, neighbour: { password: RT2_PASSWORD } }),
    installSteelyard(lab),
  ])
  const { api } = lab
  await api.create(PATHS.pools, pool('routed', ['198.51.100.0/24', 'fd00:66::/120']))
  await api.create(BGP_PATHS.secrets, passwordSecret('rt2', RT2_PASSWORD))
  const external = { myASN: NODES_ASN, peerASN: RT_ASN, dualStackAddressFamily: true }
  const { address4, address6 } = rt.machine
  await api.create(BGP_PATHS.peers, bgpPeer('rt', { ...external, peerAddress: address4 }))
  await api.create(BGP_PATHS.peers, bgpPeer('six', { ...external, peerAddress: address6 }))
  const internal = { myASN: NODES_ASN, peerASN: NODES_ASN, passwordSecret: { name: 'rt2' } }
  await api.create(BGP_PATHS.peers, bgpPeer('rt2', { ...internal, peerAddress: rt2.machine.address4 }))
  await api.create(BGP_PATHS.advertisements, bgpAdvertisement('all', { ipAddressPools: ['routed'], peers: ['rt'] }))
  for (const { name } of lab.nodes) await api.create(PATHS.pods, webPod(`web-${name}`, 'web', name))
  await allReady(lab)
  const routed = { lab, far: lab.far(), rt, rt2 }
  await allEstablished(routed)
  return routed
}

export async function allEstablished({ lab, rt, rt2 }: Routed): Promise<void> {
  for (const router of [rt, rt2]) {
    await lab.waitFor(`every session of ${router.name}`, async () => {
      const down = (await router.sessions()).filter(({ state }) => state !== 'established')
      if (down.length === 0) return true
      throw new Error(down.map(({ neighbour, state, lastError }) => `${neighbour} ${state} ${lastError}`).join('; '))
    })
  }
}

/** `198.51.100.7` as a route of its own. */
export function hostRoute(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`
}

/** The node behind a session of a router. */
export function nodeOf({ lab }: Routed, neighbour: string | undefined): string {
  const node = lab.nodes.find(({ address4, address6 }) => neighbour === address4 || neighbour === address6)
  return node?.name ?? `nobody (${neighbour})`
}

/** Waits until exactly these nodes have told the router of the prefix, each once, and its kernel uses them all. */
export async function waitForNodes(
  routed: Routed,
  router: LabRouter,
  prefix: string,
  nodes: readonly string[],
): Promise<readonly RouterRoute[]> {
  return routed.lab.waitFor(
    `${router.name} to know ${prefix} from ${nodes.join(', ') || 'nobody'}`,
    async () => {
      const [paths, kernel] = await Promise.all([router.paths(prefix), router.kernelPaths(prefix)])
      const found = paths.map(({ from }) => nodeOf(routed, from)).toSorted()
      if (found.join() === nodes.join() && kernel.length === nodes.length) return paths
      throw new Error(`it knows it from ${found.join(', ') || 'nobody'}; its kernel has ${kernel.length} paths`)
    },
    { timeoutMs: 15_000 },
  )
}

/** What happens meanwhile resets no session of either router, nor does one come or go. */
export async function withoutReset({ rt, rt2 }: Routed, what: string, work: () => Promise<void>): Promise<void> {
  const before = await Promise.all([rt.counters(), rt2.counters()])
  await work()
  assert.deepEqual(await Promise.all([rt.counters(), rt2.counters()]), before, `sessions after ${what}`)
}

/** As `work` goes on, somebody behind the router opens a connection every 10 ms: none fails. */
export async function withoutFailure({ far }: Routed, address: string, work: () => Promise<void>): Promise<void> {
  const knocker = await far.knock(address, 80)
  const seen = await work().then(
    () => knocker.stop(),
    async (error: unknown) => {
      await knocker.stop().catch(() => {})
      throw error
    },
  )
  assert.ok(seen.attempts > 20, `only ${seen.attempts} attempts`)
  assert.equal(seen.failures, 0, `${seen.failures} of ${seen.attempts} attempts failed`)
}

export type ShownSession = {
  readonly peer: string
  readonly state: string
  readonly flaps: number
  readonly lastError?: string
  readonly bfd?: { readonly state: string }
}

/** The session with a peer as a node's SpeakerStatus tells of it. */
export async function shownSession({ lab }: Routed, node: string, peer: string): Promise<ShownSession | undefined> {
  type Status = KubeObject & { readonly status?: { readonly sessions?: readonly ShownSession[] } }
  const { status } = await lab.api.get<Status>(`${BGP_PATHS.speakerStatuses}/${node}`)
  return status?.sessions?.find((session) => session.peer === peer)
}

/** Which nodes say in the API to whom they announce the Service: `n1>rt`, `n2>rt,six`. */
export async function statusesOf({ lab }: Routed, service: string): Promise<readonly string[]> {
  type Status = KubeObject & { status?: { node?: string; serviceName?: string; peers?: readonly string[] } }
  const { items } = await lab.api.list<Status>(BGP_PATHS.statuses)
  return items
    .filter(({ status }) => status?.serviceName === service)
    .map(({ status }) => `${status?.node}>${(status?.peers ?? []).join(',')}`)
    .sort()
}
