import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ConfigMap, Secret } from '@steelyard/model'
import type { LabApi } from '../api.ts'
import {
  type Container,
  fieldOf,
  type KeyRef,
  keyOf,
  type Pod,
  type PodFacts,
  type ProjectedSource,
  type Volume,
} from './pod.ts'

/** A folder of this machine that a program is to see at `path`. */
export type Mount = { readonly source: string; readonly path: string }

/** What the kubelet asks of the API for a Pod. */
export type PodWorld = { readonly api: LabApi; readonly pod: Pod; readonly facts: PodFacts }

type Data = { readonly data?: Readonly<Record<string, string>> }

/** The lab does not live for a day, so its tokens need no renewal. */
const TOKEN_SECONDS = 24 * 3600

/** Where volumes are: those of the Pod, and what stays on its node when it goes. */
export type VolumeFolders = { readonly volumes: string; readonly disk: string }

/** Writes the Pod's volumes, and says which of them the container mounts where. */
export async function writeVolumes(
  world: PodWorld,
  container: Container,
  folders: VolumeFolders,
): Promise<readonly Mount[]> {
  const mounts: Mount[] = []
  for (const { name, mountPath } of container.volumeMounts ?? []) {
    const volume = world.pod.spec.volumes?.find((candidate) => candidate.name === name)
    if (volume === undefined) throw new Error(`Pod ${keyOf(world.pod)} mounts ${name}, which is none of its volumes`)
    const source = sourceOf(world.pod, volume, folders)
    mkdirSync(source, { recursive: true, mode: 0o755 })
    writeFiles(source, await filesOf(world, volume))
    mounts.push({ source, path: mountPath })
  }
  return mounts
}

/** The nodes of the lab share one disk, so each has a folder in place of its own root. */
function sourceOf(pod: Pod, { name, hostPath }: Volume, { volumes, disk }: VolumeFolders): string {
  if (hostPath === undefined) return join(volumes, name)
  if (hostPath.type === 'DirectoryOrCreate') return join(disk, hostPath.path)
  throw new Error(`Pod ${keyOf(pod)}: of host paths the lab knows DirectoryOrCreate only, not ${hostPath.type ?? ''}`)
}

/** Writes what a ConfigMap says now into the Pod's volumes made of it; a kubelet takes up to a minute for that. */
export function refreshConfigMap(pod: Pod, folder: string, changed: ConfigMap): void {
  const isOfIt = ({ configMap }: Volume): boolean => configMap?.name === changed.metadata.name
  refresh({ pod, folder, namespace: changed.metadata.namespace }, isOfIt, changed.data ?? {})
}

/** The same for a Secret, which may also be one that was missing when the Pod started. */
export function refreshSecret(pod: Pod, folder: string, changed: Secret): void {
  const isOfIt = ({ secret }: Volume): boolean => secret?.secretName === changed.metadata.name
  refresh({ pod, folder, namespace: changed.metadata.namespace }, isOfIt, decoded(changed.data))
}

type Refreshed = { readonly pod: Pod; readonly folder: string; readonly namespace: string | undefined }

function refresh({ pod, folder, namespace }: Refreshed, isOfIt: (volume: Volume) => boolean, files: Files): void {
  if (pod.metadata.namespace !== namespace) return
  for (const volume of (pod.spec.volumes ?? []).filter(isOfIt)) {
    const source = join(folder, volume.name)
    if (existsSync(source)) writeFiles(source, files)
  }
}

/** A Secret's data as files. */
function decoded(data: Data['data'] = {}): Files {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]))
}

type Files = Readonly<Record<string, string | Buffer>>

/** Each file is replaced in one step, so that no reader sees half of it. */
function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    const draft = `${file}.new`
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(draft, content, { mode: 0o600 })
    renameSync(draft, file)
  }
}

async function filesOf(world: PodWorld, volume: Volume): Promise<Files> {
  if (volume.configMap !== undefined) return (await readData(world, 'configmaps', volume.configMap)) ?? {}
  if (volume.secret !== undefined) {
    const { secretName: name, optional } = volume.secret
    return decoded(await readData(world, 'secrets', { name, ...(optional === undefined ? {} : { optional }) }))
  }
  const parts = await Promise.all((volume.projected?.sources ?? []).map((source) => projectedFiles(world, source)))
  return Object.assign({}, ...parts) as Files
}

async function projectedFiles(world: PodWorld, source: ProjectedSource): Promise<Files> {
  if (source.serviceAccountToken !== undefined) return { [source.serviceAccountToken.path]: await podToken(world) }
  if (source.configMap !== undefined) {
    const data = (await readData(world, 'configmaps', source.configMap)) ?? {}
    const items = source.configMap.items ?? Object.keys(data).map((key) => ({ key, path: key }))
    return Object.fromEntries(items.map(({ key, path }) => [path, data[key] ?? '']))
  }
  const items = source.downwardAPI?.items ?? []
  return Object.fromEntries(
    items.map(({ path, fieldRef }) => [path, fieldOf(world.pod, fieldRef.fieldPath, world.facts)]),
  )
}

/** A token of the Pod's own service account, bound to the Pod as a kubelet's is: it dies with it. */
async function podToken({ api, pod }: PodWorld): Promise<string> {
  const { name, namespace = '', uid } = pod.metadata
  const account = pod.spec.serviceAccountName ?? 'default'
  const { status } = await api.create<{ status: { token: string } }>(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: TOKEN_SECONDS, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
    },
  )
  return status.token
}

async function readData(
  { api, pod }: PodWorld,
  plural: 'configmaps' | 'secrets',
  { name, optional }: { readonly name: string; readonly optional?: boolean },
): Promise<Data['data']> {
  try {
    return (await api.get<Data>(`/api/v1/namespaces/${pod.metadata.namespace ?? ''}/${plural}/${name}`)).data ?? {}
  } catch (error) {
    if (optional === true) return undefined
    throw error
  }
}

/** The container's own environment variables, with references resolved. */
export async function environmentOf(world: PodWorld, container: Container): Promise<Readonly<Record<string, string>>> {
  const entries: [string, string][] = []
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined)
      entries.push([name, fieldOf(world.pod, valueFrom.fieldRef.fieldPath, world.facts)])
    else if (valueFrom?.secretKeyRef !== undefined)
      entries.push(...(await keyFrom(world, { plural: 'secrets', name, ref: valueFrom.secretKeyRef })))
    else if (valueFrom?.configMapKeyRef !== undefined)
      entries.push(...(await keyFrom(world, { plural: 'configmaps', name, ref: valueFrom.configMapKeyRef })))
    else entries.push([name, value ?? ''])
  }
  return Object.fromEntries(entries)
}

type Variable = { readonly plural: 'configmaps' | 'secrets'; readonly name: string; readonly ref: KeyRef }

async function keyFrom(world: PodWorld, { plural, name, ref }: Variable): Promise<[string, string][]> {
  const found = (await readData(world, plural, ref))?.[ref.key]
  if (found === undefined) return []
  return [[name, plural === 'secrets' ? Buffer.from(found, 'base64').toString() : found]]
}
