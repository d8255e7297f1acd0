import type { KubeObject, Labels } from '../kubernetes.ts'
import { collect, type Field, found, type Found, inside, type Place } from './found.ts'
import { ignored, nonEmptyText } from './scalars.ts'
import { fields, isRecord, textMap, withDefault } from './structures.ts'

/** An object of one of our kinds, read: its spec as values, and what else decisions look at. */
export type Named<Spec> = {
  readonly name: string
  readonly labels: Labels
  /** "IPAddressPool first-pool": where later problems with it are told. */
  readonly object: string
  readonly spec: Spec
}

const metadata = fields({ name: nonEmptyText, labels: withDefault(textMap, {}) })

/** Reads one object of `kind`. Without a spec, `spec` is given undefined and decides what that means. */
export function readObject<Spec>(kind: string, object: unknown, spec: Field<Spec>): Found<Named<Spec>> {
  const place = placeOf(kind, object)
  const read = fields({ metadata, spec })(object, place)
  return read.ok ? found({ ...read.value.metadata, object: place.object, spec: read.value.spec }) : read
}

/** As `readObject`, for the kinds that have only a status. */
export function readStatusObject<Status>(
  kind: string,
  object: unknown,
  status: Field<Status>,
): Found<{ readonly name: string; readonly labels: Labels; readonly status: Status }> {
  const read = fields({ metadata, status })(object, placeOf(kind, object))
  return read.ok ? found({ ...read.value.metadata, status: read.value.status }) : read
}

function placeOf(kind: string, object: unknown): Place {
  return { object: `${kind} ${nameOf(object) || '(without a name)'}`, path: '' }
}

/** The name for ordering and messages; empty when the object has none. */
export function nameOf(object: unknown): string {
  const data = isRecord(object) ? object['metadata'] : undefined
  const name = isRecord(data) ? data['name'] : undefined
  return typeof name === 'string' ? name : ''
}

/** By name, so that which problem is told first does not depend on the order in which a watch delivered. */
export function sortedByName<T extends KubeObject>(objects: readonly T[]): readonly T[] {
  return objects
    .map((object) => ({ name: nameOf(object), object }))
    .sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)))
    .map(({ object }) => object)
}

export function placeIn({ object }: Named<unknown>, ...steps: readonly (string | number)[]): Place {
  return steps.reduce<Place>(inside, { object, path: 'spec' })
}

/** Reads all objects of a kind, by name. */
export function readAll<T>(objects: readonly KubeObject[], read: (object: unknown) => Found<T>): Found<readonly T[]> {
  return collect(sortedByName(objects).map(read))
}

/** Objects of Kubernetes' own, of which only name and labels are looked at. */
export function readNames(kind: string, objects: readonly KubeObject[]): Found<readonly Named<undefined>[]> {
  return readAll(objects, (object) => readObject(kind, object, ignored))
}
