import { type LabApi } from './api.ts'
import { type Base, type LabOptions, prepare } from './base.ts'
import type { Binaries } from './binaries.ts'
import { type Child, tailOf } from './child.ts'
import { type Client, labClient } from './client/client.ts'
import { type Cluster, startAgents, startCluster } from './cluster.ts'
import { inNamespace, type Outcome, run, type RunOptions, runOrThrow } from './command.ts'
import type { ControlPlane } from './control-plane.ts'
import { endWithProcess } from './end.ts'
import { type Faults, labFaults } from './faults.ts'
import { type Kubelet, kubeletLog, startKubelet } from './kubelet/kubelet.ts'
import { type LabMachine, labMachine } from './machine.ts'
import { buildNetwork, plugMachine } from './network.ts'
import type { ProxyMode } from './packages.ts'
import { labPrograms, type Programs } from './programs.ts'
import {
  type LanName,
  type Machine,
  planMachine,
  type NodeMachine,
  type Routing,
  type Topology,
  UPLINK,
} from './topology.ts'
import { type LabRouter, type LabRouterOptions, startLabRouter } from './routing/router.ts'
import { waitFor, type WaitOptions } from './wait.ts'
import { type Capture, startCapture } from './wire/capture.ts'

export type LabNode = LabMachine & NodeMachine

/** A Kubernetes cluster with its LAN, in network namespaces of this machine. */
export type Lab = {
  readonly topology: Topology
  readonly proxyMode: ProxyMode
  /** Everything the lab writes, logs (`*.log`) included. Gone after `stop`. */
  readonly folder: string
  readonly binaries: Binaries
  readonly controlPlane: ControlPlane
  readonly api: LabApi
  /** Of an administrator, for programs outside the namespaces. */
  readonly kubeconfig: string
  readonly nodes: readonly LabNode[]
  readonly node: (name: string) => LabNode
  readonly client: Client
  /** The user behind the first router. @throws Error in a lab without routers */
  readonly far: () => Client
  /** Starts a router on one of the lab's `routers`; it ends with the lab, if not before. */
  readonly startRouter: (options: LabRouterOptions) => Promise<LabRouter>
  /**
   * One more machine on a LAN, the first unless told, at 192.168.67.HOST and fc00:67::HOST (192.168.68.HOST and
   * fc00:68::HOST): another client, or one that a test makes a router.
   */
  readonly addMachine: (name: string, host: number, lan?: LanName) => Promise<Client>
  readonly faults: Faults
  readonly programs: Programs
  /** Starts every kube-proxy anew, in IPVS mode with strictARP or without. The sysctls of a node stay once they are set. */
  readonly setStrictArp: (strictArp: boolean) => Promise<void>
  /** Runs kubectl as administrator; it must succeed. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** Runs kubectl as administrator, whatever comes of it. */
  readonly tryKubectl: (args: readonly string[], input?: string) => Promise<Outcome>
  /** Applies YAML server-side. */
  readonly apply: (yaml: string) => Promise<string>
  /** Watches the wire of a machine (`client`, `n1`, an added one), or the whole first LAN (`fabric`). */
  readonly capture: (where: string, filter?: string) => Promise<Capture>
  /** As `waitFor`, and shows the ends of our programs' logs when it fails. */
  readonly waitFor: <T>(
    what: string,
    check: () => T | undefined | false | Promise<T | undefined | false>,
    options?: WaitOptions,
  ) => Promise<T>
  /** Ends everything, and leaves nothing behind. May be called twice. */
  readonly stop: () => Promise<void>
}

const TAIL_LINES = 12
const KUBECTL_TIMEOUT_MS = 60_000

