import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BuiltImage } from '../../scripts/image.ts'
import { type Outcome, run } from '../lab/command.ts'
import type { Container, Template } from './manifest.ts'

/** What the image says of itself (OCI image specification, config.md). */
export type ImageConfig = {
  readonly os: string
  readonly architecture: string
  readonly config: {
    readonly User: string
    readonly Env: readonly string[]
    readonly Entrypoint: readonly string[]
    readonly Cmd: readonly string[]
    readonly WorkingDir: string
    readonly Labels: Readonly<Record<string, string>>
    readonly Healthcheck?: object
  }
}

/** The image as containerd would have it on a node: its config, and its file system mounted. */
export type UnpackedImage = {
  readonly config: ImageConfig
  readonly root: string
  /** Runs a command in a container of its own, as the Pod of `template` would: user, capabilities, read-only root. */
  readonly run: (template: Template, command: readonly string[]) => Promise<Outcome>
  readonly remove: () => void
}

/** The powers a container starts with in containerd, unless its Pod drops them. */
type SecurityContext = {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] }
}

export function unpackImage({ tool, name }: BuiltImage): UnpackedImage {
  const { OCIv1: config } = JSON.parse(tool.run(['inspect', '--type', 'image', name])) as { OCIv1: ImageConfig }
  const container = tool.run(['from', '--pull-never', name])
  const root = tool.run(['mount', container])
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-image-'))
  let count = 0
  return {
    config,
    root,
    run: async (template, command) => {
      count++
      const id = `steelyard-image-${process.pid}-${count}`
      const bundle = join(folder, id)
      mkdirSync(bundle)
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(specOf({ config, root, template, command })))
      return run(['runc', '--root', join(folder, 'runc'), 'run', '--bundle', bundle, id])
    },
    remove: () => {
      tool.run(['umount', container])
      tool.run(['rm', container])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Asked = {
  readonly config: ImageConfig
  readonly root: string
  readonly template: Template
  readonly command: readonly string[]
}

/** An OCI runtime configuration, as the kubelet and containerd would write it for the first container of the Pod. */
function specOf({ config, root, template, command }: Asked): object {
  const [container = {}] = template.spec.containers
  const context = contextOf(template, container)
  const { drop = [], add = [] } = context.capabilities ?? {}
  if (!drop.includes('ALL')) throw new Error('this test knows only Pods that drop all capabilities')
  const granted = add.map((name) => `CAP_${name}`)
  const [user = 0, group = 0] = config.config.User.split(':').map(Number)
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: context.runAsUser ?? user, gid: context.runAsGroup ?? group },
      args: command,
      env: config.config.Env,
      cwd: config.config.WorkingDir,
      capabilities: { bounding: granted, effective: granted, permitted: granted },
      noNewPrivileges: context.allowPrivilegeEscalation === false,
    },
    root: { path: root, readonly: context.readOnlyRootFilesystem === true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: { namespaces: ['pid', 'network', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  }
}

/** What a container says goes before what its Pod says. */
function contextOf(template: Template, container: Container): SecurityContext {
  const pod = (template.spec as { readonly securityContext?: SecurityContext }).securityContext
  return { ...pod, ...(container['securityContext'] as SecurityContext | undefined) }
}
