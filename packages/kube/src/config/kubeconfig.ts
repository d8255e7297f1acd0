import { dirname, isAbsolute, join } from 'node:path'
import { KubeConfigError } from './credentials.ts'
import { readNamedFile } from './file.ts'

export type ClusterEntry = {
  readonly server?: string
  readonly 'certificate-authority'?: string
  readonly 'certificate-authority-data'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
  readonly 'tls-server-name'?: string
  readonly 'proxy-url'?: string
}

export type UserEntry = {
  readonly token?: string
  readonly tokenFile?: string
  readonly 'client-certificate'?: string
  readonly 'client-certificate-data'?: string
  readonly 'client-key'?: string
  readonly 'client-key-data'?: string
  readonly username?: string
  readonly password?: string
  readonly as?: string
  readonly 'as-groups'?: readonly string[]
  readonly exec?: { readonly command?: string }
  readonly 'auth-provider'?: unknown
}

export type ContextEntry = { readonly cluster?: string; readonly user?: string; readonly namespace?: string }

/** A kubeconfig, or several merged, with every path in it absolute. */
export type KubeConfigFile = {
  readonly clusters: ReadonlyMap<string, ClusterEntry>
  readonly users: ReadonlyMap<string, UserEntry>
  readonly contexts: ReadonlyMap<string, ContextEntry>
  readonly currentContext: string
}

/** The current context with what it points at. */
export type Chosen = {
  readonly contextName: string
  readonly context: ContextEntry
  readonly cluster: ClusterEntry & { readonly server: string }
  readonly user: UserEntry
}

type Fields = Readonly<Record<string, unknown>>

/** Reads one file. Its text is never quoted in an error: it is full of secrets. */
export async function readKubeConfigFile(path: string): Promise<KubeConfigFile> {
  const text = readNamedFile(path, 'kubeconfig').toString('utf8')
  const fields = fieldsOf(parseJson(text) ?? (await parseYaml(text, path)), `kubeconfig ${path}`)
  const folder = dirname(path)
  const entries = (list: string, member: string): Map<string, Fields> => entriesOf(fields, { path, list, member })
  const absolute = (entry: Fields): Fields => withAbsolutePaths(entry, folder)
  const currentContext = fields['current-context']
  return {
    clusters: mapValues(entries('clusters', 'cluster'), absolute),
    users: mapValues(entries('users', 'user'), (user) => withAbsoluteCommand(absolute(user), folder)),
    contexts: entries('contexts', 'context'),
    currentContext: typeof currentContext === 'string' ? currentContext : '',
  }
}

/** JSON is YAML as well, and tried first: reading a page of YAML costs 8 MiB of memory for good. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function parseYaml(text: string, path: string): Promise<unknown> {
  const { parse, YAMLParseError } = await import('./yaml-reader.ts')
  try {
    return parse(text)
  } catch (error) {
    const [place] = (error instanceof YAMLParseError ? error.linePos : undefined) ?? []
    const where = place === undefined ? '' : ` at line ${place.line}, column ${place.col}`
    throw new KubeConfigError(`kubeconfig ${path}: not valid YAML${where}`)
  }
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new KubeConfigError(`${what}: not a mapping`)
}

function entriesOf(
  fields: Fields,
  { path, list, member }: { path: string; list: string; member: string },
): Map<string, Fields> {
  const items = fields[list] ?? []
  if (!Array.isArray(items)) throw new KubeConfigError(`kubeconfig ${path}: ${list}: not a list`)
  const named = items.map((item: unknown, index): readonly [string, Fields] => {
    const what = `kubeconfig ${path}: ${list}[${index}]`
    const entry = fieldsOf(item, what)
    return [String(entry['name']), fieldsOf(entry[member] ?? {}, `${what}.${member}`)]
  })
  // As kubectl has it, the first of a name counts.
  return new Map(named.toReversed())
}

function mapValues(map: ReadonlyMap<string, Fields>, change: (value: Fields) => Fields): Map<string, Fields> {
  return new Map([...map].map(([name, value]) => [name, change(value)]))
}

const PATHS: ReadonlySet<string> = new Set(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'])

/** Paths in a kubeconfig are meant from its own folder. */
function withAbsolutePaths(entry: Fields, folder: string): Fields {
  const absolute = Object.entries(entry).map(([name, value]): readonly [string, unknown] =>
    PATHS.has(name) && typeof value === 'string'
      ? [name, isAbsolute(value) ? value : join(folder, value)]
      : [name, value],
  )
  return Object.fromEntries(absolute)
}

function withAbsoluteCommand(user: Fields, folder: string): Fields {
  const exec = user['exec'] as UserEntry['exec'] | null
  const command = exec?.command ?? ''
  if (!command.includes('/') || isAbsolute(command)) return user
  return { ...user, exec: { ...exec, command: join(folder, command) } }
}

/** Several files as one: of each name, and of the current context, the first counts. */
export function mergeKubeConfigFiles(files: readonly KubeConfigFile[]): KubeConfigFile {
  const last = files.toReversed()
  return {
    clusters: new Map(last.flatMap(({ clusters }) => [...clusters])),
    users: new Map(last.flatMap(({ users }) => [...users])),
    contexts: new Map(last.flatMap(({ contexts }) => [...contexts])),
    currentContext: files.find(({ currentContext }) => currentContext !== '')?.currentContext ?? '',
  }
}

/** The current context; every way it can be incomplete has its own message. `source` names the files. */
export function chooseContext({ clusters, users, contexts, currentContext }: KubeConfigFile, source: string): Chosen {
  const fail = (reason: string): never => {
    throw new KubeConfigError(`kubeconfig ${source}: ${reason}`)
  }
  if (currentContext === '') fail('has no current-context')
  const context = contexts.get(currentContext) ?? fail(notAmong('current-context', currentContext, contexts))
  const cluster =
    clusters.get(context.cluster ?? '') ??
    fail(notAmong(`cluster of context "${currentContext}"`, context.cluster, clusters))
  const user =
    users.get(context.user ?? '') ?? fail(notAmong(`user of context "${currentContext}"`, context.user, users))
  const { server } = cluster
  if (typeof server !== 'string' || server === '') return fail(`cluster "${context.cluster}" has no server`)
  return { contextName: currentContext, context, cluster: { ...cluster, server }, user }
}

function notAmong(what: string, name: string | undefined, map: ReadonlyMap<string, unknown>): string {
  const known = [...map.keys()].map((key) => `"${key}"`).join(', ')
  return `${what}: "${name ?? ''}" is not there; ${known === '' ? 'there are none' : `there is ${known}`}`
}
