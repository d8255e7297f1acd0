import type { Child } from './child.ts'
import type { Cluster } from './cluster.ts'
import type { Journal } from './journal.ts'
import { type Load, startLoad } from './load.ts'
import { shell } from './network.ts'
import type { LanName, Machine, Topology } from './topology.ts'

/** What can be made to go wrong. Each has its opposite, and both may be called twice. */
export type Faults = {
  /** Pulls the node's cable at the bridge: the node sees its carrier go. Of the first LAN unless told. */
  readonly cutLink: (node: string, lan?: LanName) => Promise<void>
  readonly restoreLink: (node: string, lan?: LanName) => Promise<void>
  /**
   * A paused virtual machine: every program of the node stands still (its Pods, kube-proxy, the lab's hand for the
   * kubelet), and nothing passes its network interfaces, though their carrier stays. Nobody is told of it, not even the node.
   */
  readonly freezeNode: (node: string) => Promise<void>
  /** It goes on where it stood, believing what it believed. */
  readonly thawNode: (node: string) => Promise<void>
  /** The API server's process ends, etcd and its state stay. */
  readonly stopApiServer: () => Promise<void>
  /**
   * It comes back. Kubernetes' own clients back off for up to half a minute then, which would be all that
   * a test sees; so kube-controller-manager and the kube-proxies are started anew, and serve when this resolves.
   */
  readonly startApiServer: () => Promise<void>
  /** Drops every frame between the two groups of machines (nodes, `client`, added ones); all still reach the API server. */
  readonly partition: (one: readonly string[], other: readonly string[]) => Promise<void>
  readonly healPartition: () => Promise<void>
  /** The annotation by which an administrator takes a node out of service, and puts it back. */
  readonly startMaintenance: (node: string) => Promise<void>
  readonly endMaintenance: (node: string) => Promise<void>
  /** Keeps every core of this machine busy. */
  readonly saturate: () => Promise<void>
  readonly relieve: () => Promise<void>
}

export type FaultParts = {
  readonly topology: Topology
  readonly cluster: Cluster
  readonly journal: Journal
  readonly folder: string
  /** Every machine on the first LAN: nodes, client, those added. */
  readonly machines: () => readonly Machine[]
  /** Everything that runs for a node. */
  readonly programsOn: (node: string) => readonly Child[]
}

const MAINTENANCE = 'steelyard.dev/maintenance'

export function labFaults(parts: FaultParts): Faults {
  const { topology, cluster, journal, folder } = parts
  const { controlPlane, restartClients } = cluster
  const { fabric } = topology
  const state: { readonly frozen: Set<string>; load: Load | undefined } = { frozen: new Set(), load: undefined }
  const setPort = (name: string, lan: LanName, to: 'up' | 'down'): Promise<void> =>
    shell(fabric.namespace, [`ip link set ${nicOf(topology, name, lan).port} ${to}`])
  const dropFrozen = (): Promise<void> =>
    nft(fabric.namespace, frozenRules([...state.frozen].flatMap((name) => portsOf(topology, name))))
  const maintain = async (name: string, value: string | null): Promise<void> =>
    void (await controlPlane.api.patch(`/api/v1/nodes/${name}`, {
      metadata: { annotations: { [MAINTENANCE]: value } },
    }))
  const portOf = (name: string): string => machineNamed(parts.machines(), name).port
  return {
    cutLink: (name, lan = 'first') => setPort(name, lan, 'down'),
    restoreLink: (name, lan = 'first') => setPort(name, lan, 'up'),
    freezeNode: async (name) => {
      // The interfaces first: a program that stands still must not be seen to have said goodbye.
      state.frozen.add(nicOf(topology, name, 'first').name)
      await dropFrozen()
      for (const program of parts.programsOn(name)) program.kill('SIGSTOP')
    },
    thawNode: async (name) => {
      state.frozen.delete(name)
      await dropFrozen()
      for (const program of parts.programsOn(name)) program.kill('SIGCONT')
    },
    stopApiServer: () => controlPlane.server.stopServer(),
    startApiServer: async () => {
      await controlPlane.server.startServer()
      await restartClients()
    },
    partition: (one, other) => nft(fabric.namespace, partitionRules(one.map(portOf), other.map(portOf))),
    healPartition: () => nft(fabric.namespace, emptyTable(PARTITION)),
    startMaintenance: (name) => maintain(name, 'true'),
    endMaintenance: (name) => maintain(name, null),
    saturate: async () => void (state.load ??= startLoad(journal, folder)),
    relieve: async () => {
      await state.load?.stop()
      state.load = undefined
    },
  }
}

function machineNamed(machines: readonly Machine[], name: string): Machine {
  const machine = machines.find((candidate) => candidate.name === name)
  if (machine !== undefined) return machine
  throw new Error(`there is no machine ${name}: there are ${machines.map((each) => each.name).join(', ')}`)
}

/** A node's cable to one of the LANs. */
function nicOf({ nodes, second }: Topology, name: string, lan: LanName): Machine {
  if (lan === 'first') return machineNamed(nodes, name)
  if (second === undefined) throw new Error('this lab has no second LAN: start it with secondLan')
  return machineNamed(second.nodes, name)
}

function portsOf({ nodes, second }: Topology, name: string): readonly string[] {
  return [...nodes, ...(second?.nodes ?? [])].filter((machine) => machine.name === name).map(({ port }) => port)
}

const PARTITION = 'steelyard_partition'
const FROZEN = 'steelyard_frozen'

function nft(namespace: string, rules: readonly string[]): Promise<void> {
  return shell(namespace, [`nft -f - <<'RULES'\n${rules.join('\n')}\nRULES`])
}

/** Whether the table was there or not, nothing is in it afterwards: in one step with what follows. */
function emptyTable(table: string): readonly string[] {
  return [`table bridge ${table}`, `delete table bridge ${table}`]
}

/** On the bridge, where frames between two ports are forwarded. */
function partitionRules(one: readonly string[], other: readonly string[]): readonly string[] {
  const drop = (from: readonly string[], to: readonly string[]): string =>
    `iifname ${portSet(from)} oifname ${portSet(to)} drop`
  return [
    ...emptyTable(PARTITION),
    `table bridge ${PARTITION} {`,
    chain('forward', [drop(one, other), drop(other, one)]),
    '}',
  ]
}

/** Neither forwarded, nor to or from the bridge itself, where the API server is. */
function frozenRules(ports: readonly string[]): readonly string[] {
  if (ports.length === 0) return emptyTable(FROZEN)
  const [from, to] = [`iifname ${portSet(ports)} drop`, `oifname ${portSet(ports)} drop`]
  return [
    ...emptyTable(FROZEN),
    `table bridge ${FROZEN} {`,
    chain('forward', [from, to]),
    chain('input', [from]),
    chain('output', [to]),
    '}',
  ]
}

function chain(hook: string, rules: readonly string[]): string {
  return [`  chain ${hook} {`, `    type filter hook ${hook} priority 0; policy accept;`, ...rules, '  }'].join('\n')
}

function portSet(ports: readonly string[]): string {
  return `{ ${ports.map((port) => `"${port}"`).join(', ')} }`
}
