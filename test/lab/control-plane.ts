import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { API_SERVER_NAME, labApi, type LabApi } from './api.ts'
import { type ApiServer, joinApiServer, startApiServer } from './api-server.ts'
import type { Binaries } from './binaries.ts'
import { type Child, startChild } from './child.ts'
import { inNamespace } from './command.ts'
import { forward, type Forward } from './dial.ts'
import { API_PORT, POD_RANGES, SERVICE_RANGES, type Topology } from './topology.ts'
import { waitFor } from './wait.ts'

export type ControlPlane = {
  readonly server: ApiServer
  /** Ends kube-controller-manager and starts it anew. */
  readonly restartControllerManager: () => Promise<void>
  readonly api: LabApi
  /** For programs outside the lab's namespaces, as administrator. */
  readonly kubeconfig: string
  /** The port of this machine's loopback that leads to the API server. */
  readonly port: number
  /** What the API server wrote down of every write, and of what our programs read (audit log). */
  readonly auditLog: string
  /** The token that kube-proxy runs with. */
  readonly proxyToken: string
  readonly close: () => void
}

export type ControlPlaneOptions = {
  readonly topology: Topology
  readonly binaries: Binaries
  readonly folder: string
  readonly agentSocket: string
  /** See LabOptions. */
  readonly webhooks: boolean
  readonly onStart: (pid: number) => void
  readonly log: (line: string) => void
}

/** Without kubelets nobody heartbeats, so what would declare their nodes dead stays out; the lab does that part itself. */
const CONTROLLERS_OFF = [
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'node-ipam-controller',
  'pod-garbage-collector-controller',
]

/** Every write with who did it and what came of it, and what our programs read: whether they need their rights. Other reads would be many. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Metadata',
      users: ['controller', 'speaker'].map((name) => `system:serviceaccount:metallb-system:${name}`),
    },
    { level: 'None', verbs: ['get', 'list', 'watch'] },
    { level: 'None', users: ['admin', 'system:kube-controller-manager', 'system:apiserver'] },
    { level: 'Metadata' },
  ],
}

/** What whoever joins a running control plane must know. */
export type ControlPlaneFacts = { readonly folder: string; readonly adminToken: string; readonly proxyToken: string }

/** A control plane without its ways in. */
export type BareControlPlane = Pick<ControlPlane, 'server' | 'proxyToken' | 'restartControllerManager'>

/** etcd, kube-apiserver and kube-controller-manager in the fabric namespace; resolves when Pods can be created. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  return withWaysIn(await startBareControlPlane(options), options)
}

/** The same, for others to join from elsewhere on its network. */
export async function startBareControlPlane(
  options: Omit<ControlPlaneOptions, 'agentSocket'>,
): Promise<BareControlPlane> {
  mkdirSync(options.folder, { recursive: true })
  const proxyToken = randomBytes(24).toString('hex')
  const server = await startServer(options, proxyToken)
  const state = { controllerManager: startControllerManager(options, server) }
  return {
    server,
    proxyToken,
    restartControllerManager: async () => {
      await state.controllerManager.stop()
      state.controllerManager = startControllerManager(options, server)
    },
  }
}

/** Uses a control plane that runs outside of the lab, at the address where the lab's own would be. */
export async function joinControlPlane(
  { topology, binaries, agentSocket }: Pick<ControlPlaneOptions, 'topology' | 'binaries' | 'agentSocket'>,
  { folder, adminToken, proxyToken }: ControlPlaneFacts,
): Promise<ControlPlane> {
  const server = joinApiServer({
    dir: folder,
    adminToken,
    address: topology.fabric.address4,
    ports: PORTS,
    commandPrefix: inNamespace(topology.fabric.namespace),
    binaries,
  })
  const restartControllerManager = async (): Promise<never> => {
    throw new Error('kube-controller-manager was started outside of the lab, which cannot restart it')
  }
  const joined = await withWaysIn({ server, proxyToken, restartControllerManager }, { topology, folder, agentSocket })
  // It serves already, but the way to it is still being laid.
  await waitFor('the way to the API server', () => joined.api.get('/api/v1/namespaces/default'))
  return joined
}

