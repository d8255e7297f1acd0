import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '../child.ts'
import { inNamespace, runOrThrow } from '../command.ts'
import type { Journal } from '../journal.ts'
import type { NodeMachine } from '../topology.ts'
import { waitFor } from '../wait.ts'
import { makeCgroups } from './cgroups.ts'
import type { Images } from './images.ts'
import { CONTAINERD_SOCKET, type NodeFiles, writeNodeFiles } from './node-files.ts'

/** A node with a real kubelet: a machine of the lab with its own processes, mounts and control groups. */
export type KubeletNode = NodeMachine & {
  readonly cgroup: string
  readonly files: NodeFiles
  readonly kubelet: Child
  /** Runs a command inside. */
  readonly exec: (command: readonly string[]) => Promise<string>
}

export type NodeOptions = {
  readonly node: NodeMachine
  readonly folder: string
  readonly journal: Journal
  readonly images: Images
  readonly kubeletProgram: string
  readonly kubeconfig: string
}

/** The control groups of a node, named after its network namespace, which no other has. */
export function cgroupName({ namespace }: NodeMachine): string {
  return `steelyard-${namespace}`
}

const IMPORT_LIMIT_MS = 90_000

/** Boots a node: its private view, containerd with the images, and a kubelet that registers it. */
export async function startNode(options: NodeOptions): Promise<KubeletNode> {
  const { node, journal, images } = options
  const folder = join(options.folder, node.name)
  mkdirSync(folder)
  const cgroup = cgroupName(node)
  journal.addCgroups(cgroup)
  makeCgroups(cgroup)
  const files = writeNodeFiles(folder, { node, cgroup, pauseProgram: images.pauseProgram })
  const inside = await boot(options, folder, files)
  const start = (name: string, command: readonly string[]): Child =>
    startChild({
      name: `${name}-${node.name}`,
      command: [...inside, ...command],
      logFile: join(folder, `${name}.log`),
      onStart: journal.addProcess,
    })
  const containerd = start('containerd', ['containerd', '--config', files.containerd])
  const ctr = (...args: readonly string[]): readonly string[] => [
    ...inside,
    'ctr',
    '--address',
    CONTAINERD_SOCKET,
    ...args,
  ]
  await waitFor(`containerd on ${node.name}`, () => runOrThrow(ctr('version')), { background: containerd.tail })
  for (const archive of images.archives) {
    await runOrThrow(ctr('--namespace', 'k8s.io', 'images', 'import', archive), { timeoutMs: IMPORT_LIMIT_MS })
  }
  const kubelet = start('kubelet', kubeletCommand(options, files))
  return { ...node, cgroup, files, kubelet, exec: (command) => runOrThrow([...inside, ...command]) }
}

function kubeletCommand({ node, kubeletProgram, kubeconfig }: NodeOptions, files: NodeFiles): readonly string[] {
  return [
    kubeletProgram,
    `--config=${files.kubelet}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${node.name}`,
    `--node-ip=${node.address4},${node.address6}`,
  ]
}

/** @returns what to put before a command so that it runs inside */
async function boot({ node, journal }: NodeOptions, folder: string, files: NodeFiles): Promise<readonly string[]> {
  const own = [
    '--mount',
    '--propagation',
    'private',
    '--uts',
    '--ipc',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ]
  const holder = startChild({
    name: `init-${node.name}`,
    command: [...inNamespace(node.namespace), 'unshare', ...own, 'sh', files.init],
    logFile: join(folder, 'init.log'),
    onStart: journal.addProcess,
  })
  await waitFor(`the first process of ${node.name}`, () => existsSync(files.up), { background: holder.tail })
  const pid = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').trim()
  return ['nsenter', `--target=${pid}`, '--mount', '--uts', '--ipc', '--net', '--pid', '--']
}
