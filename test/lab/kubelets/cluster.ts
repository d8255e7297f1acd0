import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ApiServer, startApiServer } from '../api-server.ts'
import { type Binaries, findBinaries, findNodeBinaries, type NodeBinary } from '../binaries.ts'
import { startChild } from '../child.ts'
import { type Client, labClient } from '../client/client.ts'
import { inNamespace, runOrThrow } from '../command.ts'
import { endWithProcess } from '../end.ts'
import { type Journal, openJournal } from '../journal.ts'
import { startKubeProxy } from '../kube-proxy.ts'
import { buildNetwork } from '../network.ts'
import { checkMachine, MachineError } from '../packages.ts'
import { API_PORT, planTopology, SERVICE_RANGES, type Topology } from '../topology.ts'
import { waitFor } from '../wait.ts'
import { type Images, makeImages } from './images.ts'
import { cgroupName, type KubeletNode, startNode } from './node.ts'

/** A cluster as others have it: real kubelets with containerd, a scheduler, and the image from its archive. */
export type KubeletCluster = {
  readonly folder: string
  readonly nodes: readonly KubeletNode[]
  readonly images: Images
  /** On the LAN, and no part of the cluster. */
  readonly client: Client
  /** As administrator; it must succeed within `timeoutMs`, a minute unless told. */
  readonly kubectl: (args: readonly string[], timeoutMs?: number) => Promise<string>
  /** Ends everything, and leaves nothing behind. May be called twice. */
  readonly stop: () => void
}

export type KubeletOptions = {
  /** Tells two labs on one machine apart, also by their control groups. */
  readonly suffix: string
  readonly nodes: number
  readonly log?: (line: string) => void
}

type Parts = {
  readonly topology: Topology
  readonly binaries: Binaries
  readonly programs: Readonly<Record<NodeBinary, string>>
  readonly journal: Journal
  readonly folder: string
}

const KUBECTL_LIMIT_MS = 60_000
const PROXY_USER = 'system:kube-proxy'

/** @throws MachineError that names what this machine lacks, LabRunningError when such a lab runs already */
export async function startKubelets({ suffix, nodes, log = () => {} }: KubeletOptions): Promise<KubeletCluster> {
  const topology = planTopology(nodes, suffix)
  checkMachine('iptables', 'kubelets')
  checkKernel(readFileSync('/proc/filesystems', 'utf8'))
  const binaries = await findBinaries(log)
  const programs = await findNodeBinaries(log)
  const journal = openJournal(suffix, log)
  const end = endWithProcess(journal.sweep, true)
  try {
    const folder = mkdtempSync(join(tmpdir(), 'steelyard-kubelets-'))
    journal.addFolder(folder)
    return await assemble({ topology, binaries, programs, journal, folder }, { end, log })
  } catch (error) {
    end()
    throw error
  }
}

function checkKernel(filesystems: string): void {
  if (!/\boverlay$/m.test(filesystems))
    throw new MachineError('this kernel has no overlayfs, on which containers stand')
}

async function assemble(
  parts: Parts,
  { end, log }: { readonly end: () => void; readonly log: (line: string) => void },
): Promise<KubeletCluster> {
  const { topology, binaries, folder, journal } = parts
  const images = await makeImages(folder, log)
  await buildNetwork(topology, journal)
  const tokens = { proxy: newToken(), nodes: topology.nodes.map(newToken) }
  const server = await startControlPlane(parts, tokens)
  const kubectl = (args: readonly string[], timeoutMs = KUBECTL_LIMIT_MS): Promise<string> =>
    runOrThrow(
      [...inNamespace(topology.fabric.namespace), binaries.kubectl, `--kubeconfig=${server.kubeconfigPath}`, ...args],
      { timeoutMs },
    )
  const nodes = await Promise.all(
    topology.nodes.map(async (node, index) => {
      const kubeconfig = server.writeKubeconfig(`kubelet-${node.name}`, tokens.nodes[index] ?? '')
      const started = await startNode({
        node,
        folder,
        journal,
        images,
        kubeletProgram: parts.programs.kubelet,
        kubeconfig,
      })
      await waitFor(`${node.name} to register`, () => kubectl(['get', 'node', node.name]), {
        background: started.kubelet.tail,
      })
      startProxy(parts, { server, token: tokens.proxy }, node)
      return started
    }),
  )
  await kubectl(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=50s'])
  return { folder, nodes, images, client: labClient(topology.client, journal), kubectl, stop: end }
}

function newToken(): string {
  return randomBytes(24).toString('hex')
}

/** etcd, API server, controllers and scheduler in the namespace of the fabric. */
async function startControlPlane(
  parts: Parts,
  tokens: { readonly proxy: string; readonly nodes: readonly string[] },
): Promise<ApiServer> {
  const { topology, binaries, programs, folder, journal } = parts
  const prefix = inNamespace(topology.fabric.namespace)
  const nodeUsers = topology.nodes.map(
    ({ name }, index) => `${tokens.nodes[index]},system:node:${name},node-${name},system:nodes`,
  )
  const server = await startApiServer({
    dir: folder,
    commandPrefix: prefix,
    address: topology.fabric.address4,
    ports: { api: API_PORT, etcd: 2379, etcdPeer: 2380 },
    serviceClusterIpRange: SERVICE_RANGES,
    tokens: [`${tokens.proxy},${PROXY_USER},kube-proxy`, ...nodeUsers],
    // Added to RBAC. Webhooks are asked straight at their Pods: no kube-proxy runs where the API server is.
    apiServerFlags: [
      '--authorization-mode=Node',
      '--enable-admission-plugins=NodeRestriction',
      '--enable-aggregator-routing=true',
    ],
    binaries,
    onStart: journal.addProcess,
  })
  const client = [`--kubeconfig=${server.kubeconfigPath}`, '--leader-elect=false', '--bind-address=127.0.0.1']
  const start = (name: string, program: string, flags: readonly string[]): unknown =>
    startChild({
      name,
      command: [...prefix, program, ...client, ...flags],
      logFile: join(folder, `${name}.log`),
      onStart: journal.addProcess,
    })
  start('kube-controller-manager', binaries['kube-controller-manager'], [
    `--service-account-private-key-file=${server.serviceAccountKeyFile}`,
    `--root-ca-file=${server.caFile}`,
    '--use-service-account-credentials=true',
    // Pods have their networks from the nodes' own files.
    '--controllers=*,-node-ipam-controller',
  ])
  start('kube-scheduler', programs['kube-scheduler'], [])
  return server
}

function startProxy(
  { binaries, folder, journal }: Parts,
  { server, token }: { readonly server: ApiServer; readonly token: string },
  node: Topology['nodes'][number],
): void {
  startKubeProxy({
    node,
    mode: 'iptables',
    strictArp: true,
    program: binaries['kube-proxy'],
    // Its own default.
    minSyncPeriod: '1s',
    server,
    token,
    folder,
    onStart: journal.addProcess,
  })
}

/** Everything that such a cluster makes outside of its folder. */
export function tracesOf({ suffix, nodes }: KubeletOptions): {
  readonly namespaces: readonly string[]
  readonly cgroups: readonly string[]
} {
  const { fabric, client, nodes: machines } = planTopology(nodes, suffix)
  return {
    namespaces: [fabric, client, ...machines].map(({ namespace }) => namespace),
    cgroups: machines.map(cgroupName),
  }
}
