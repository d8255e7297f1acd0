import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildBinaries } from './build-binaries.ts'
import { findProgram } from './packages.ts'

/** The one version the lab is pinned to; test/lab/kube/go.mod names the same. */
export const KUBERNETES_VERSION = 'v1.36.3'

export const BINARIES = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kubectl', 'etcd'] as const
export type Binary = (typeof BINARIES)[number]
/** The full path of each program. */
export type Binaries = Readonly<Record<Binary, string>>
/** What a cluster with real kubelets needs beyond. */
export const NODE_BINARIES = ['kubelet', 'kube-scheduler'] as const
export type NodeBinary = (typeof NODE_BINARIES)[number]
type AnyBinary = Binary | NodeBinary

type Environment = Readonly<Record<string, string | undefined>>

/** A program found somewhere, or why what was found is not used. */
export type Found =
  | { readonly kind: 'usable'; readonly path: string }
  | { readonly kind: 'refused'; readonly why: string }

/** How a program tells its version, and which one is accepted. */
const VERSIONS: Readonly<
  Record<AnyBinary, { readonly args: readonly string[]; readonly accepted: RegExp; readonly wanted: string }>
> = {
  'kube-apiserver': { args: ['--version'], accepted: /^Kubernetes v1\.36\.\d+$/m, wanted: 'v1.36' },
  'kube-controller-manager': { args: ['--version'], accepted: /^Kubernetes v1\.36\.\d+$/m, wanted: 'v1.36' },
  'kube-proxy': { args: ['--version'], accepted: /^Kubernetes v1\.36\.\d+$/m, wanted: 'v1.36' },
  'kube-scheduler': { args: ['--version'], accepted: /^Kubernetes v1\.36\.\d+$/m, wanted: 'v1.36' },
  kubelet: { args: ['--version'], accepted: /^Kubernetes v1\.36\.\d+$/m, wanted: 'v1.36' },
  kubectl: { args: ['version', '--client'], accepted: /^Client Version: v1\.36\.\d+$/m, wanted: 'v1.36' },
  etcd: { args: ['--version'], accepted: /^etcd Version: 3\.6\.\d+$/m, wanted: '3.6' },
}

/** Where this user's built programs are kept. */
export function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'steelyard', 'kube', KUBERNETES_VERSION)
}

/**
 * Finds the Kubernetes programs, each in the first of: $KUBEBUILDER_ASSETS, $PATH (both by version),
 * the cache folder. What is in none of them is built into the cache folder, which takes minutes.
 */
export async function findBinaries(log: (line: string) => void, env: Environment = process.env): Promise<Binaries> {
  return findAll(BINARIES, log, env)
}

/** As `findBinaries`: the programs of real nodes. */
export async function findNodeBinaries(
  log: (line: string) => void,
  env: Environment = process.env,
): Promise<Readonly<Record<NodeBinary, string>>> {
  return findAll(NODE_BINARIES, log, env)
}

async function findAll<Name extends AnyBinary>(
  names: readonly Name[],
  log: (line: string) => void,
  env: Environment,
): Promise<Readonly<Record<Name, string>>> {
  const cache = cacheFolder(env)
  const here = names.map((name) => [name, findOne(name, cache, { env, log })] as const)
  const missing = here.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0) await buildBinaries({ folder: cache, names: missing, version: KUBERNETES_VERSION, log })
  const paths = here.map(([name, path]) => [name, path ?? join(cache, name)] as const)
  return Object.fromEntries(paths) as Record<Name, string>
}

function findOne(
  name: AnyBinary,
  cache: string,
  { env, log }: { env: Environment; log: (line: string) => void },
): string | undefined {
  const assets = env['KUBEBUILDER_ASSETS']
  const candidates = [
    assets === undefined || assets === '' ? undefined : findIn(name, join(assets, name)),
    findOnPath(name, env['PATH'] ?? ''),
  ]
  for (const found of candidates) {
    if (found?.kind === 'usable') return found.path
    if (found?.kind === 'refused') log(found.why)
  }
  const cached = join(cache, name)
  return existsSync(cached) ? cached : undefined
}

function findOnPath(name: AnyBinary, path: string): Found | undefined {
  const file = findProgram(name, path)
  return file === undefined ? undefined : findIn(name, file)
}

/** @returns undefined when there is no such file. */
export function findIn(name: AnyBinary, path: string): Found | undefined {
  if (!existsSync(path)) return undefined
  const { args, accepted, wanted } = VERSIONS[name]
  const { stdout, error } = spawnSync(path, args, { encoding: 'utf8', timeout: 20_000 })
  if (error === undefined && accepted.test(stdout)) return { kind: 'usable', path }
  const said = error?.message ?? (stdout.split('\n')[0] === '' ? 'no version' : stdout.split('\n')[0])
  return { kind: 'refused', why: `${path} is not used: it says "${said}", wanted is ${wanted}` }
}
