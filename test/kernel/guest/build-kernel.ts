import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { makeBuildFolder, removeHalfBuilt, takeBuildLock, withProgress } from '../../lab/cache-build.ts'
import { endWithProcess } from '../../lab/end.ts'
import { checkMachine, MachineError } from '../../lab/packages.ts'
import { runConfined } from './confined.ts'
import { fetchSource, findSource, prepareApt } from './fetch-source.ts'
import { findKernel, kernelCache, kernelFolder, KERNEL_PROGRAM } from './kernel-file.ts'
import { COMPILE, CONFIGURE, LEFT_OUT, optionsOf, type Recipe, readRecipe } from './recipe.ts'

type Log = (line: string) => void
type Environment = Readonly<Record<string, string | undefined>>

/** Where a build is at work, by what, and how it is ended. */
type Site = { readonly scratch: string; readonly recipe: Recipe; readonly signal: AbortSignal; readonly log: Log }

/**
 * The kernel for guests, built when this user has none yet: minutes, 160 MB to download and 2 GB on disk meanwhile.
 * A build that is ended leaves nothing; one that is killed is swept by the next.
 * @throws MachineError that says what the machine lacks, or what failed
 */
export async function ensureKernel(log: Log, env: Environment = process.env): Promise<string> {
  const found = findKernel(env)
  if (found !== undefined) return found
  if (process.arch !== 'x64') {
    throw new MachineError(`guests need an x86-64 machine; this is ${process.arch}, whose own kernel must do`)
  }
  checkMachine('kernel-build')
  const cache = kernelCache(env)
  const lock = await takeBuildLock(join(cache, 'lock'), 'the kernel for guests', log)
  try {
    return findKernel(env) ?? (await buildIn(cache, log))
  } finally {
    lock.release()
  }
}

async function buildIn(cache: string, log: Log): Promise<string> {
  log('building the kernel for guests from source, once; this takes about eight minutes on two cores')
  const place = join(cache, 'kernel')
  removeHalfBuilt(place)
  const scratch = makeBuildFolder(place)
  const ending = new AbortController()
  const clean = endWithProcess(() => {
    ending.abort()
    // What is being killed may still write there.
    rmSync(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }, true)
  try {
    const site = { scratch, recipe: readRecipe(), signal: ending.signal, log }
    const { version, tree } = await unpackSource(site)
    await configure(tree, site)
    await compile(tree, site)
    // Awaited here: what follows removes what it works on.
    return await keep(tree, join(cache, kernelFolder(version, site.recipe.hash)), site)
  } finally {
    clean()
  }
}

async function unpackSource({ scratch, signal, log }: Site): Promise<{ version: string; tree: string }> {
  const apt = prepareApt(scratch, signal)
  const source = await withProgress('kernel: looking for its source', () => findSource(apt), { log })
  const name = `${source.name} ${source.version}`
  const file = await withProgress(`kernel: fetching ${name}`, () => fetchSource(apt, source, scratch), { log })
  const run = (command: readonly string[]): Promise<unknown> => runConfined(command, { folder: scratch, signal })
  const unpack = async (): Promise<void> => {
    await run(['dpkg-deb', '--extract', file, 'package'])
    const leftOut = LEFT_OUT.map((path) => `--exclude=${source.name}/${path}`)
    await run(['tar', '-xJf', `package/usr/src/${source.name}.tar.xz`, ...leftOut])
  }
  await withProgress(`kernel: unpacking ${name}`, unpack, { log })
  return { version: source.kernel, tree: join(scratch, source.name) }
}

async function configure(tree: string, { scratch, recipe, signal, log }: Site): Promise<void> {
  writeFileSync(join(scratch, 'kernel.config'), recipe.configuration)
  const work = (): Promise<unknown> => runConfined(CONFIGURE, { folder: tree, signal })
  await withProgress('kernel: configuring', work, { log })
  const has = new Set(readFileSync(join(tree, '.config'), 'utf8').split('\n'))
  const lacking = optionsOf(recipe.configuration).filter((option) => !has.has(option))
  // Options come and go with versions; whether what the ring needs works is proved by its first test.
  if (lacking.length > 0) log(`kernel: this version does not take ${lacking.join(' ')}`)
}

async function compile(tree: string, { signal, log }: Site): Promise<void> {
  let objects = 0
  const work = (): Promise<unknown> =>
    runConfined([...COMPILE, `-j${availableParallelism()}`], {
      folder: tree,
      signal,
      onLine: (line) => void (/^\s+CC\s/.test(line) && objects++),
    })
  const detail = (): string => `${objects} files of about 1150, `
  await withProgress('kernel: compiling', work, { log, detail })
}

async function keep(tree: string, folder: string, { scratch, signal, log }: Site): Promise<string> {
  const made = join(scratch, 'made')
  mkdirSync(made)
  await runConfined(['strip', '-o', join(made, KERNEL_PROGRAM), 'linux'], { folder: tree, signal })
  copyFileSync(join(tree, '.config'), join(made, 'config'))
  // One that was broken off could not have got there, but one whose program somebody removed.
  rmSync(folder, { recursive: true, force: true })
  renameSync(made, folder)
  log(`kernel: ${join(folder, KERNEL_PROGRAM)}`)
  return join(folder, KERNEL_PROGRAM)
}
