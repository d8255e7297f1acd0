import { type Field, found, mismatch, problemAt, refused } from './found.ts'

export const text: Field<string> = (value, place) =>
  typeof value === 'string' ? found(value) : mismatch(value, place, 'text')

/** A name that other objects use to refer to something, so it cannot be empty. */
export const nonEmptyText: Field<string> = (value, place) =>
  typeof value === 'string' && value !== '' ? found(value) : mismatch(value, place, 'text that is not empty')

/** Text or nothing; empty text is nothing, as it is for everything written by a Go program. */
export const optionalText: Field<string | undefined> = (value, place) => {
  if (value === undefined || value === '') return found(undefined)
  return text(value, place)
}

/** Reads as `field` does, but a message shows only the type of what was found: it may be a secret. */
export function concealed<T>(field: Field<T>, accepted: string): Field<T> {
  return (value, place) => {
    const read = field(value, place)
    return read.ok ? read : refused([problemAt(place, `found a value of type ${typeof value}; accepted: ${accepted}`)])
  }
}

export const flag: Field<boolean> = (value, place) =>
  typeof value === 'boolean' ? found(value) : mismatch(value, place, 'true or false')

/** A whole number from `least` to `most`, both included. */
export function integer(least: number, most: number): Field<number> {
  return (value, place) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? found(value)
      : mismatch(value, place, `a whole number from ${least} to ${most}`)
}

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Field<Word> {
  return (value, place) => {
    const word = words.find((candidate) => candidate === value)
    return word === undefined ? mismatch(value, place, words.join(', ')) : found(word)
  }
}

/** For the parts of an object that nobody here reads. */
export const ignored: Field<undefined> = () => found(undefined)