/**
 * Brings up a cluster: namespaces, control plane, nodes with kube-proxy, and a stand-in for their
 * kubelets; not yet our own programs (`installSteelyard`).
 * @throws MachineError when this machine cannot, LabRunningError when such a lab runs already
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const base = await prepare(options)
  const end = endWithProcess(base.journal.sweep, base.endsOnSignal)
  try {
    await buildNetwork(base.topology, base.journal, base.outer?.device)
    const [cluster, agents] = await Promise.all([startCluster(base), startAgents(base)])
    const kubelet = startKubelet({ ...base, api: cluster.controlPlane.api })
    return assemble(base, { cluster, agents, kubelet, end })
  } catch (error) {
    end()
    throw error
  }
}

type Parts = {
  readonly cluster: Cluster
  readonly agents: ReadonlyMap<string, Child>
  readonly kubelet: Kubelet
  readonly end: () => void
}

function assemble(base: Base, parts: Parts): Lab {
  const { cluster, kubelet, end } = parts
  const { controlPlane } = cluster
  const { topology, binaries, folder, journal, proxyMode } = base
  const nodes = topology.nodes.map((node) => ({ ...node, ...labMachine(node) }))
  const programs = labPrograms(kubelet)
  const routers: LabRouter[] = []
  const added: { readonly machine: Machine; readonly lan: LanName }[] = []
  const onFirst = (): readonly Machine[] => added.filter(({ lan }) => lan === 'first').map(({ machine }) => machine)
  const command = (args: readonly string[]): readonly string[] => [
    ...inNamespace(topology.fabric.namespace),
    binaries.kubectl,
    `--kubeconfig=${controlPlane.server.kubeconfigPath}`,
    ...args,
  ]
  const kubectl = (args: readonly string[], input?: string): Promise<string> =>
    runOrThrow(command(args), kubectlOptions(input))
  return {
    topology,
    proxyMode,
    folder,
    binaries,
    controlPlane,
    nodes,
    programs,
    kubectl,
    api: controlPlane.api,
    setStrictArp: cluster.setStrictArp,
    kubeconfig: controlPlane.kubeconfig,
    node: (name) => nodeNamed(nodes, name),
    client: labClient(topology.client, journal),
    far: () => labClient(routingOf(topology).far, journal),
    startRouter: async (options) => {
      const router = await startLabRouter(topology, journal, options)
      routers.push(router)
      return router
    },
    addMachine: async (name, host, lan = 'first') => {
      const machine = planMachine(name, host, topology.suffix, lan)
      await plugMachine(topology, machine, { journal, lan })
      added.push({ machine, lan })
      return labClient(machine, journal)
    },
    faults: labFaults({
      ...base,
      cluster,
      machines: () => [...topology.nodes, topology.client, ...(topology.routing?.routers ?? []), ...onFirst()],
      programsOn: (node) => programsOn(parts, node),
    }),
    tryKubectl: (args, input) => run(command(args), kubectlOptions(input)),
    apply: (yaml) => kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], yaml),
    capture: (where, filter = '') => startCapture({ ...placeOf(topology, added, where), filter, journal }),
    waitFor: (what, check, options) => waitFor(what, check, { background: () => tails(programs, folder), ...options }),
    stop: async () => {
      controlPlane.close()
      await kubelet.stop()
      await Promise.all(routers.map((router) => router.close()))
      end()
    },
  }
}

function kubectlOptions(input = ''): RunOptions {
  return { input, timeoutMs: KUBECTL_TIMEOUT_MS }
}

function routingOf({ routing }: Topology): Routing {
  if (routing === undefined) throw new Error('this lab has no routers: start it with routers')
  return routing
}

function nodeNamed(nodes: readonly LabNode[], name: string): LabNode {
  const node = nodes.find((candidate) => candidate.name === name)
  if (node === undefined)
    throw new Error(`there is no node ${name}: there are ${nodes.map((each) => each.name).join(', ')}`)
  return node
}

/** Everything that runs for a node: its kube-proxy, the lab's hand there, its Pods. */
function programsOn({ cluster, agents, kubelet }: Parts, node: string): readonly Child[] {
  const pods = [...kubelet.running.values()].filter(({ node: home }) => home.name === node)
  return [cluster.proxyOn(node), agents.get(node), ...pods.map(({ child }) => child)].filter(
    (child) => child !== undefined,
  )
}

function placeOf(
  { fabric, nodes, client, routing }: Topology,
  added: readonly { readonly machine: Machine }[],
  where: string,
): { namespace: string; device: string } {
  if (where === 'fabric') return { namespace: fabric.namespace, device: fabric.bridge }
  const others = routing === undefined ? [] : [...routing.routers, routing.far]
  const machine = [client, ...nodes, ...others, ...added.map((each) => each.machine)].find(({ name }) => name === where)
  if (machine === undefined)
    throw new Error(
      `there is nothing to capture at ${where}: there are fabric, client, the nodes, routers, ext and what was added`,
    )
  return { namespace: machine.namespace, device: UPLINK }
}

/** The ends of the logs of our programs, and of the lab's kubelet. */
function tails({ of }: Programs, folder: string): string {
  const logs = [...of('controller'), ...of('speaker')].map((pod) => ({
    what: `${pod.name} on ${pod.node}`,
    file: pod.logFile(),
  }))
  return [...logs, { what: 'kubelet', file: kubeletLog(folder) }]
    .map(({ what, file }) => ({ what, text: tailOf(file, TAIL_LINES) }))
    .flatMap(({ what, text }) => (text === '' ? [] : [`--- ${what}\n${text}`]))
    .join('\n')
}
