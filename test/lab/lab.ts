import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LabApi } from './api.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { type Child, startChild, tailOf } from './child.ts'
import { type Client, labClient } from './client/client.ts'
import { inNamespace, type Outcome, run, type RunOptions, runOrThrow } from './command.ts'
import { type ControlPlane, startControlPlane, waitForServiceAccount } from './control-plane.ts'
import { dial } from './dial.ts'
import { endLabWithProcess } from './end.ts'
import { type Faults, labFaults } from './faults.ts'
import { type Journal, openJournal } from './journal.ts'
import { startKubeProxy } from './kube-proxy.ts'
import type { ProgramForm } from './kubelet/container.ts'
import { type Kubelet, kubeletLog, startKubelet } from './kubelet/kubelet.ts'
import { nodeObject } from './kubelet/sync-node.ts'
import { type LabMachine, labMachine } from './machine.ts'
import { buildNetwork, plugMachine } from './network.ts'
import { checkMachine, type ProxyMode } from './packages.ts'
import { labPrograms, type Programs } from './programs.ts'
import { planMachine, planTopology, type NodeMachine, type Topology, UPLINK } from './topology.ts'
import { waitFor, type WaitOptions } from './wait.ts'
import { type Capture, startCapture } from './wire/capture.ts'

export type LabOptions = {
  /** 3 unless told. */
  readonly nodes?: number
  /** iptables unless told. */
  readonly proxyMode?: ProxyMode
  /** Tells two labs on one machine apart; '' unless told. */
  readonly suffix?: string
  /** How our programs run, once their Pods are created: from source unless told. */
  readonly form?: ProgramForm
  /** After how long without heartbeat a node counts as lost; 4 s unless told, where a real cluster takes 40 to 50. */
  readonly nodeGraceMs?: number
  /** Whether a signal ends the lab and the process; true unless told. A program that has its own way to end says false. */
  readonly endsOnSignal?: boolean
  readonly log?: (line: string) => void
}

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
  /** One more machine on the LAN, at 192.168.67.HOST and fc00:67::HOST: another client, or one that a test makes a router. */
  readonly addMachine: (name: string, host: number) => Promise<Client>
  readonly faults: Faults
  readonly programs: Programs
  /** Runs kubectl as administrator; it must succeed. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  /** Runs kubectl as administrator, whatever comes of it. */
  readonly tryKubectl: (args: readonly string[], input?: string) => Promise<Outcome>
  /** Applies YAML server-side. */
  readonly apply: (yaml: string) => Promise<string>
  /** Watches the wire of a machine (`client`, `n1`), or the whole LAN (`fabric`). */
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

const AGENT = fileURLToPath(new URL('agent.ts', import.meta.url))
const PROXY_HEALTH_PORT = 10_256
const TAIL_LINES = 12
const KUBECTL_TIMEOUT_MS = 60_000

type Base = Required<LabOptions> & {
  readonly topology: Topology
  readonly binaries: Binaries
  readonly journal: Journal
  readonly folder: string
  readonly agentSocketOf: (machine: string) => string
}

