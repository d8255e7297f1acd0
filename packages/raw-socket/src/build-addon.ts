import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ADDON_FILE, ADDON_VERSION } from './addon-version.ts'

/** The addon cannot be built, with what to do about it in the message. */
export class BuildError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BuildError'
  }
}

export type BuildOptions = {
  /** Where `native/` is and `build/` goes. */
  readonly packageFolder: string
  readonly compiler: string
  /** Put a copy here as well. */
  readonly copyTo?: string
}

export type Built = {
  readonly file: string
  /** undefined: what stood there was made from these very sources. */
  readonly compiledInMs?: number
}

const FLAGS = [
  '-std=c11',
  '-O2',
  '-shared',
  '-fPIC',
  '-fvisibility=hidden',
  '-fstack-protector-strong',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wl,-z,relro,-z,now',
  `-DADDON_VERSION=${ADDON_VERSION}`,
]

/**
 * Compiles `native/*.c` into `build/raw_socket.node`, unless the hash of sources, flags and headers
 * beside it says that nothing changed.
 * @throws BuildError when there is no compiler, no header, or the compiler refuses.
 */
export function buildAddon({ packageFolder, compiler, copyTo }: BuildOptions): Built {
  const file = join(packageFolder, 'build', ADDON_FILE)
  const stamp = `${file}.sha256`
  const headers = headersFolder()
  const hash = hashOf(packageFolder, compiler, headers)
  const fresh = existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash
  const started = performance.now()
  if (!fresh) {
    mkdirSync(dirname(file), { recursive: true })
    replace(file, (draft) => compile({ packageFolder, compiler, headers, draft }))
    replace(stamp, (draft) => writeFileSync(draft, hash))
  }
  if (copyTo !== undefined) replace(copyTo, (draft) => copyFileSync(file, draft))
  return fresh ? { file } : { file, compiledInMs: performance.now() - started }
}

/** By rename: a process that runs has the old file mapped, and two builds may run at once. */
function replace(file: string, make: (draft: string) => void): void {
  const draft = `${file}.${process.pid}`
  make(draft)
  renameSync(draft, file)
}

function headersFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include')
  } catch {
    throw new BuildError('the npm package node-api-headers is missing: run npm ci')
  }
}

function sources(packageFolder: string, extension: string): string[] {
  const folder = join(packageFolder, 'native')
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .toSorted()
    .map((name) => join(folder, name))
}

function hashOf(packageFolder: string, compiler: string, headers: string): string {
  const hash = createHash('sha256').update(JSON.stringify([compiler, FLAGS, process.arch]))
  const files = [
    ...sources(packageFolder, '.c'),
    ...sources(packageFolder, '.h'),
    join(headers, 'node_api.h'),
    join(headers, 'js_native_api.h'),
  ]
  for (const file of files) hash.update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

type Compilation = {
  readonly packageFolder: string
  readonly compiler: string
  readonly headers: string
  readonly draft: string
}

function compile({ packageFolder, compiler, headers, draft }: Compilation): void {
  if (process.platform !== 'linux') throw new BuildError(`raw sockets need Linux, and this is ${process.platform}`)
  const args = [...FLAGS, '-isystem', headers, '-o', draft, ...sources(packageFolder, '.c')]
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new BuildError(
      `there is no C compiler ("${compiler}"): install the package build-essential (Debian, Ubuntu) or gcc and the C library's headers`,
    )
  }
  if (error !== undefined) throw new BuildError(`"${compiler}" cannot be run: ${error.message}`)
  if (status !== 0) throw new BuildError(`"${compiler}" ended with status ${status}:\n${stderr}${headersHint(stderr)}`)
}

/** A compiler without the C library's headers is half an installation, seen in small images. */
function headersHint(stderr: string): string {
  const missing = /(?:errno|fcntl|poll|stdlib|string|unistd|linux\/\w+|sys\/\w+)\.h: No such file/.test(stderr)
  return missing ? 'The headers of the C library or the kernel are missing: install the package build-essential\n' : ''
}
