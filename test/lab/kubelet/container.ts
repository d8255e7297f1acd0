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

/** @param folder the Pod's own */
export function volumeFolder(folder: string): string {
  return join(folder, 'volumes')
}

type Place = {
  readonly namespace: string
  /** Where the Pod's own files go. */
  readonly folder: string
  /** What stands for the node's disk. */
  readonly disk: string
  readonly form: ProgramForm
}

/** How to start a Pod's container. */
export async function launchOf(world: PodWorld, { namespace, folder, disk, form }: Place): Promise<Launch> {
  const container = containerOf(world.pod)
  const program = programOf(world.pod)
  const env = await environmentOf(world, container)
  if (program === undefined) return webServer(world, namespace, env)
  const mounts = await writeVolumes(world, container, { volumes: volumeFolder(folder), disk })
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch, { recursive: true })
  return {
    command: [
      ...inNamespace(namespace),
      ...withMounts(mounts, scratch, container.securityContext?.readOnlyRootFilesystem === true),
      ...withPrivileges(world.pod),
      process.execPath,
      ...nodeFlagsOf(container),
      programFile(program, form),
      ...(container.args ?? []),
    ],
    // As in a container: nothing of our own environment gets in.
    env: { PATH: process.env['PATH'], KUBERNETES_SERVICE_HOST: API_CLUSTER_IP, KUBERNETES_SERVICE_PORT: '443', ...env },
  }
}

/** Of `command: [node, --flag, dist/program.mjs]`, what is meant for Node. */
function nodeFlagsOf({ command = [] }: Container): readonly string[] {
  return command.slice(1).filter((word) => word.startsWith('--'))
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
function withMounts(mounts: readonly Mount[], scratch: string, readOnly: boolean): readonly string[] {
  const paths = mounts.map(({ source, path }) => ({ source, path: resolveTop(path) }))
  // The volumes themselves lie there, behind the overlay once there is one.
  const inTmp = paths.filter(({ path }) => topOf(path) === 'tmp')
  const elsewhere = paths.filter(({ path }) => topOf(path) !== 'tmp')
  const tops = new Set(elsewhere.map(({ path }) => topOf(path)))
  const script = [
    `mount -t tmpfs tmpfs ${scratch}`,
    ...[...tops].flatMap((top) => overlay(top, scratch)),
    ...elsewhere.flatMap(({ source, path }) => [`mkdir -p ${path}`, `mount --bind ${source} ${path}`]),
    ...inTmp.map(({ source }, index) => `exec ${FIRST_HELD + index}< ${source}`),
    ...(inTmp.length === 0 ? [] : overlay('tmp', scratch)),
    ...inTmp.flatMap(({ path }, index) => bindHeld(FIRST_HELD + index, path)),
    ...(readOnly ? ['mount -o remount,bind,ro /'] : []),
    'exec "$@"',
  ]
  return ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-e', '-c', script.join('\n'), 'sh']
}

/** The first number that a shell has for files of one's own. */
const FIRST_HELD = 3

function topOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function overlay(top: string, scratch: string): readonly string[] {
  return [
    `mkdir ${scratch}/${top} ${scratch}/${top}/upper ${scratch}/${top}/work`,
    `mount -t overlay -o lowerdir=/${top},upperdir=${scratch}/${top}/upper,workdir=${scratch}/${top}/work overlay /${top}`,
  ]
}

/** Mounts a folder that is held open, which is the one it was when it was opened. */
function bindHeld(number: number, path: string): readonly string[] {
  return [`mkdir -p ${path}`, `mount --no-canonicalize --bind /proc/self/fd/${number} ${path}`, `exec ${number}<&-`]
}

/** /var/run is /run nearly everywhere, and an overlay on /var would not show what is behind the link. */
function resolveTop(path: string): string {
  const run = '/var/run'
  return path.startsWith(`${run}/`) ? `${realpathSync(run)}${path.slice(run.length)}` : path
}

/** The lab's own addition to a program's capabilities: the source tree may belong to the user who called sudo, whereas an image's files are world-readable. */
const READ_ANY_FILE = 'dac_read_search'

/** Becomes the user, and keeps the capabilities, that the Pod and its container say. */
function withPrivileges(pod: Pod): readonly string[] {
  const { capabilities, runAsUser = pod.spec.securityContext?.runAsUser ?? 0 } = containerOf(pod).securityContext ?? {}
  if (capabilities?.drop?.includes('ALL') !== true) return []
  const kept = [READ_ANY_FILE, ...(capabilities.add ?? []).map((name) => name.toLowerCase())]
  const bounds = ['--no-new-privs', `--bounding-set=${capabilityList(kept)}`]
  if (runAsUser === 0) return ['setpriv', ...bounds, '--inh-caps=-all', '--']
  // Only an ambient capability outlives the change of user; and the change forgets whose death to follow.
  const ambient = capabilityList([READ_ANY_FILE])
  const user = [`--reuid=${runAsUser}`, `--regid=${runAsUser}`, '--clear-groups', '--pdeathsig=KILL']
  return ['setpriv', ...bounds, ...user, `--inh-caps=${ambient}`, `--ambient-caps=${ambient}`, '--']
}

function capabilityList(kept: readonly string[]): string {
  return ['-all', ...kept.map((name) => `+${name}`)].join(',')
}
