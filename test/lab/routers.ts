import { startFrr } from '../routers/frr.ts'
import type { BfdOptions, NeighbourOptions, RouteFamily, Router, RouterRoute } from '../routers/router.ts'
import type { Base } from './base.ts'
import { type Client, labClient } from './client/client.ts'
import { makeNamespaces, plugMachine, shell, sysctls } from './network.ts'
import { type Machine, planMachine, type Topology, withSuffix } from './topology.ts'

/** A router on the LAN, FRR, that has every node for a neighbour; it waits, the nodes connect. */
export type LabRouterOptions = {
  readonly asn: number
  /** Of the nodes: as `myASN` of a BGPPeer. */
  readonly nodeAsn: number
  /** Which of a node's addresses is the neighbour; IPv4 unless told. */
  readonly over?: RouteFamily
  /** Both unless told. */
  readonly families?: readonly RouteFamily[]
  readonly bfd?: BfdOptions
  /** Paths are weighted by their link bandwidth; false unless told. */
  readonly weightedPaths?: boolean
  readonly neighbours?: Partial<NeighbourOptions>
}

/** `rt` (192.168.67.2), `rt2` (192.168.67.3): gateways of the nodes, and of the far user on the other side. */
export type LabRouter = Client & {
  readonly router: Router
  /** What BGP has for a prefix: one path for each node that announces it. */
  readonly paths: (prefix: string) => Promise<readonly RouterRoute[]>
  /** The next hops by which the kernel of the router forwards: the ECMP route in force. */
  readonly nextHops: (prefix: string) => Promise<readonly string[]>
}

export type LabRouters = {
  readonly routers: readonly LabRouter[]
  /** `ext` (10.99.0.2, fc00:99::2): a user behind the routers. */
  readonly far: Client
  readonly close: () => Promise<void>
}

type Gateway = { readonly machine: Machine; readonly far4: string; readonly far6: string }

const MOST_ROUTERS = 2
const FAR_BRIDGE = 'br99'
const FAR_PREFIX4 = 24
const FAR_PREFIX6 = 64
const FAR_UPLINK = 'eth1'
const FORWARDING = [
  'net/ipv4/ip_forward=1',
  'net/ipv6/conf/all/forwarding=1',
  'net/ipv4/conf/all/rp_filter=0',
  'net/ipv4/conf/default/rp_filter=0',
  // Connections, not pairs of hosts, are spread over the paths.
  'net/ipv4/fib_multipath_hash_policy=1',
  'net/ipv6/fib_multipath_hash_policy=1',
]

/** @throws RangeError when there are more than two */
export function planGateways(count: number, suffix: string): readonly Gateway[] {
  if (count > MOST_ROUTERS) throw new RangeError(`${count} routers: the lab has up to ${MOST_ROUTERS}`)
  const gateways = [
    { machine: planMachine('rt', 2, suffix), far4: '10.99.0.1', far6: 'fc00:99::1' },
    { machine: planMachine('rt2', 3, suffix), far4: '10.99.0.3', far6: 'fc00:99::3' },
  ]
  return gateways.slice(0, count)
}

export function planFar(suffix: string): Machine {
  return {
    name: 'ext',
    namespace: withSuffix('ext', suffix),
    address4: '10.99.0.2',
    address6: 'fc00:99::2',
    mac: '02:00:00:00:99:02',
    port: 'xext',
  }
}

/** Makes the routers' machines, the far LAN and its user, and starts FRR. Undefined when no router is wanted. */
export async function startLabRouters(base: Base): Promise<LabRouters | undefined> {
  const { topology, journal, routers: wanted } = base
  if (wanted.length === 0) return undefined
  const gateways = planGateways(wanted.length, topology.suffix)
  const far = planFar(topology.suffix)
  for (const { machine } of gateways) await plugMachine(topology, machine, { journal, lan: 'first' })
  await makeNamespaces([far.namespace], journal)
  await buildFarLan(topology, gateways, far)
  const routers = await Promise.all(
    wanted.map((options, index) => startLabRouter(base, options, (gateways[index] as Gateway).machine)),
  )
  return {
    routers,
    far: labClient(far, journal),
    close: async () => void (await Promise.all(routers.map(({ router }) => router.close()))),
  }
}

