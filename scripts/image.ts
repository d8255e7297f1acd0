import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Base, ensureBase, LOCAL_BASE, nativePlatform, NODE_IMAGE } from './image/base.ts'
import { findTool, ImageError, type ImageTool } from './image/tool.ts'

const ROOT = new URL('..', import.meta.url).pathname
/** The repository that the manifests name. */
export const REPOSITORY = 'ghcr.io/steelyard/steelyard'

export type ImageOptions = {
  readonly platform?: string
  /** The whole name, with its tag. */
  readonly tag?: string
  /** An OCI archive, for `ctr image import`, `skopeo copy` or `buildah pull oci-archive:FILE`. */
  readonly out?: string
  readonly log?: (line: string) => void
  /** Shows the steps as buildah works on them. */
  readonly shown?: boolean
}

export type BuiltImage = {
  readonly tool: ImageTool
  readonly name: string
  readonly base: Base
  /** What a node has on its disk, as buildah says it. */
  readonly size: string
  readonly seconds: number
  readonly archive?: { readonly file: string; readonly bytes: number }
}

/** Of the product, from package.json. */
export function productVersion(): string {
  return (JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string }).version
}

/** Builds the image of both programs by the Dockerfile. @throws ImageError that says what is missing or went wrong */
export function buildImage({
  platform = nativePlatform(),
  tag,
  out,
  log = () => {},
  shown = false,
}: ImageOptions = {}): BuiltImage {
  const tool = findTool()
  const name = tag ?? `${REPOSITORY}:${productVersion()}`
  const base = ensureBase(tool, { platform, nodeProgram: process.execPath, log })
  const started = performance.now()
  tool.run(['build', ...buildArguments(platform, base), '--tag', name, ROOT], { shown })
  const seconds = (performance.now() - started) / 1000
  const size = tool.run(['images', '--noheading', '--format', '{{.Size}}', name])
  const built = { tool, name, base, size, seconds }
  return out === undefined ? built : { ...built, archive: writeArchive(tool, name, resolve(out)) }
}

function buildArguments(platform: string, base: Base): readonly string[] {
  const { revision, time } = commit()
  return [
    // Its own process namespace and root need no further program. npm in the first stage needs the machine's network.
    '--isolation=chroot',
    '--network=host',
    // One store holds one base by a name: of a public one, the builder takes that of each stage's platform itself.
    base === 'local' ? '--pull-never' : '--pull',
    `--platform=${platform}`,
    `--build-arg=VERSION=${productVersion()}`,
    `--build-arg=REVISION=${revision}`,
    `--build-arg=NODE_IMAGE=${NODE_IMAGE}`,
    `--build-arg=TARGETPLATFORM=${platform}`,
    `--build-arg=BUILDPLATFORM=${nativePlatform()}`,
    ...(time === undefined ? [] : ['--timestamp', time]),
    ...(base === 'local' ? ['--label', LOCAL_BASE] : []),
  ]
}

/** The commit, and its time for the files of the image: the same sources give the same image. */
function commit(): { readonly revision: string; readonly time: string | undefined } {
  const { status, stdout } = spawnSync('git', ['show', '--no-patch', '--format=%H %ct', 'HEAD'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const [revision = 'unknown', time] = status === 0 ? stdout.trim().split(' ') : []
  return { revision, time }
}

function writeArchive(tool: ImageTool, name: string, file: string): { readonly file: string; readonly bytes: number } {
  mkdirSync(dirname(file), { recursive: true })
  rmSync(file, { force: true })
  tool.run(['push', '--quiet', name, `oci-archive:${file}:${name}`])
  return { file, bytes: statSync(file).size }
}

function report({ name, base, size, seconds, archive }: BuiltImage): void {
  console.log(`${name}  ${size}, built in ${seconds.toFixed(1)} s`)
  if (base === 'local') console.log('on a base that was made on this machine: not for publishing')
  if (archive !== undefined) console.log(`${archive.file}  ${(archive.bytes / 1024 / 1024).toFixed(1)} MiB`)
}

if (import.meta.main) {
  const options = { platform: { type: 'string' }, tag: { type: 'string' }, out: { type: 'string' } } as const
  try {
    const { values } = parseArgs({ options })
    const out = values.out ?? `${ROOT}image/steelyard-${productVersion()}.oci.tar`
    report(buildImage({ ...values, out, log: console.error, shown: true }))
  } catch (error) {
    console.error(`image: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = error instanceof ImageError ? 1 : 2
  }
}
