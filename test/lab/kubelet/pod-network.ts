import { createHash } from 'node:crypto'
import { runOrThrow } from '../command.ts'
import type { Journal } from '../journal.ts'
import { makeNamespaces, shell, sysctls } from '../network.ts'
import { type NodeMachine, UPLINK, withSuffix } from '../topology.ts'

/** Where a Pod lives: its namespace and addresses. */
export type PodPlace = { readonly namespace: string; readonly v4: string; readonly v6: string; readonly number: number }

const FIRST_POD = 2
const LAST_POD = 254
/** Every node's end of a Pod's cable has the same link-local address; each is a link of its own. */
const GATEWAY6 = 'fe80::1'

/** Gives a Pod the lowest free address of its node. @throws Error when the node has 253 Pods */
export function choosePlace(node: NodeMachine, taken: ReadonlySet<number>, name: string, suffix: string): PodPlace {
  for (let number = FIRST_POD; number <= LAST_POD; number++) {
    if (taken.has(number)) continue
    return { namespace: withSuffix(`pod-${name}`, suffix), ...node.podAddresses(number), number }
  }
  throw new Error(`node ${node.name} has no Pod address left`)
}

/**
 * A namespace with one cable to the node and host routes, as a point-to-point network plugin makes it.
 * The node's end is called veth…, which the shipped exclusion list knows.
 */
export async function connectPod(node: NodeMachine, { namespace, v4, v6 }: PodPlace, journal: Journal): Promise<void> {
  const gateway4 = node.podGateway4
  const end = vethOf(namespace)
  await makeNamespaces([namespace], journal)
  await shell(namespace, sysctls(['net/ipv6/conf/all/accept_dad=0', 'net/ipv6/conf/default/accept_dad=0']))
  await shell(node.namespace, [
    `ip link add ${end} type veth peer name ${UPLINK} netns ${namespace}`,
    `ip link set ${end} up`,
    `ip address add ${gateway4}/32 dev ${end}`,
    `ip address add ${GATEWAY6}/64 dev ${end} nodad`,
    `ip route add ${v4}/32 dev ${end}`,
    `ip -6 route add ${v6}/128 dev ${end}`,
  ])
  await shell(namespace, [
    'ip link set lo up',
    `ip link set ${UPLINK} up`,
    `ip address add ${v4}/32 dev ${UPLINK}`,
    `ip address add ${v6}/128 dev ${UPLINK} nodad`,
    `ip route add ${gateway4} dev ${UPLINK}`,
    `ip route add default via ${gateway4} src ${v4}`,
    `ip -6 route add default via ${GATEWAY6} dev ${UPLINK} src ${v6}`,
  ])
}

/** The cable goes with the namespace. */
export async function disconnectPod({ namespace }: PodPlace): Promise<void> {
  await runOrThrow(['ip', 'netns', 'delete', namespace])
}

/** Interface names have at most 15 characters (IFNAMSIZ), Pods' names more. */
function vethOf(namespace: string): string {
  return `veth${createHash('sha256').update(namespace).digest('hex').slice(0, 8)}`
}
