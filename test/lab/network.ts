import { existsSync } from 'node:fs'
import { inNamespace, runOrThrow } from './command.ts'
import type { Journal } from './journal.ts'
import { MachineError } from './packages.ts'
import {
  FAR_NETWORKS,
  LAN_PREFIX4,
  LAN_PREFIX6,
  type LanName,
  type Machine,
  type NodeMachine,
  planMachine,
  SECOND_UPLINK,
  type Topology,
  UPLINK,
} from './topology.ts'

/** Duplicate address detection would keep every new IPv6 address unusable for a second or two; the lab's addresses are its own. */
export const NO_DAD = ['net/ipv6/conf/all/accept_dad=0', 'net/ipv6/conf/default/accept_dad=0']
/** Of a machine that passes packets on. */
export const FORWARDING = [
  'net/ipv4/ip_forward=1',
  'net/ipv6/conf/all/forwarding=1',
  'net/ipv4/conf/all/rp_filter=0',
  'net/ipv4/conf/default/rp_filter=0',
]

/** Of a router: equal paths are shared by connection (ports too), not by pair of addresses, of which there is but one. */
const SPREAD_CONNECTIONS = ['net/ipv4/fib_multipath_hash_policy=1', 'net/ipv6/fib_multipath_hash_policy=1']

/** Makes the namespaces, the bridge and the cables. The machine's own interfaces are not touched: every interface is born inside a namespace. */
/** @param outside an interface of this machine that leads to the first LAN as it is elsewhere, the control plane on it */
export async function buildNetwork(topology: Topology, journal: Journal, outside?: string): Promise<void> {
  const { fabric, nodes, client } = topology
  const namespaces = [fabric.namespace, ...nodes.map(({ namespace }) => namespace), client.namespace]
  await makeNamespaces(namespaces, journal)
  await Promise.all([
    shell(fabric.namespace, [...sysctls(NO_DAD), 'ip link set lo up']),
    shell(client.namespace, [...sysctls(NO_DAD), 'ip link set lo up']),
    ...nodes.map(({ namespace }) => shell(namespace, [...sysctls([...NO_DAD, ...FORWARDING]), 'ip link set lo up'])),
  ])
  if (outside !== undefined) await runOrThrow(['ip', 'link', 'set', outside, 'netns', fabric.namespace])
  await shell(fabric.namespace, [
    ...(outside === undefined ? switchOf(fabric) : [...switchOf(farEnd(topology)), plugIn(outside, fabric.bridge)]),
    ...[...nodes, client].flatMap((machine) => cable(machine, fabric.bridge)),
    // Pods ask the API server under their own addresses.
    ...podRoutes(nodes),
  ])
  await Promise.all([
    shell(client.namespace, uplink(client)),
    ...nodes.map((node) =>
      shell(node.namespace, [
        ...uplink(node),
        ...defaultRoutes(fabric),
        ...podRoutes(nodes.filter((other) => other !== node)),
      ]),
    ),
  ])
  await buildSecondLan(topology)
  await buildRouting(topology, journal)
}

/** The switch of the first LAN, with an address of its own on it. */
function switchOf({ bridge, address4, address6, mac = '02:00:00:00:00:01' }: Switch): string[] {
  return [
    addBridge(bridge),
    `ip link set ${bridge} address ${mac} up`,
    `ip address add ${address4}/${LAN_PREFIX4} dev ${bridge}`,
    `ip address add ${address6}/${LAN_PREFIX6} dev ${bridge} nodad`,
  ]
}
type Switch = Omit<Topology['fabric'], 'namespace'> & { readonly mac?: string }

/** Where the control plane is elsewhere, the switch here is another machine on its LAN. */
function farEnd({ fabric, suffix }: Topology): Switch {
  return { ...planMachine('far', FAR_END, suffix), bridge: fabric.bridge }
}
const FAR_END = 99

function plugIn(device: string, bridge: string): string {
  return `ip link set ${device} master ${bridge} up`
}

/**
 * The first LAN with nobody on it but the control plane, who is not there yet: a lab elsewhere joins it by the tap.
 * @param tap the name of the tap that is made
 */
export async function buildOuterNetwork(topology: Topology, journal: Journal, tap: string): Promise<void> {
  const { fabric, nodes } = topology
  await makeNamespaces([fabric.namespace], journal)
  await shell(fabric.namespace, [
    ...sysctls(NO_DAD),
    'ip link set lo up',
    ...switchOf(fabric),
    `ip tuntap add ${tap} mode tap`,
    plugIn(tap, fabric.bridge),
    ...podRoutes(nodes),
  ])
}

/** A bridge that snoops multicast would drop solicitations for groups it has not heard of yet. */
function addBridge(name: string): string {
  return `ip link add ${name} type bridge mcast_snooping 0 stp_state 0 forward_delay 0`
}

/** Nothing but the nodes is on it, until a test plugs a machine in; no route leads there from elsewhere. */
async function buildSecondLan({ fabric, second }: Topology): Promise<void> {
  if (second === undefined) return
  await shell(fabric.namespace, [
    addBridge(second.bridge),
    `ip link set ${second.bridge} addrgenmode none up`,
    ...second.nodes.flatMap((machine) => cable(machine, second.bridge, SECOND_UPLINK)),
  ])
  await Promise.all(second.nodes.map((machine) => shell(machine.namespace, uplink(machine, SECOND_UPLINK))))
}

