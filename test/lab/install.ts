import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments, stringify } from 'yaml'
import type { KubeObject } from '@steelyard/model'
import type { Lab } from './lab.ts'
import type { Pod } from './kubelet/pod.ts'

/** The namespace of the shipped manifests. */
export const PRODUCT_NAMESPACE = 'metallb-system'

export type InstallOptions = {
  /** Replicas of the controller; what the manifest says unless told. */
  readonly controllers?: number
  /** Further flags, behind those of the manifest. */
  readonly controllerArgs?: readonly string[]
  readonly speakerArgs?: readonly string[]
  /** The manifest to install; the shipped one unless told. */
  readonly manifest?: string
  /** How long the programs may take to become ready; 30 s unless told. */
  readonly timeoutMs?: number
}

export type Installed = { readonly kinds: Readonly<Record<string, number>>; readonly objects: readonly Manifest[] }

type Workload = { readonly replicas?: number; readonly template: { readonly spec: Pod['spec'] } }
export type Manifest = KubeObject & { readonly spec?: object }

const MANIFEST = fileURLToPath(new URL('../../config/manifests/steelyard.yaml', import.meta.url))
const START_TIMEOUT_MS = 30_000

/** Applies the manifests as shipped, and waits until the controllers and a speaker on each node are ready. */
export async function installSteelyard(lab: Lab, options: InstallOptions = {}): Promise<Installed> {
  const objects = readManifest(readFileSync(options.manifest ?? MANIFEST, 'utf8')).map((object) =>
    adjust(object, options),
  )
  await lab.apply(objects.map((object) => stringify(object)).join('---\n'))
  await waitForPrograms(lab, controllersOf(objects), options.timeoutMs ?? START_TIMEOUT_MS)
  return { objects, kinds: countKinds(objects) }
}

export function readManifest(text: string): readonly Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = (document as { toJS: () => Manifest | null }).toJS()
    return object ?? []
  })
}

export async function waitForPrograms(lab: Lab, controllers: number, timeoutMs = START_TIMEOUT_MS): Promise<void> {
  const ready = (program: 'controller' | 'speaker'): number =>
    lab.programs.of(program).filter((pod) => pod.isReady()).length
  await lab.waitFor(
    `${controllers} controllers and ${lab.nodes.length} speakers to be ready`,
    () => ready('controller') >= controllers && ready('speaker') === lab.nodes.length,
    { timeoutMs },
  )
}

/**
 * Replaces every speaker Pod as `kubectl rollout restart` does: one node after the other, the next when the new one
 * is ready, as the DaemonSet controller sees it.
 */
export async function rollOutSpeakers(lab: Lab): Promise<void> {
  const daemonSet = ['-n', PRODUCT_NAMESPACE, 'daemonset/speaker']
  await lab.kubectl(['rollout', 'restart', ...daemonSet])
  await lab.kubectl(['rollout', 'status', ...daemonSet, '--timeout=50s'])
}

/** Only the number of controllers and further flags differ from what is shipped. */
function adjust(object: Manifest, { controllers, controllerArgs = [], speakerArgs = [] }: InstallOptions): Manifest {
  if (object.kind === 'Deployment') {
    const replicas = controllers ?? (object.spec as Workload).replicas ?? 1
    return withArgs({ ...object, spec: { ...object.spec, replicas } }, controllerArgs)
  }
  return object.kind === 'DaemonSet' ? withArgs(object, speakerArgs) : object
}

function withArgs(object: Manifest, more: readonly string[]): Manifest {
  const workload = object.spec as Workload
  const containers = workload.template.spec.containers.map((container) => ({
    ...container,
    args: [...(container.args ?? []), ...more],
  }))
  return {
    ...object,
    spec: { ...workload, template: { ...workload.template, spec: { ...workload.template.spec, containers } } },
  }
}

function controllersOf(objects: readonly Manifest[]): number {
  const deployment = objects.find(({ kind }) => kind === 'Deployment')
  return (deployment?.spec as Workload | undefined)?.replicas ?? 1
}

function countKinds(objects: readonly Manifest[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { kind } of objects) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
