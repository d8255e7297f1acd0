import type { Problem } from '../config.ts'
import { collect, cut, type Field, found, inside, mismatch, obeying, type Place, problemAt, refused } from './found.ts'
import { text } from './scalars.ts'

/** What a table of fields reads into. */
export type Shape<Table> = { readonly [Name in keyof Table]: Table[Name] extends Field<infer T> ? T : never }

/** An object by its fields. Unknown fields are passed over: the API server prunes them, a newer schema may add some. */
export function fields<const Table extends Readonly<Record<string, Field<unknown>>>>(
  table: Table,
): Field<Shape<Table>> {
  const rows = Object.entries(table)
  return (value, place) => {
    if (!isRecord(value)) return mismatch(value, place, 'an object')
    const problems: Problem[] = []
    const shape: Record<string, unknown> = {}
    for (const [name, field] of rows) {
      const part = field(own(value, name), inside(place, name))
      if (part.ok) shape[name] = part.value
      else for (const problem of part.problems) problems.push(problem)
    }
    return problems.length > 0 ? refused(problems) : found(shape as Shape<Table>)
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The API server drops a null where the schema has no `nullable`, so null is as good as absent. */
function own(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? (value[name] ?? undefined) : undefined
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return (value, place) => (value === undefined ? found(undefined) : field(value, place))
}

/** The default goes through the field too, so that it is read like one that was written. */
export function withDefault<T>(field: Field<T>, fallback: unknown): Field<T> {
  return (value, place) => field(value === undefined ? fallback : value, place)
}

export function list<T>(entry: Field<T>): Field<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return mismatch(value, place, 'a list')
    return collect(value.map((item: unknown, index) => entry(item ?? undefined, inside(place, index))))
  }
}

/** An absent list is an empty one: nowhere in the API do the two differ. */
export function optionalList<T>(entry: Field<T>): Field<readonly T[]> {
  return withDefault(list(entry), [])
}

export function nonEmptyList<T>(entry: Field<T>): Field<readonly T[]> {
  return obeying(list(entry), (entries, place) =>
    entries.length > 0 ? [] : [problemAt(place, 'found an empty list; accepted: at least one entry')],
  )
}

/** A map of text to text, such as labels. */
export const textMap: Field<Readonly<Record<string, string>>> = (value, place) => {
  if (!isRecord(value)) return mismatch(value, place, 'a map of text to text')
  const wrong = Object.entries(value).find(([, entry]) => typeof entry !== 'string')
  if (wrong !== undefined) return mismatch(wrong[1], inside(place, wrong[0]), 'text')
  return found(value as Readonly<Record<string, string>>)
}

/** Refuses an entry that repeats an earlier one; equal `identity` makes a repeat, and is what the message shows. */
export function withoutRepeats<T>(field: Field<readonly T[]>, identity: (entry: T) => string): Field<readonly T[]> {
  return obeying(field, (entries, place) => repeats(entries.map(identity), place))
}

function repeats(identities: readonly string[], place: Place): Problem[] {
  const first = new Map<string, number>()
  return identities.flatMap((identity, index) => {
    const earlier = first.get(identity)
    if (earlier === undefined) {
      first.set(identity, index)
      return []
    }
    const message = `repeats ${cut(identity)}, which stands at ${inside(place, earlier).path}; accepted: each once`
    return [problemAt(inside(place, index), message)]
  })
}

export function quoted(name: string): string {
  return JSON.stringify(name)
}

/** A list of names in which none may stand twice. */
export const distinctNames: Field<readonly string[]> = withoutRepeats(optionalList(text), quoted)
