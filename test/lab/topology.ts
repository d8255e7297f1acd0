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
}

const LAN4 = '192.168.67'
const LAN6 = 'fc00:67::'
export const SERVICE_RANGES = '10.96.0.0/16,fd00:96::/108'
export const POD_RANGES = '10.244.0.0/16,fd00:10:244::/48'
/** Where Pods find the API: the first address of the Service range, as everywhere. */
export const API_CLUSTER_IP = '10.96.0.1'
export const API_PORT = 6443
/** What a machine's own end of its cable is called, on the nodes as on the client. */
export const UPLINK = 'eth0'
export const LAN_PREFIX4 = 24
export const LAN_PREFIX6 = 64
const MOST_NODES = 30

/**
 * @param suffix tells two labs on one machine apart; '' gives the plain names `fabric`, `n1`, `client`.
 * @throws RangeError when there are fewer than 1 or more than 30 nodes, or the suffix has other characters than a-z and 0-9
 */
export function planTopology(nodes: number, suffix: string): Topology {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > MOST_NODES) {
    throw new RangeError(`${nodes} nodes: the lab has 1 to ${MOST_NODES}`)
  }
  if (!/^[a-z0-9]{0,12}$/.test(suffix)) {
    throw new RangeError(`suffix ${JSON.stringify(suffix)}: up to 12 characters a-z and 0-9 are accepted`)
  }
  return {
    suffix,
    fabric: { namespace: withSuffix('fabric', suffix), bridge: 'br0', address4: `${LAN4}.1`, address6: `${LAN6}1` },
    nodes: Array.from({ length: nodes }, (_, index) => planNode(index + 1, suffix)),
    client: planMachine('client', 50, suffix),
  }
}

export function withSuffix(name: string, suffix: string): string {
  return suffix === '' ? name : `${name}-${suffix}`
}

/** @param host the last part of its addresses, IPv4 and IPv6 written alike */
export function planMachine(name: string, host: number, suffix: string): Machine {
  return {
    name,
    namespace: withSuffix(name, suffix),
    address4: `${LAN4}.${host}`,
    address6: `${LAN6}${host}`,
    // Locally administered; its last byte reads like the address, so that a dump can be followed by eye.
    mac: `02:00:00:00:00:${String(host).padStart(2, '0')}`,
    port: `v${name}`,
  }
}

function planNode(index: number, suffix: string): NodeMachine {
  return {
    ...planMachine(`n${index}`, 10 + index, suffix),
    podRange4: `10.244.${index}.0/24`,
    podRange6: `fd00:10:244:${index}::/64`,
    podGateway4: `10.244.${index}.1`,
    podAddresses: (n) => ({ v4: `10.244.${index}.${n}`, v6: `fd00:10:244:${index}::${n.toString(16)}` }),
  }
}
