import type { Cluster } from './cluster.ts'
import { shell } from './network.ts'
import type { NodeMachine, Topology } from './topology.ts'

/** What can be made to go wrong. Each has its opposite, and both may be called twice. */
export type Faults = {
  /** Pulls the node's cable at the bridge: the node sees its carrier go. */
  readonly cutLink: (node: string) => Promise<void>
  readonly restoreLink: (node: string) => Promise<void>
  /** The API server's process ends, etcd and its state stay. */
  readonly stopApiServer: () => Promise<void>
  /**
   * It comes back. Kubernetes' own clients back off for up to half a minute then, which would be all that
   * a test sees; so kube-controller-manager and the kube-proxies are started anew, and serve when this resolves.
   */
  readonly startApiServer: () => Promise<void>
  /** Drops every frame between the two groups of nodes; both still reach client and API server. */
  readonly partition: (one: readonly string[], other: readonly string[]) => Promise<void>
  readonly healPartition: () => Promise<void>
}

export function labFaults({ fabric, nodes }: Topology, { controlPlane, restartClients }: Cluster): Faults {
  const nodeOf = (name: string): NodeMachine => {
    const node = nodes.find((candidate) => candidate.name === name)
    if (node === undefined)
      throw new Error(`there is no node ${name}: there are ${nodes.map((each) => each.name).join(', ')}`)
    return node
  }
  const setPort = (name: string, state: 'up' | 'down'): Promise<void> =>
    shell(fabric.namespace, [`ip link set ${nodeOf(name).port} ${state}`])
  return {
    cutLink: (name) => setPort(name, 'down'),
    restoreLink: (name) => setPort(name, 'up'),
    stopApiServer: () => controlPlane.server.stopServer(),
    startApiServer: async () => {
      await controlPlane.server.startServer()
      await restartClients()
    },
    partition: (one, other) =>
      shell(fabric.namespace, [`nft -f - <<'RULES'\n${partitionRules(one.map(nodeOf), other.map(nodeOf))}\nRULES`]),
    healPartition: () => shell(fabric.namespace, [`nft delete table bridge ${TABLE} 2>/dev/null || true`]),
  }
}

const TABLE = 'steelyard_partition'

/** On the bridge, where frames between two ports are forwarded. */
function partitionRules(one: readonly NodeMachine[], other: readonly NodeMachine[]): string {
  return [
    `table bridge ${TABLE}`,
    `delete table bridge ${TABLE}`,
    `table bridge ${TABLE} {`,
    '  chain forward {',
    '    type filter hook forward priority 0; policy accept;',
    dropRule(one, other),
    dropRule(other, one),
    '  }',
    '}',
  ].join('\n')
}

function dropRule(from: readonly NodeMachine[], to: readonly NodeMachine[]): string {
  return `    iifname ${portSet(from)} oifname ${portSet(to)} drop`
}

function portSet(machines: readonly NodeMachine[]): string {
  return `{ ${machines.map(({ port }) => `"${port}"`).join(', ')} }`
}