/**
 * Brings up a cluster: namespaces, control plane, nodes with kube-proxy, and a stand-in for their
 * kubelets; not yet our own programs (`installSteelyard`).
 * @throws MachineError when this machine cannot, LabRunningError when such a lab runs already
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const base = await prepare(options)
  const end = endLabWithProcess(base.journal, base.endsOnSignal)
  try {
    await buildNetwork(base.topology, base.journal)
    const [controlPlane] = await Promise.all([startCluster(base), startAgents(base)])
    const kubelet = startKubelet({ ...base, api: controlPlane.api })
    return assemble(base, { controlPlane, kubelet, end })
  } catch (error) {
    end()
    throw error
  }
}

async function prepare(options: LabOptions): Promise<Base> {
  const {
    nodes = 3,
    proxyMode = 'iptables',
    suffix = '',
    form = 'source',
    nodeGraceMs = 4000,
    endsOnSignal = true,
    log = () => {},
  } = options
  const topology = planTopology(nodes, suffix)
  checkMachine(proxyMode)
  const binaries = await findBinaries(log)
  log(`Kubernetes programs: ${[...new Set(Object.values(binaries).map((path) => dirname(path)))].join(', ')}`)
  const journal = openJournal(suffix, log)
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-lab-'))
  journal.addFolder(folder)
  const agentSocketOf = (machine: string): string => join(folder, `agent-${machine}.sock`)
  return {
    nodes,
    proxyMode,
    suffix,
    form,
    nodeGraceMs,
    endsOnSignal,
    log,
    topology,
    binaries,
    journal,
    folder,
    agentSocketOf,
  }
}

async function startAgents({ topology, agentSocketOf, journal, folder }: Base): Promise<void> {
  const places = [{ name: 'fabric', namespace: topology.fabric.namespace }, ...topology.nodes]
  const agents = places.map(({ name, namespace }) =>
    startChild({
      name: `agent-${name}`,
      command: [...inNamespace(namespace), process.execPath, AGENT, agentSocketOf(name)],
      logFile: join(folder, `agent-${name}.log`),
      onStart: journal.addProcess,
    }),
  )
  for (const { name, tail } of agents) {
    await waitFor(`the ${name} to listen`, () => tail().includes('ready'), { everyMs: 10, background: tail })
  }
}

async function startCluster(base: Base): Promise<ControlPlane> {
  const { topology, folder, agentSocketOf, journal, log } = base
  const onStart = journal.addProcess
  const controlPlane = await startControlPlane({ ...base, agentSocket: agentSocketOf('fabric'), onStart, log })
  for (const node of topology.nodes) await controlPlane.api.create('/api/v1/nodes', nodeObject(node))
  const proxies = topology.nodes.map((node) =>
    startKubeProxy({
      node,
      mode: base.proxyMode,
      program: base.binaries['kube-proxy'],
      server: controlPlane.server,
      token: controlPlane.proxyToken,
      folder,
      onStart,
    }),
  )
  await Promise.all([
    waitForServiceAccount(controlPlane.api, 'default'),
    ...topology.nodes.map((node, index) => waitForProxy(base, node, proxies[index])),
  ])
  return controlPlane
}

/** Healthy means that it has written its rules once: from then on cluster IPs work. */
async function waitForProxy({ agentSocketOf }: Base, node: NodeMachine, proxy: Child | undefined): Promise<void> {
  const look = async (): Promise<boolean> => {
    const socket = await dial(agentSocketOf(node.name), { host: '127.0.0.1', port: PROXY_HEALTH_PORT })
    socket.write('GET /healthz HTTP/1.0\r\n\r\n')
    const answer = await new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))))
    socket.destroy()
    return answer.includes(' 200 ')
  }
  await waitFor(`kube-proxy on ${node.name}`, look, { timeoutMs: 30_000, background: () => proxy?.tail() ?? '' })
}

type Parts = { readonly controlPlane: ControlPlane; readonly kubelet: Kubelet; readonly end: () => void }

function assemble(base: Base, { controlPlane, kubelet, end }: Parts): Lab {
  const { topology, binaries, folder, journal, proxyMode } = base
  const nodes = topology.nodes.map((node) => ({ ...node, ...labMachine(node) }))
  const programs = labPrograms(kubelet)
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
    kubeconfig: controlPlane.kubeconfig,
    node: (name) => nodeNamed(nodes, name),
    client: labClient(topology.client, journal),
    addMachine: async (name, host) => {
      const machine = planMachine(name, host, topology.suffix)
      await plugMachine(topology, machine, journal)
      return labClient(machine, journal)
    },
    faults: labFaults(topology, controlPlane),
    tryKubectl: (args, input) => run(command(args), kubectlOptions(input)),
    apply: (yaml) => kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], yaml),
    capture: (where, filter = '') => startCapture({ ...placeOf(topology, where), filter, journal }),
    waitFor: (what, check, options) => waitFor(what, check, { background: () => tails(programs, folder), ...options }),
    stop: async () => {
      controlPlane.close()
      await kubelet.stop()
      end()
    },
  }
}

function kubectlOptions(input = ''): RunOptions {
  return { input, timeoutMs: KUBECTL_TIMEOUT_MS }
}

function nodeNamed(nodes: readonly LabNode[], name: string): LabNode {
  const node = nodes.find((candidate) => candidate.name === name)
  if (node === undefined)
    throw new Error(`there is no node ${name}: there are ${nodes.map((each) => each.name).join(', ')}`)
  return node
}

function placeOf({ fabric, nodes, client }: Topology, where: string): { namespace: string; device: string } {
  if (where === 'fabric') return { namespace: fabric.namespace, device: fabric.bridge }
  const machine = [client, ...nodes].find(({ name }) => name === where)
  if (machine === undefined)
    throw new Error(`there is nothing to capture at ${where}: there are fabric, client and the nodes`)
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