async function withWaysIn(
  bare: BareControlPlane,
  { topology, folder, agentSocket }: Pick<ControlPlaneOptions, 'topology' | 'folder' | 'agentSocket'>,
): Promise<ControlPlane> {
  const { server } = bare
  const out = await forward(agentSocket, { host: topology.fabric.address4, port: API_PORT })
  const api = labApi({ port: out.port, ca: readFileSync(server.caFile, 'utf8'), token: server.adminToken })
  return {
    ...bare,
    api,
    kubeconfig: writeOuterKubeconfig(folder, server, out),
    port: out.port,
    auditLog: join(folder, 'audit.log'),
    close: () => {
      api.close()
      out.close()
    },
  }
}

/** A namespace has its ports to itself. */
const PORTS = { api: API_PORT, etcd: 2379, etcdPeer: 2380 } as const

function startServer(
  { topology, binaries, folder, webhooks, onStart, log }: Omit<ControlPlaneOptions, 'agentSocket'>,
  proxyToken: string,
): Promise<ApiServer> {
  const policy = join(folder, 'audit-policy.json')
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY))
  return startApiServer({
    dir: folder,
    commandPrefix: inNamespace(topology.fabric.namespace),
    address: topology.fabric.address4,
    ports: PORTS,
    serviceClusterIpRange: SERVICE_RANGES,
    tokens: [`${proxyToken},system:kube-proxy,kube-proxy`],
    apiServerFlags: [
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${join(folder, 'audit.log')}`,
      // It taints new nodes until the node lifecycle controller, which is off, lifts the taint.
      '--disable-admission-plugins=TaintNodesByCondition',
      // Straight to the Pods, whom it has routes to.
      ...(webhooks ? ['--enable-aggregator-routing=true'] : []),
    ],
    binaries,
    onStart,
    log,
  })
}

function startControllerManager(
  { topology, binaries, folder, onStart }: Omit<ControlPlaneOptions, 'agentSocket'>,
  server: ApiServer,
): Child {
  return startChild({
    name: 'kube-controller-manager',
    command: [
      ...inNamespace(topology.fabric.namespace),
      binaries['kube-controller-manager'],
      `--kubeconfig=${server.kubeconfigPath}`,
      `--service-account-private-key-file=${server.serviceAccountKeyFile}`,
      `--root-ca-file=${server.caFile}`,
      '--use-service-account-credentials=false',
      '--leader-elect=false',
      '--bind-address=127.0.0.1',
      `--cluster-cidr=${POD_RANGES}`,
      `--controllers=${['*', ...CONTROLLERS_OFF.map((name) => `-${name}`)].join(',')}`,
      // Its own throttling would be measured instead of ours.
      '--kube-api-qps=1000',
      '--kube-api-burst=2000',
    ],
    logFile: join(folder, 'kube-controller-manager.log'),
    onStart,
  })
}

function writeOuterKubeconfig(folder: string, server: ApiServer, { port }: Forward): string {
  const config = JSON.parse(readFileSync(server.kubeconfigPath, 'utf8')) as {
    clusters: { cluster: Record<string, string> }[]
  }
  for (const { cluster } of config.clusters) {
    cluster['server'] = `https://127.0.0.1:${port}`
    cluster['tls-server-name'] = API_SERVER_NAME
  }
  const path = join(folder, 'kubeconfig')
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 })
  return path
}

/** Pods are refused until their namespace has its service account. */
export async function waitForServiceAccount(api: LabApi, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`
  await waitFor(`the service account of namespace ${namespace}`, () => api.get(path).then(() => true), {
    timeoutMs: 30_000,
  })
}
