import { type Api, ApiError, callName, isExpired } from '@steelyard/kube'
import { type ClusterObjects, NO_OBJECTS, type ObjectKey } from './decide/cluster-objects.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { listPages, scopeOf, SOURCES } from './sources.ts'

export type ReadOptions = {
  readonly command: string
  readonly namespace: string
  readonly keys: readonly ObjectKey[]
  /** Of those that most commands can do without. */
  readonly required?: readonly ObjectKey[]
  /** For what is listed beside one Service. */
  readonly serviceNamespace?: string
}

/** What could be read, and what could not although something can be said without. */
export type ReadCluster = {
  readonly objects: ClusterObjects
  readonly unread: readonly { readonly key: ObjectKey; readonly why: string }[]
}

type Outcome =
  | { readonly kind: 'read'; readonly key: ObjectKey; readonly items: readonly object[] }
  | { readonly kind: 'failed'; readonly key: ObjectKey; readonly error: ApiError }

/**
 * Lists all that a command looks at, once. Rights that are missing are told all together: whoever asks for them asks
 * once.
 */
export async function readCluster(api: Pick<Api, 'list'>, options: ReadOptions): Promise<ReadCluster> {
  const outcomes = await Promise.all(options.keys.map((key) => read(api, key, options)))
  const failed = outcomes.filter((one) => one.kind === 'failed')
  const fatal = failed.filter(({ key, error }) => isNeeded(key, options) || !UNDERSTOOD.has(error.status))
  if (fatal.length > 0) throw whyNot(fatal, options)
  const read_ = outcomes.filter((one) => one.kind === 'read')
  const objects = Object.fromEntries(read_.map(({ key, items }) => [key, items]))
  return {
    objects: { ...NO_OBJECTS, ...objects },
    // A kind that the cluster does not have has no objects: that is known.
    unread: failed.filter(({ error }) => error.status !== 404).map(({ key, error }) => ({ key, why: error.message })),
  }
}

/** Not allowed, or not there: everything else is no answer. */
const UNDERSTOOD: ReadonlySet<number> = new Set([403, 404])

function isNeeded(key: ObjectKey, { required = [] }: ReadOptions): boolean {
  return SOURCES[key].optional !== true || required.includes(key)
}

async function read(api: Pick<Api, 'list'>, key: ObjectKey, options: ReadOptions): Promise<Outcome> {
  const { resource, where } = SOURCES[key]
  const scope = scopeOf(where, options.namespace, options.serviceNamespace ?? '')
  try {
    return { kind: 'read', key, items: await listPages(api, resource, scope) }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (!isExpired(error)) return { kind: 'failed', key, error }
    // A page was too old by the time it was asked for: all at once.
    return { kind: 'read', key, items: (await api.list(resource, scope)).items }
  }
}

type Failed = Extract<Outcome, { kind: 'failed' }>

function whyNot(failed: readonly Failed[], { command, namespace }: ReadOptions): Error {
  const forbidden = failed.filter(({ error }) => error.status === 403)
  if (forbidden.length > 0) {
    const rights = forbidden.map(({ key }) => {
      const { resource, where } = SOURCES[key]
      const scope = scopeOf(where, namespace, '')
      const place = scope.namespace === undefined ? 'in all namespaces' : `in ${scope.namespace}`
      return `${callName({ verb: 'list', resource })} ${place}`
    })
    return new CliError(EXIT.forbidden, `${command} needs rights that you do not have: ${rights.join('; ')}`)
  }
  const [first] = failed
  const missing = failed.find(({ error }) => error.status === 404)
  if (missing !== undefined) {
    const { kind, group } = SOURCES[missing.key].resource
    return new CliError(
      EXIT.failed,
      `the cluster does not know the kind ${kind} (${group}): Steelyard is not installed there`,
    )
  }
  return first?.error ?? new Error('bug: nothing failed')
}