/** Routers on the first LAN, the far user behind the first, and the nodes' way back to him. */
async function buildRouting({ fabric, nodes, routing }: Topology, journal: Journal): Promise<void> {
  if (routing === undefined) return
  const { routers, far, gateway4, gateway6 } = routing
  await makeNamespaces(
    [...routers, far].map(({ namespace }) => namespace),
    journal,
  )
  const begin = [...sysctls(NO_DAD), 'ip link set lo up']
  await shell(far.namespace, begin)
  for (const router of routers) {
    await shell(router.namespace, [...begin, ...sysctls([...FORWARDING, ...SPREAD_CONNECTIONS])])
    await shell(fabric.namespace, cable(router, fabric.bridge))
    await shell(router.namespace, uplink(router))
  }
  const [first] = routers
  if (first === undefined) return
  await shell(first.namespace, [
    `ip link add ${far.port} type veth peer name ${UPLINK} address ${far.mac} netns ${far.namespace}`,
    `ip link set ${far.port} up`,
    `ip address add ${gateway4}/${LAN_PREFIX4} dev ${far.port}`,
    `ip address add ${gateway6}/${LAN_PREFIX6} dev ${far.port} nodad`,
  ])
  await shell(far.namespace, [...uplink(far), ...defaultRoutes({ address4: gateway4, address6: gateway6 })])
  const back = [
    `ip route add ${FAR_NETWORKS.ipv4} via ${first.address4}`,
    `ip -6 route add ${FAR_NETWORKS.ipv6} via ${first.address6}`,
  ]
  await Promise.all(nodes.map(({ namespace }) => shell(namespace, back)))
}

/** Plugs one more machine into a LAN: a second client, a router. @throws Error when there is no such LAN */
export async function plugMachine(
  { fabric, second }: Topology,
  machine: Machine,
  { journal, lan }: { readonly journal: Journal; readonly lan: LanName },
): Promise<void> {
  const bridge = lan === 'first' ? fabric.bridge : second?.bridge
  if (bridge === undefined) throw new Error('this lab has no second LAN: start it with secondLan')
  await makeNamespaces([machine.namespace], journal)
  await shell(machine.namespace, [...sysctls(NO_DAD), 'ip link set lo up'])
  await shell(fabric.namespace, cable(machine, bridge))
  await shell(machine.namespace, uplink(machine))
}

/** Makes namespaces, each noted in the journal first. @throws MachineError when one is there already */
export async function makeNamespaces(names: readonly string[], journal: Journal): Promise<void> {
  const taken = names.filter((name) => existsSync(`/run/netns/${name}`))
  if (taken.length > 0) {
    throw new MachineError(
      `network namespaces with the lab's names exist already and are not the lab's: ${taken.join(', ')}; choose another --suffix`,
    )
  }
  for (const name of names) journal.addNamespace(name)
  await runOrThrow(['ip', '-batch', '-'], { input: names.map((name) => `netns add ${name}\n`).join('') })
}

/** Runs shell commands in a namespace, up to the first that fails. */
export async function shell(namespace: string, commands: readonly string[]): Promise<void> {
  await runOrThrow([...inNamespace(namespace), 'sh', '-e'], { input: commands.join('\n') })
}

/** /proc/sys/net shows the namespace of whoever looks. */
export function sysctls(settings: readonly string[]): string[] {
  return settings.map((setting) => {
    const [path = '', value = ''] = setting.split('=')
    return `echo ${value} > /proc/sys/${path}`
  })
}

/** A machine's cable to the bridge: one end here, the other born in the machine's namespace. */
export function cable({ port, mac, namespace }: Machine, bridge: string, device = UPLINK): string[] {
  return [
    `ip link add ${port} type veth peer name ${device} address ${mac} netns ${namespace}`,
    // A port of a switch has no address, nor anything to say.
    `ip link set ${port} master ${bridge} addrgenmode none up`,
  ]
}

/** The machine's own end of its cable. */
export function uplink({ address4, address6 }: Machine, device = UPLINK): string[] {
  return [
    `ip link set ${device} up`,
    `ip address add ${address4}/${LAN_PREFIX4} dev ${device}`,
    `ip address add ${address6}/${LAN_PREFIX6} dev ${device} nodad`,
  ]
}

/** Nobody answers behind it, but without a route a node could not even begin to connect to a cluster IP. */
function defaultRoutes({ address4, address6 }: Pick<Machine, 'address4' | 'address6'>): string[] {
  return [`ip route add default via ${address4}`, `ip -6 route add default via ${address6}`]
}

/** The way to the Pods of these nodes, as a network plugin with host routes lays it. */
function podRoutes(nodes: readonly NodeMachine[]): string[] {
  return nodes.flatMap(({ podRange4, podRange6, address4, address6 }) => [
    `ip route add ${podRange4} via ${address4}`,
    `ip -6 route add ${podRange6} via ${address6}`,
  ])
}
