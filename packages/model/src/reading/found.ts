import type { Problem } from '../config.ts'

/** Where a value stands: the object ("IPAddressPool first-pool") and the path to it (`spec.addresses[2]`). */
export type Place = { readonly object: string; readonly path: string }

/** What reading gave. Problems are collected, not thrown, so that one pass tells everything that is wrong. */
export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads one value of an object that anybody may have written. `undefined` stands for an absent one. */
export type Field<T> = (value: unknown, place: Place) => Found<T>

export type ValueOf<F> = F extends Field<infer T> ? T : never

/** Long enough for any honest value, short enough for an Event and a log line. */
const LONGEST_SHOWN = 160

export function found<T>(value: T): Found<T> {
  return { ok: true, value }
}

export function refused(problems: readonly Problem[]): Found<never> {
  return { ok: false, problems }
}

export function problemAt({ object, path }: Place, message: string): Problem {
  return { object, path, message }
}

/** The place of a field, or of an entry of a list. */
export function inside({ object, path }: Place, step: string | number): Place {
  if (typeof step === 'number') return { object, path: `${path}[${step}]` }
  return { object, path: path === '' ? step : `${path}.${step}` }
}

/** A refusal that tells what was found and what is accepted. */
export function mismatch(value: unknown, place: Place, accepted: string): Found<never> {
  const what = value === undefined ? 'is missing' : `found ${shown(value)}`
  return refused([problemAt(place, `${what}; accepted: ${accepted}`)])
}

/** A value as a message shows it: JSON, cut when long. Of lists and objects only what they are: they may hold secrets. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return cut(JSON.stringify(value) ?? 'nothing')
}

export function cut(text: string): string {
  return text.length <= LONGEST_SHOWN ? text : `${text.slice(0, LONGEST_SHOWN)}…`
}

/** All values, or all problems. */
export function collect<T>(parts: readonly Found<T>[]): Found<readonly T[]> {
  const problems = problemsOf(parts)
  return problems.length > 0 ? refused(problems) : found(parts.flatMap((part) => (part.ok ? [part.value] : [])))
}

export function problemsOf(parts: readonly Found<unknown>[]): readonly Problem[] {
  return parts.flatMap((part) => (part.ok ? [] : part.problems))
}

/** Adds a rule to what was read: `rule` gives the problems of a value that has the right shape. */
export function obeying<T>(field: Field<T>, rule: (value: T, place: Place) => readonly Problem[]): Field<T> {
  return (value, place) => {
    const read = field(value, place)
    if (!read.ok) return read
    const problems = rule(read.value, place)
    return problems.length > 0 ? refused(problems) : read
  }
}

export function mapped<From, To>(field: Field<From>, change: (value: From) => To): Field<To> {
  return (value, place) => {
    const read = field(value, place)
    return read.ok ? found(change(read.value)) : read
  }
}
