import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MachineError } from '../../lab/packages.ts'
import { type AptSource, debianArchive, readDeb822Form, readListForm, sourceText } from './apt-sources.ts'
import { runConfined } from './confined.ts'
import { chooseSource, type KernelSource, OLDEST_KERNEL, readMadison, SUITES } from './source-choice.ts'

const CONFIGURATION = '/etc/apt'
const NO_SOURCE = 'the source of the kernel for guests is not to be had'

/** Apt with lists and sources of its own. @returns the lines it printed */
export type Apt = (program: 'apt-get' | 'apt-cache', ...args: readonly string[]) => Promise<readonly string[]>

/**
 * Apt for the newest kernels of the Debian archive that this machine already uses. It keeps its lists below `scratch`:
 * the machine's own apt stays as it is.
 * @throws MachineError when this machine names no such archive
 */
export function prepareApt(scratch: string, signal: AbortSignal): Apt & { readonly tried: string } {
  const archive = debianArchive(machineSources(), codename())
  if (archive === undefined) {
    const where = `${CONFIGURATION}/sources.list and ${CONFIGURATION}/sources.list.d`
    throw new MachineError(`${NO_SOURCE}: no Debian archive is named in ${where}, from which apt could fetch it`)
  }
  const folder = join(scratch, 'apt')
  for (const each of ['sources', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, each), { recursive: true })
  }
  writeFileSync(join(folder, 'sources/kernel.sources'), sourceText(archive, SUITES))
  const options = aptOptions(folder)
  const apt: Apt = (program, ...args) => runConfined([program, ...options, ...args], { folder: scratch, signal })
  return Object.assign(apt, { tried: `tried: the suites ${SUITES.join(', ')} of ${archive.uri}` })
}

/** Asks the archive which kernel sources it has. @throws MachineError that says what was tried when none will do */
export async function findSource(apt: ReturnType<typeof prepareApt>): Promise<KernelSource> {
  // It fails when one suite is not there; what counts is what the others have.
  const said = await apt('apt-get', 'update').then(
    () => '',
    (error: unknown) => `\n${error instanceof Error ? error.message : String(error)}`,
  )
  const found = await apt('apt-cache', 'search', '--names-only', String.raw`^linux-source-[0-9]+\.[0-9]+$`)
  const names = found.flatMap((line) => line.split(' ')[0] ?? [])
  const source = names.length === 0 ? undefined : chooseSource(readMadison(await apt('apt-cache', 'madison', ...names)))
  if (source !== undefined) return source
  const seen = names.length === 0 ? 'no linux-source-N.M was found' : `found were only ${names.join(', ')}`
  throw new MachineError(`${NO_SOURCE}: wanted is ${OLDEST_KERNEL} or newer, ${seen}; ${apt.tried}${said}`)
}

/** Downloads the source. @returns the file of its package, in the folder `scratch` that `apt` was made for */
export async function fetchSource(
  apt: ReturnType<typeof prepareApt>,
  { name, version }: KernelSource,
  scratch: string,
): Promise<string> {
  try {
    await apt('apt-get', 'download', `${name}=${version}`)
  } catch (error) {
    throw new MachineError(`${NO_SOURCE}: ${error instanceof Error ? error.message : String(error)}\n${apt.tried}`)
  }
  const file = readdirSync(scratch).find((entry) => entry.endsWith('.deb'))
  if (file === undefined) throw new MachineError(`${NO_SOURCE}: apt downloaded no file; ${apt.tried}`)
  return join(scratch, file)
}

function aptOptions(folder: string): readonly string[] {
  return [
    'Dir::Etc::sourcelist=/dev/null',
    `Dir::Etc::sourceparts=${folder}/sources`,
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    // The user of downloads cannot write to a folder of ours.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ].flatMap((option) => ['-o', option])
}

function machineSources(): readonly AptSource[] {
  const read = (patterns: readonly string[], form: (text: string) => readonly AptSource[]): readonly AptSource[] =>
    globSync(patterns, { cwd: CONFIGURATION })
      .toSorted()
      .flatMap((file) => form(readFileSync(join(CONFIGURATION, file), 'utf8')))
  return [
    ...read(['sources.list.d/*.sources'], readDeb822Form),
    ...read(['sources.list', 'sources.list.d/*.list'], readListForm),
  ]
}

function codename(): string {
  return /^VERSION_CODENAME="?([\w-]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
}
