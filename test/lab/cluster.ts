import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Base } from './base.ts'
import { type Child, startChild } from './child.ts'
import { inNamespace } from './command.ts'
import { type ControlPlane, joinControlPlane, startControlPlane, waitForServiceAccount } from './control-plane.ts'
import { dial } from './dial.ts'
import { startKubeProxy } from './kube-proxy.ts'
import { nodeObject } from './kubelet/sync-node.ts'
import type { NodeMachine } from './topology.ts'
import { waitFor } from './wait.ts'

const AGENT = fileURLToPath(new URL('agent.ts', import.meta.url))
const PROXY_HEALTH_PORT = 10_256

/** A hand of the lab in each namespace, to connect from there. Gives those of the nodes, by name. */
export async function startAgents({
  topology,
  agentSocketOf,
  journal,
  folder,
}: Base): Promise<ReadonlyMap<string, Child>> {
  const places = [{ name: 'fabric', namespace: topology.fabric.namespace }, ...topology.nodes]
  const agents = new Map(
    places.map(({ name, namespace }) => [
      name,
      startChild({
        name: `agent-${name}`,
        command: [...inNamespace(namespace), process.execPath, AGENT, agentSocketOf(name)],
        logFile: join(folder, `agent-${name}.log`),
        onStart: journal.addProcess,
      }),
    ]),
  )
  for (const { name, tail } of agents.values()) {
    await waitFor(`the ${name} to listen`, () => tail().includes('ready'), { everyMs: 10, background: tail })
  }
  return agents
}

export type Cluster = {
  readonly controlPlane: ControlPlane
  /** Starts kube-controller-manager and every kube-proxy anew; resolves when they serve. */
  readonly restartClients: () => Promise<void>
  /** Starts every kube-proxy anew, in IPVS mode with strictARP or without; resolves when they serve. */
  readonly setStrictArp: (strictArp: boolean) => Promise<void>
  /** The kube-proxy of a node, as it runs now. */
  readonly proxyOn: (node: string) => Child | undefined
}

/** The control plane, the Node objects, and a kube-proxy on each node. */
export async function startCluster(base: Base): Promise<Cluster> {
  const { topology, agentSocketOf, journal, log } = base
  const agentSocket = agentSocketOf('fabric')
  const controlPlane =
    base.outer === undefined
      ? await startControlPlane({ ...base, agentSocket, onStart: journal.addProcess, log })
      : await joinControlPlane({ ...base, agentSocket }, base.outer)
  for (const node of topology.nodes) await controlPlane.api.create('/api/v1/nodes', nodeObject(node))
  const state = { proxies: startProxies(base, controlPlane), strictArp: base.strictArp }
  const restartProxies = async (): Promise<void> => {
    await Promise.all(state.proxies.map((proxy) => proxy.stop()))
    state.proxies = startProxies({ ...base, strictArp: state.strictArp }, controlPlane)
    await waitForProxies(base, state.proxies)
  }
  await Promise.all([waitForServiceAccount(controlPlane.api, 'default'), waitForProxies(base, state.proxies)])
  return {
    controlPlane,
    proxyOn: (node) => state.proxies[topology.nodes.findIndex(({ name }) => name === node)],
    restartClients: async () => {
      await Promise.all([controlPlane.restartControllerManager(), restartProxies()])
    },
    setStrictArp: async (strictArp) => {
      state.strictArp = strictArp
      await restartProxies()
    },
  }
}

function startProxies(
  { topology, proxyMode, strictArp, proxyMinSyncPeriod, binaries, folder, journal }: Base,
  { server, proxyToken }: ControlPlane,
): readonly Child[] {
  const same = {
    mode: proxyMode,
    strictArp,
    program: binaries['kube-proxy'],
    minSyncPeriod: proxyMinSyncPeriod,
    server,
    token: proxyToken,
    folder,
    onStart: journal.addProcess,
  }
  return topology.nodes.map((node) => startKubeProxy({ ...same, node }))
}

async function waitForProxies(base: Base, proxies: readonly Child[]): Promise<void> {
  await Promise.all(base.topology.nodes.map((node, index) => waitForProxy(base, node, proxies[index])))
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
