import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ImageError, type ImageTool, requireProgram } from './tool.ts'

/** The base that the Dockerfile names: Debian, Node 24, npm and a C compiler. */
export const NODE_IMAGE = 'docker.io/library/node:24-bookworm'
const SUITE = 'bookworm'
const PACKAGES = ['ca-certificates', 'gcc', 'libc6-dev', 'libstdc++6']
/** On a base that was made here, and on what is built on it: nobody shall take it for the public one. */
const LABEL = 'dev.steelyard.base'
export const LOCAL_BASE = `${LABEL}=debootstrap`
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt'

export type Base = 'pulled' | 'local'

type BaseOptions = {
  readonly platform: string
  readonly nodeProgram: string
  readonly log: (line: string) => void
}

/**
 * Has the base in the store: the public one where its registry can be reached, else one made of Debian's packages and
 * the Node of node_modules, under the same name. Only for this machine's own processor.
 */
export function ensureBase(tool: ImageTool, options: BaseOptions): Base {
  const { platform, log } = options
  const isNative = platform === nativePlatform()
  if (isNative && isLocal(tool)) return 'local'
  if (tool.works(['pull', '--quiet', '--policy', 'missing', '--platform', platform, NODE_IMAGE])) return 'pulled'
  if (!isNative) {
    throw new ImageError(
      `${NODE_IMAGE} cannot be pulled, and a base for ${platform} cannot be made on ${nativePlatform()}`,
    )
  }
  log(`${NODE_IMAGE} cannot be pulled: making a base from Debian's packages, once; this takes two minutes`)
  makeBase(tool, options)
  return 'local'
}

/** Whether the base in the store is one that was made here. */
function isLocal(tool: ImageTool): boolean {
  const asked = ['inspect', '--type', 'image', NODE_IMAGE]
  return tool.works(asked) && tool.run(asked).includes(LABEL)
}

export function nativePlatform(): string {
  return `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
}

function makeBase(tool: ImageTool, { nodeProgram }: BaseOptions): void {
  const debian = debianTree(tool.folder)
  const container = tool.run(['from', 'scratch'])
  try {
    const root = tool.run(['mount', container])
    cpSync(debian, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    addNode(root, nodeProgram)
    // Where the way to the npm registry has an authority of its own, this machine knows it.
    if (existsSync(AUTHORITIES)) appendFileSync(join(root, AUTHORITIES), readFileSync(AUTHORITIES))
    tool.run(['umount', container])
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    tool.run(['config', '--env', path, '--env', `NODE_EXTRA_CA_CERTS=${AUTHORITIES}`, '--label', LOCAL_BASE, container])
    tool.run(['commit', '--quiet', container, NODE_IMAGE])
  } finally {
    tool.run(['rm', container])
  }
}

/** As the public image has them: Node and npm under /usr/local. */
function addNode(root: string, nodeProgram: string): void {
  copyFileSync(nodeProgram, join(root, 'usr/local/bin/node'))
  const modules = join(root, 'usr/local/lib/node_modules')
  mkdirSync(modules, { recursive: true })
  cpSync(npmFolder(), join(modules, 'npm'), { recursive: true, dereference: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
}

function npmFolder(): string {
  const { status, stdout } = spawnSync('npm', ['root', '--global'], { encoding: 'utf8' })
  const folder = join(stdout.trim(), 'npm')
  if (status !== 0 || !existsSync(folder)) throw new ImageError(`npm's own files are not where npm says: ${folder}`)
  return folder
}

/** Kept, since it takes longest; made beside its place and renamed, so that what was broken off does not count. */
function debianTree(folder: string): string {
  const tree = join(folder, `debian-${SUITE}`)
  if (existsSync(tree)) return tree
  const debootstrap = requireProgram('debootstrap', 'debootstrap', 'making a base where no registry can be reached')
  const draft = `${tree}.building`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(dirname(draft), { recursive: true })
  const args = ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, draft]
  const { status, stdout } = spawnSync(debootstrap, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (status !== 0) throw new ImageError(`debootstrap ended with status ${status}:\n${stdout.trim().slice(-2000)}`)
  for (const spare of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man']) {
    rmSync(join(draft, spare), { recursive: true, force: true })
  }
  renameSync(draft, tree)
  return tree
}
