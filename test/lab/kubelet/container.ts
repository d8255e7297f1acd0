import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inNamespace } from '../command.ts'
import { API_CLUSTER_IP } from '../topology.ts'
import { type Container, containerOf, type Pod, programOf } from './pod.ts'
import { environmentOf, type Mount, type PodWorld, writeVolumes } from './volumes.ts'

export type ProgramName = 'controller' | 'speaker'

/** Our programs as they stand in the source tree, the bundles of `npm run build`, or files of one's own. */
export type ProgramForm = 'source' | 'dist' | Readonly<Record<ProgramName, string>>

/** A command and everything it is to see. */
export type Launch = { readonly command: readonly string[]; readonly env: NodeJS.ProcessEnv }

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const WEB_SERVER = fileURLToPath(new URL('web.ts', import.meta.url))

/** The file of a program of ours. @throws Error when there is none */
export function programFile(program: ProgramName, form: ProgramForm): string {
  const file = typeof form === 'object' ? form[program] : programPath(program, form)
  if (existsSync(file)) return file
  throw new Error(`${file} does not exist${form === 'dist' ? ': npm run build makes it' : ''}`)
}

function programPath(program: ProgramName, form: 'source' | 'dist'): string {
  return form === 'dist' ? join(ROOT, 'dist', `${program}.mjs`) : join(ROOT, program, 'src', 'main.ts')
}

/** How to start a Pod's container inside `namespace`. @param folder where the Pod's own files go */
export async function launchOf(
  world: PodWorld,
  { namespace, folder, form }: { readonly namespace: string; readonly folder: string; readonly form: ProgramForm },
): Promise<Launch> {
  const container = containerOf(world.pod)
  const program = programOf(world.pod)
  const env = await environmentOf(world, container)
  if (program === undefined) return webServer(world, namespace, env)
  const mounts = await writeVolumes(world, container, join(folder, 'volumes'))
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch, { recursive: true })
  return {
    command: [
      ...inNamespace(namespace),
      ...withMounts(mounts, scratch),
      ...withCapabilities(container),
      process.execPath,
      programFile(program, form),
      ...(container.args ?? []),
    ],
    // As in a container: nothing of our own environment gets in.
    env: { PATH: process.env['PATH'], KUBERNETES_SERVICE_HOST: API_CLUSTER_IP, KUBERNETES_SERVICE_PORT: '443', ...env },
  }
}

function webServer({ pod, facts }: PodWorld, namespace: string, env: Readonly<Record<string, string>>): Launch {
  const ports = (protocol: string): string => portsOf(pod, protocol).join(',')
  return {
    command: [...inNamespace(namespace), process.execPath, WEB_SERVER],
    env: {
      PATH: process.env['PATH'],
      ...env,
      POD: pod.metadata.name,
      NODE: facts.nodeName,
      TCP_PORTS: ports('TCP'),
      UDP_PORTS: ports('UDP'),
    },
  }
}

/** The ports a Pod declares; one that declares none serves TCP port 80. */
export function portsOf(pod: Pod, protocol: string): readonly number[] {
  const declared = containerOf(pod).ports ?? []
  if (declared.length === 0) return protocol === 'TCP' ? [80] : []
  return declared.filter((port) => (port.protocol ?? 'TCP') === protocol).map(({ containerPort }) => containerPort)
}

/**
 * A private view of the file system with the Pod's volumes in place. The folders that receive them are
 * overlaid, so that /etc and /run of the machine stay as they are. Runs as the shell's `$@`, in place.
 */
function withMounts(mounts: readonly Mount[], scratch: string): readonly string[] {
  const paths = mounts.map(({ source, path }) => ({ source, path: resolveTop(path) }))
  const tops = [...new Set(paths.map(({ path }) => path.split('/')[1] ?? ''))]
  const script = [
    `mount -t tmpfs tmpfs ${scratch}`,
    ...tops.flatMap((top) => [
      `mkdir ${scratch}/${top} ${scratch}/${top}/upper ${scratch}/${top}/work`,
      `mount -t overlay -o lowerdir=/${top},upperdir=${scratch}/${top}/upper,workdir=${scratch}/${top}/work overlay /${top}`,
    ]),
    ...paths.flatMap(({ source, path }) => [`mkdir -p ${path}`, `mount --bind ${source} ${path}`]),
    'exec "$@"',
  ]
  return ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-e', '-c', script.join('\n'), 'sh']
}

/** /var/run is /run nearly everywhere, and an overlay on /var would not show what is behind the link. */
function resolveTop(path: string): string {
  const run = '/var/run'
  return path.startsWith(`${run}/`) ? `${realpathSync(run)}${path.slice(run.length)}` : path
}

/**
 * Drops what the container drops. Reading files past their permissions stays: the source tree may
 * belong to the user who called sudo, whereas an image's files are world-readable.
 */
function withCapabilities({ securityContext }: Container): readonly string[] {
  const { add = [], drop = [] } = securityContext?.capabilities ?? {}
  if (!drop.includes('ALL')) return []
  const kept = ['dac_read_search', ...add.map((name) => name.toLowerCase())].map((name) => `+${name}`)
  return ['setpriv', '--no-new-privs', '--inh-caps=-all', `--bounding-set=${['-all', ...kept].join(',')}`, '--']
}
