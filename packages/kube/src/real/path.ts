import type { CallName, Scope, Verb } from '../api.ts'
import type { Resource } from '../resources.ts'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Verbs whose path ends in the plural. */
const OF_MANY: ReadonlySet<Verb> = new Set<Verb>(['list', 'watch', 'create'])
/** Verbs that may leave the namespace out and then mean all. */
const OF_ALL: ReadonlySet<Verb> = new Set<Verb>(['list', 'watch'])

/** The path of a call under the server's address. Throws TypeError when an object lacks its namespace or name: our bug. */
export function pathOf(call: CallName, query: Query = {}): string {
  const { resource, subresource = '' } = call
  const parts = [prefixOf(resource), namespacePart(call), resource.plural, namePart(call), subresource]
  return parts.filter((part) => part !== '').join('/') + queryText(query)
}

function namespacePart({ verb, resource, ref }: CallName): string {
  const namespace = ref?.namespace ?? ''
  if (!resource.namespaced) return ''
  if (namespace !== '') return `namespaces/${encodeURIComponent(namespace)}`
  if (OF_ALL.has(verb)) return ''
  throw new TypeError(`${verb} ${resource.plural}: the object has no namespace`)
}

function namePart({ verb, resource, ref }: CallName): string {
  if (OF_MANY.has(verb)) return ''
  const name = ref?.name ?? ''
  if (name === '') throw new TypeError(`${verb} ${resource.plural}: the object has no name`)
  return encodeURIComponent(name)
}

function prefixOf({ group, version }: Resource): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`
}

/** The query of a list or watch that says which objects are meant; the namespace is in the path. */
export function scopeQuery({ labelSelector, fieldSelector }: Scope): Query {
  return { labelSelector, fieldSelector }
}

function queryText(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.append(name, String(value))
  return search.size === 0 ? '' : `?${search.toString()}`
}
