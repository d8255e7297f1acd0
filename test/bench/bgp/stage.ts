import { PATHS, pool, service, webPod } from '../../e2e/suites/objects.ts'
import { BGP_PATHS, bfdProfile, bgpAdvertisement, bgpPeer } from '../../e2e/suites/routed-objects.ts'
import { installSteelyard } from '../../lab/install.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import type { LabRouter } from '../../lab/routing/router.ts'
import type { FrrConsole } from '../../routers/frr-console.ts'

/** Three nodes that tell a router, with a user behind it. */
export type BgpStage = {
  readonly lab: Lab
  readonly router: LabRouter
  /** A line to its bgpd: an answer in well below a millisecond, so that looking often costs little. */
  readonly bgpd: FrrConsole
}

const NODES_ASN = 64_500
const ROUTER_ASN = 64_513
export const BFD = { transmitInterval: 50, receiveInterval: 50, detectMultiplier: 3 } as const
/** Kubernetes is to be of no help when a node is cut off. */
const NODE_GRACE_MS = 60_000
const WAIT_MS = 60_000

export async function onBgpStage<T>(work: (stage: BgpStage) => Promise<T>): Promise<T> {
  const lab = await startLab({
    suffix: 'bgpb',
    routers: 1,
    form: 'dist',
    proxyMinSyncPeriod: '1s',
    nodeGraceMs: NODE_GRACE_MS,
    log: console.error,
  })
  try {
    return await work(await setUp(lab))
  } finally {
    await lab.stop()
  }
}

async function setUp(lab: Lab): Promise<BgpStage> {
  const router = await lab.startRouter({ asn: ROUTER_ASN, nodesAsn: NODES_ASN, neighbour: { bfd: BFD } })
  await installSteelyard(lab)
  const { api } = lab
  await api.create(PATHS.pools, pool('bench', ['10.64.0.0/16']))
  await api.create(BGP_PATHS.profiles, bfdProfile('quick', BFD))
  const peer = { myASN: NODES_ASN, peerASN: ROUTER_ASN, peerAddress: router.machine.address4 }
  await api.create(BGP_PATHS.peers, bgpPeer('rt', peer))
  await api.create(BGP_PATHS.advertisements, bgpAdvertisement('bench', { ipAddressPools: ['bench'] }))
  for (const { name } of lab.nodes) await api.create(PATHS.pods, webPod(`web-${name}`, 'web', name))
  const stage = { lab, router, bgpd: await router.console() }
  await allStanding(stage)
  return stage
}

/** Sessions with all nodes, all Pods ready. */
export async function allStanding({ lab, router }: BgpStage): Promise<void> {
  await lab.waitFor(
    'all sessions and Pods',
    async () =>
      (await router.sessions()).every(({ state }) => state === 'established') &&
      lab.programs.pods().every((pod) => pod.isReady()),
    { timeoutMs: WAIT_MS },
  )
}

export async function setPeer({ lab }: BgpStage, spec: object): Promise<void> {
  await lab.api.patch(`${BGP_PATHS.peers}/rt`, { spec })
}

/** Whether BFD is up with every node, or with none. */
export async function bfdIs({ lab, router }: BgpStage, status: 'up' | 'down' | 'shutdown'): Promise<void> {
  await lab.waitFor(`BFD ${status}`, async () => {
    const peers = JSON.parse(await router.tell('show bfd peers json')) as { readonly status: string }[]
    return peers.length === lab.nodes.length && peers.every((peer) => peer.status === status)
  })
}

type Shown = { readonly paths?: readonly unknown[] }
type Summary = { readonly peers?: Readonly<Record<string, { readonly pfxRcd?: number }>> }

/** How many paths to an address bgpd has. */
export async function pathsTo({ bgpd }: BgpStage, address: string): Promise<number> {
  const shown = JSON.parse(await bgpd.ask(`show bgp ipv4 unicast ${address}/32 json`)) as Shown
  return shown.paths?.length ?? 0
}

/** How many paths to anything bgpd has. */
export async function allPaths({ bgpd }: BgpStage): Promise<number> {
  const { peers = {} } = JSON.parse(await bgpd.ask('show bgp ipv4 unicast summary json')) as Summary
  return Object.values(peers).reduce((sum, { pfxRcd = 0 }) => sum + pfxRcd, 0)
}

/** Looks as fast as `everyMs` allows, for a minute unless told; gives the time by `performance.now()` at which it was so. */
export async function whenSo(
  what: string,
  isSo: () => Promise<boolean>,
  everyMs: number,
  limitMs = WAIT_MS,
): Promise<number> {
  const deadline = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1000} s in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
  return performance.now()
}

/** A Service on every node's own Pod, at an address of its own choice, once each node answers. */
export async function serveLocally(stage: BgpStage, name: string, address: string): Promise<void> {
  const annotations = { 'metallb.io/loadBalancerIPs': address }
  const local = { externalTrafficPolicy: 'Local' }
  await stage.lab.api.create(PATHS.services, service(name, local, { annotations }))
  await allPathsTo(stage, address)
  await quiet(stage, address)
}

const QUIET_MS = 500

/** Connections from behind the router have not failed for a while: kube-proxy, too, has done its part on each node. */
export async function quiet({ lab }: BgpStage, address: string): Promise<void> {
  await lab.waitFor(`${address} to be answered every time`, async () => {
    const knocker = await lab.far().knock(address, 80)
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS))
    const { failures, successes } = await knocker.stop()
    return failures === 0 && successes > 0
  })
}

/** A path by each node, in the router's kernel too. */
export async function allPathsTo({ lab, router }: BgpStage, address: string): Promise<void> {
  await lab.waitFor(
    `a path by each node to ${address}`,
    async () => (await router.kernelPaths(`${address}/32`)).length === lab.nodes.length,
    { timeoutMs: WAIT_MS },
  )
}
