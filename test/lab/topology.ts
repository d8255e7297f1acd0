/** What a lab is made of: names and addresses, all worked out from the number of nodes and the suffix. */
export type Machine = {
  /** Its name in the cluster, or on the LAN. */
  readonly name: string
  /** Its network namespace. */
  readonly namespace: string
  readonly address4: string
  readonly address6: string
  readonly mac: string
  /** The bridge's end of its cable, inside the fabric namespace. */
  readonly port: string
}

export type NodeMachine = Machine & {
  readonly podRange4: string
  readonly podRange6: string
  /** Where its Pods send what leaves them. */
  readonly podGateway4: string
  /** The address of its n-th Pod, from 2 to 254. */
  readonly podAddresses: (n: number) => { readonly v4: string; readonly v6: string }
}

export type Topology = {
  readonly suffix: string
  readonly fabric: {
    readonly namespace: string
    readonly bridge: string
    readonly address4: string
    readonly address6: string
  }
  readonly nodes: readonly NodeMachine[]
  readonly client: Machine
  /** Another switch, to which every node has a cable of its own; undefined in a lab with one LAN. */
  readonly second: SecondLan | undefined
  /** Routers on the first LAN, and who is behind them; undefined in a lab without. */
  readonly routing: Routing | undefined
}

export type Routing = {
  /** `rt` 192.168.67.2 and, with two, `rt2` 192.168.67.3. */
  readonly routers: readonly Machine[]
  /** `ext`, behind `rt`: a user from elsewhere. */
  readonly far: Machine
  /** The first router's address towards the far user. */
  readonly gateway4: string
  readonly gateway6: string
}

export type LanName = 'first' | 'second'

export type SecondLan = {
  readonly bridge: string
  /** Every node once more, in the same order: its cable and its addresses there. */
  readonly nodes: readonly Machine[]
}

/** How a LAN's names and addresses begin. */
type Lan = { readonly subnet4: string; readonly subnet6: string; readonly mac: string; readonly port: string }

const LANS: Readonly<Record<LanName | 'far', Lan>> = {
  // Locally administered; the last byte reads like the address, so that a dump can be followed by eye.
  first: { subnet4: '192.168.67', subnet6: 'fc00:67::', mac: '02:00:00:00:00', port: 'v' },
  second: { subnet4: '192.168.68', subnet6: 'fc00:68::', mac: '02:00:00:00:01', port: 'w' },
  far: { subnet4: '10.99.0', subnet6: 'fc00:99::', mac: '02:00:00:00:02', port: 'f' },
}
/** The networks of the far user: the nodes reach them through the first router. */
export const FAR_NETWORKS = { ipv4: '10.99.0.0/24', ipv6: 'fc00:99::/64' } as const
export const SERVICE_RANGES = '10.96.0.0/16,fd00:96::/108'
export const POD_RANGES = '10.244.0.0/16,fd00:10:244::/48'
/** Where Pods find the API: the first address of the Service range, as everywhere. */
export const API_CLUSTER_IP = '10.96.0.1'
export const API_PORT = 6443
/** What a machine's own end of its cable is called, on the nodes as on the client. */
export const UPLINK = 'eth0'
/** A node's own end of its cable to the second LAN. */
export const SECOND_UPLINK = 'eth1'
export const LAN_PREFIX4 = 24
export const LAN_PREFIX6 = 64
const MOST_NODES = 30
/** The last part of the first node's address; the others follow. */
const FIRST_NODE = 11
const FIRST_ROUTER = 2

/**
 * @param suffix tells two labs on one machine apart; '' gives the plain names `fabric`, `n1`, `client`.
 * @throws RangeError when there are fewer than 1 or more than 30 nodes, or the suffix has other characters than a-z and 0-9
 */
export function planTopology(
  nodes: number,
  suffix: string,
  { secondLan = false, routers = 0 }: { readonly secondLan?: boolean; readonly routers?: number } = {},
): Topology {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) {
    throw new RangeError(`${nodes} nodes: the lab has 1 to ${MOST_NODES}`)
  }
  if (!/^[a-z0-9]{0,12}$/.test(suffix)) {
    throw new RangeError(`suffix ${JSON.stringify(suffix)}: up to 12 characters a-z and 0-9 are accepted`)
  }
  return {
    suffix,
    fabric: {
      namespace: withSuffix('fabric', suffix),
      bridge: 'br0',
      address4: `${LANS.first.subnet4}.1`,
      address6: `${LANS.first.subnet6}1`,
    },
    nodes: Array.from({ length: nodes }, (_, index) => planNode(index + 1, suffix)),
    client: planMachine('client', 50, suffix),
    second: secondLan
      ? {
          bridge: 'br1',
          nodes: Array.from({ length: nodes }, (_, index) =>
            planMachine(`n${index + 1}`, FIRST_NODE + index, suffix, 'second'),
          ),
        }
      : undefined,
    routing: routers === 0 ? undefined : planRouting(routers, suffix),
  }
}

function planRouting(routers: number, suffix: string): Routing {
  const names = Array.from({ length: routers }, (_, index) => (index === 0 ? 'rt' : `rt${index + 1}`))
  return {
    routers: names.map((name, index) => planMachine(name, FIRST_ROUTER + index, suffix)),
    far: planMachine('ext', 2, suffix, 'far'),
    gateway4: `${LANS.far.subnet4}.1`,
    gateway6: `${LANS.far.subnet6}1`,
  }
}

export function withSuffix(name: string, suffix: string): string {
  return suffix === '' ? name : `${name}-${suffix}`
}

/** @param host the last part of its addresses, IPv4 and IPv6 written alike */
export function planMachine(name: string, host: number, suffix: string, lan: keyof typeof LANS = 'first'): Machine {
  const { subnet4, subnet6, mac, port } = LANS[lan]
  return {
    name,
    namespace: withSuffix(name, suffix),
    address4: `${subnet4}.${host}`,
    address6: `${subnet6}${host}`,
    mac: `${mac}:${String(host).padStart(2, '0')}`,
    port: `${port}${name}`,
  }
}

function planNode(index: number, suffix: string): NodeMachine {
  return {
    ...planMachine(`n${index}`, FIRST_NODE + index - 1, suffix),
    podRange4: `10.244.${index}.0/24`,
    podRange6: `fd00:10:244:${index}::/64`,
    podGateway4: `10.244.${index}.1`,
    podAddresses: (n) => ({ v4: `10.244.${index}.${n}`, v6: `fd00:10:244:${index}::${n.toString(16)}` }),
  }
}
