import type { Decoded } from '@steelyard/net'

/** One flag: where its text comes from, and how it is read. */
export type Flag<Value> = {
  readonly help: string
  /** Stands for the value in the usage text; empty for a switch, which takes a value only as `--name=value`. */
  readonly placeholder: string
  /** The environment variable that gives it when the command line does not. */
  readonly env?: string
  readonly fallback: Value
  /** An absent or empty value is refused. */
  readonly required?: boolean
  readonly read: (text: string) => Decoded<Value>
}

type Common = { readonly help: string; readonly env?: string }

export function textFlag(
  options: Common & {
    readonly placeholder: string
    readonly fallback?: string
    readonly required?: boolean
    /** When given, the text must match; `accepts` says what does. */
    readonly pattern?: RegExp
    readonly accepts?: string
  },
): Flag<string> {
  const { pattern, accepts = '', ...flag } = options
  return {
    ...flag,
    fallback: options.fallback ?? '',
    read: (text) =>
      pattern === undefined || pattern.test(text)
        ? { ok: true, value: text }
        : { ok: false, reason: `is not ${accepts}` },
  }
}

/** A whole number in decimal, both bounds included. */
export function numberFlag(
  options: Common & {
    readonly placeholder: string
    readonly fallback: number
    readonly from: number
    readonly to: number
  },
): Flag<number> {
  const { from, to, ...flag } = options
  return {
    ...flag,
    read: (text) => {
      const value = Number(text)
      const fits = /^\d+$/.test(text) && value >= from && value <= to
      return fits ? { ok: true, value } : { ok: false, reason: `is not a whole number from ${from} to ${to}` }
    },
  }
}

export function choiceFlag<Choice extends string>(
  options: Common & { readonly choices: readonly Choice[]; readonly fallback: Choice },
): Flag<Choice> {
  const { choices, ...flag } = options
  return {
    ...flag,
    placeholder: choices.join('|'),
    read: (text) => {
      const value = choices.find((choice) => choice === text)
      return value === undefined ? { ok: false, reason: `is none of ${choices.join(', ')}` } : { ok: true, value }
    },
  }
}

const TRUE = /^(1|t|true)$/i
const FALSE = /^(0|f|false)$/i

/** Off unless given. `--name`, `--name=true` and `--name=false`, as existing manifests write them. */
export function switchFlag(options: Common): Flag<boolean> {
  return {
    ...options,
    placeholder: '',
    fallback: false,
    read: (text) => {
      if (TRUE.test(text)) return { ok: true, value: true }
      return FALSE.test(text) ? { ok: true, value: false } : { ok: false, reason: 'is neither true nor false' }
    },
  }
}