async function buildFarLan(topology: Topology, gateways: readonly Gateway[], far: Machine): Promise<void> {
  const { fabric, nodes } = topology
  await shell(fabric.namespace, [
    `ip link add ${FAR_BRIDGE} type bridge mcast_snooping 0 stp_state 0 forward_delay 0`,
    `ip link set ${FAR_BRIDGE} addrgenmode none up`,
    ...gateways.flatMap(({ machine }) => farCable(`x${machine.name}`, machine.namespace, FAR_UPLINK)),
    ...farCable(far.port, far.namespace, 'eth0'),
  ])
  for (const { machine, far4, far6 } of gateways) {
    await shell(machine.namespace, [...sysctls(FORWARDING), ...farUplink(FAR_UPLINK, far4, far6)])
  }
  await shell(far.namespace, [
    'ip link set lo up',
    ...farUplink('eth0', far.address4, far.address6),
    ...defaultRoutes(gateways.map(({ far4, far6 }) => ({ v4: far4, v6: far6 }))),
  ])
  const lan = gateways.map(({ machine }) => ({ v4: machine.address4, v6: machine.address6 }))
  for (const { namespace } of nodes) await shell(namespace, defaultRoutes(lan))
}

function farCable(port: string, namespace: string, device: string): string[] {
  return [
    `ip link add ${port} type veth peer name ${device} netns ${namespace}`,
    `ip link set ${port} master ${FAR_BRIDGE} addrgenmode none up`,
  ]
}

function farUplink(device: string, v4: string, v6: string): string[] {
  return [
    `ip link set ${device} up`,
    `ip address add ${v4}/${FAR_PREFIX4} dev ${device}`,
    `ip address add ${v6}/${FAR_PREFIX6} dev ${device} nodad`,
  ]
}

/** In the place of any there was: by all gateways, so that the loss of one is not the loss of the way back. */
export function defaultRoutes(gateways: readonly { readonly v4: string; readonly v6: string }[]): string[] {
  const by = (addresses: readonly string[]): string => addresses.map((address) => `nexthop via ${address}`).join(' ')
  return [
    `ip route replace default ${by(gateways.map(({ v4 }) => v4))}`,
    'ip -6 route del default 2>/dev/null || true',
    `ip -6 route add default ${by(gateways.map(({ v6 }) => v6))}`,
  ]
}

async function startLabRouter(base: Base, options: LabRouterOptions, machine: Machine): Promise<LabRouter> {
  const { topology, journal, endsOnSignal } = base
  const router = await startFrr({
    namespace: machine.namespace,
    name: machine.name,
    asn: options.asn,
    routerId: machine.address4,
    neighbours: topology.nodes.map((node) => neighbourOf(node, options)),
    installRoutes: true,
    weightedPaths: options.weightedPaths === true,
    endsOnSignal,
  })
  const client = labClient(machine, journal)
  return {
    ...client,
    router,
    paths: router.paths,
    nextHops: async (prefix) => {
      const family = prefix.includes(':') ? '-6' : '-4'
      return nextHopsOf(await client.exec(['ip', '-json', family, 'route', 'show', prefix]))
    },
  }
}

export function neighbourOf(node: Machine, options: LabRouterOptions): NeighbourOptions {
  const { over = 'ipv4', families = ['ipv4', 'ipv6'], nodeAsn, bfd, neighbours = {} } = options
  return {
    address: over === 'ipv4' ? node.address4 : node.address6,
    asn: nodeAsn,
    families,
    passive: true,
    holdSeconds: 90,
    keepaliveSeconds: 30,
    ...(bfd === undefined ? {} : { bfd }),
    ...neighbours,
  }
}

type IpRoute = { readonly gateway?: string; readonly nexthops?: readonly { readonly gateway?: string }[] }

/** Of `ip -json route show`: a route with one next hop has it itself. */
export function nextHopsOf(shown: string): readonly string[] {
  const routes = JSON.parse(shown === '' ? '[]' : shown) as readonly IpRoute[]
  return routes
    .flatMap(({ gateway, nexthops = [] }) => [gateway, ...nexthops.map((each) => each.gateway)])
    .filter((gateway) => gateway !== undefined)
    .toSorted()
}
