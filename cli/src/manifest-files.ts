import type { KubeObject } from '@steelyard/model'
import { keyOfKind } from './decide/change-set.ts'
import { type ClusterObjects, NO_OBJECTS, type ObjectKey } from './decide/cluster-objects.ts'
import { readManifest } from './decide/manifest.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import type { Ports } from './ports.ts'
import { SOURCES } from './sources.ts'

type Files = Pick<Ports, 'readFile' | 'listFolder'>

/** The objects of files and folders, in their order. Throws a CliError that names the file and the line. */
export async function readManifests(files: Files, paths: readonly string[]): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = []
  for (const path of paths) {
    for (const file of await filesAt(files, path)) objects.push(...(await readOne(files, file)))
  }
  return objects
}

async function filesAt(files: Files, path: string): Promise<readonly string[]> {
  const names = await orUnreadable(path, () => files.listFolder(path))
  return names === undefined ? [path] : names.filter((name) => /\.(ya?ml|json)$/.test(name))
}

async function readOne(files: Files, path: string): Promise<readonly KubeObject[]> {
  const manifest = readManifest(await orUnreadable(path, () => files.readFile(path)), path)
  if (!manifest.ok) throw new CliError(EXIT.usage, manifest.problem)
  return manifest.objects
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
}

async function orUnreadable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new CliError(EXIT.usage, `${path}: ${WORDS[code] ?? message}`)
  }
}

/** A cluster as files have it: what `kubectl get … -o yaml` printed. */
export async function readState(files: Files, path: string, namespace: string): Promise<ClusterObjects> {
  const state: Partial<Record<ObjectKey, KubeObject[]>> = {}
  for (const object of await readManifests(files, [path])) {
    const key = keyOfKind(object) ?? keyOfSource(object)
    if (key === undefined) continue
    const isElsewhere = SOURCES[key].where === 'product' && object.metadata.namespace !== namespace
    if (!isElsewhere) state[key] = [...(state[key] ?? []), object]
  }
  return { ...NO_OBJECTS, ...state } as ClusterObjects
}

/** What nobody applies, but a cluster has. */
function keyOfSource({ kind, apiVersion }: KubeObject): ObjectKey | undefined {
  const keys = Object.keys(SOURCES) as ObjectKey[]
  return keys.find((key) => SOURCES[key].resource.kind === kind && apiVersion.startsWith(SOURCES[key].resource.group))
}
