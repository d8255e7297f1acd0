import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeBuildFolder, removeHalfBuilt, takeBuildLock, withProgress } from './cache-build.ts'
import { findProgram, MachineError } from './packages.ts'

export type BuildRequest = {
  /** Where the programs end up; appears beside nothing half-made. */
  readonly folder: string
  readonly names: readonly string[]
  readonly version: string
  readonly log: (line: string) => void
  /** Where the programs come from; the Kubernetes of the lab unless told. */
  readonly module?: ProgramModule
}

/** A small Go module of ours that pins programs. */
export type ProgramModule = {
  readonly folder: string
  /** The module path of a program's main package. */
  readonly packageOf: (name: string) => string
  /** What the program says to `--version`; a build from the module does not know it otherwise. */
  readonly versionVariable: string
}

/** `go install` refuses modules with replace directives, so a module of our own pins the versions. */
const KUBERNETES: ProgramModule = {
  folder: new URL('kube', import.meta.url).pathname,
  packageOf: (name) => (name === 'etcd' ? 'go.etcd.io/etcd/server/v3' : `k8s.io/kubernetes/cmd/${name}`),
  versionVariable: 'k8s.io/component-base/version.gitVersion',
}

/** Builds the programs that `folder` lacks. Two runs at once: the second waits for the first. */
export async function buildBinaries(request: BuildRequest): Promise<void> {
  const { folder, names, version, log, module = KUBERNETES } = request
  const lock = await takeBuildLock(`${folder}.lock`, 'the Kubernetes programs', log)
  try {
    const missing = names.filter((name) => !existsSync(join(folder, name)))
    if (missing.length === 0) return
    checkGo(readFileSync(join(module.folder, 'go.mod'), 'utf8'))
    log(
      `building ${missing.join(', ')} ${version} from source, once; this takes minutes (all of Kubernetes: five on two cores, and 5 GB in Go's caches)`,
    )
    mkdirSync(folder, { recursive: true })
    removeHalfBuilt(folder)
    for (const [index, name] of missing.entries()) {
      await buildOne(name, { ...request, progress: `${index + 1} of ${missing.length}` })
    }
  } finally {
    lock.release()
  }
}

async function buildOne(
  name: string,
  { folder, version, log, module = KUBERNETES, progress }: BuildRequest & { progress: string },
): Promise<void> {
  // Built beside its place and renamed into it, so that a broken-off build leaves no half program behind.
  const temporary = makeBuildFolder(folder)
  const output = join(temporary, name)
  try {
    await withProgress(`building ${name} (${progress})`, () => runGo(module, { name, version, output }), { log })
    chmodSync(output, 0o755)
    renameSync(output, join(folder, name))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

type Build = { readonly name: string; readonly version: string; readonly output: string }

async function runGo(module: ProgramModule, { name, version, output }: Build): Promise<void> {
  const flags = `-s -w -X ${module.versionVariable}=${version}`
  const args = ['build', '-trimpath', '-ldflags', flags, '-o', output, module.packageOf(name)]
  const child = spawn(goProgram(), args, {
    cwd: module.folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CGO_ENABLED: '0' },
  })
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  const [status] = (await once(child, 'close')) as [number | null]
  process.off('exit', kill)
  if (status !== 0) throw new MachineError(`go could not build ${name} (status ${status ?? 'killed'}):\n${said.trim()}`)
}

/** Also where Go's own installer puts it: `sudo` leaves a PATH without that. */
export function goProgram(): string {
  return findProgram('go', `${process.env['PATH'] ?? ''}:/usr/local/go/bin`) ?? 'go'
}

/** @param goMod the text of the module's go.mod, whose `go` line names the least version. */
function checkGo(goMod: string): void {
  const wanted = /^go (\S+)$/m.exec(goMod)?.[1] ?? '1.26'
  const go = spawnSync(goProgram(), ['env', 'GOVERSION'], { cwd: '/', encoding: 'utf8' })
  if (go.error !== undefined) {
    throw new MachineError(
      `no usable Kubernetes programs found, and building them needs Go ${wanted} or newer, which is not installed (https://go.dev/dl)`,
    )
  }
  const found = go.stdout.trim().replace(/^go/, '')
  if (compareVersions(found, wanted) < 0) {
    throw new MachineError(
      `building the Kubernetes programs needs Go ${wanted} or newer (https://go.dev/dl); this is Go ${found}`,
    )
  }
}

/** Negative, zero or positive, number by number; what follows the numbers (rc1, a vendor's word) does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function numbersOf(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10) || 0)
}
