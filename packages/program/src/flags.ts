import type { Decoded } from '@steelyard/net'
import type { Flag } from './flag-kinds.ts'
import { nearestName } from './nearest-name.ts'

/** Flags by their name on the command line, without dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never
}

export type ReadFlags<Table extends FlagTable> =
  | {
      readonly kind: 'values'
      readonly values: FlagValues<Table>
      /** Those that the command line or the environment gave, in table order. */
      readonly given: readonly (keyof Table & string)[]
    }
  /** `--help` was asked for. */
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }

type Source = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string | undefined>> }
type Written = {
  readonly texts: ReadonlyMap<string, string>
  readonly help: boolean
  readonly problems: readonly string[]
}

/**
 * Reads a program's flags: the command line first, then the environment (an empty variable is an absent one),
 * then the default. Accepts what the manifests of the field write: one dash or two, `--name value`,
 * `--name=value`, and switches with `=false`, which node:util's parseArgs does not take. The last of a repeated
 * flag counts. All problems are told at once, each with the flag, the value found and what is accepted.
 */
export function readFlags<Table extends FlagTable>(table: Table, source: Source): ReadFlags<Table> {
  const written = readCommandLine(table, source.args)
  if (written.help) return { kind: 'help' }
  const problems = [...written.problems]
  const values: Record<string, unknown> = {}
  const given: string[] = []
  for (const [name, flag] of Object.entries(table)) {
    const found = textOf(name, flag, written.texts, source.env)
    if (found !== undefined) given.push(name)
    const read = readOne(name, flag, found)
    if (read.ok) values[name] = read.value
    else problems.push(read.reason)
  }
  if (problems.length > 0) return { kind: 'refused', problems }
  return { kind: 'values', values: values as FlagValues<Table>, given }
}

type Found = { readonly text: string; readonly from: string }

function readOne(name: string, flag: Flag<unknown>, found: Found | undefined): Decoded<unknown> {
  if (flag.required === true && (found === undefined || found.text === '')) {
    const variable = flag.env === undefined ? '' : ` (or ${flag.env} in the environment)`
    return { ok: false, reason: `--${name} is required${variable}` }
  }
  if (found === undefined) return { ok: true, value: flag.fallback }
  const read = flag.read(found.text)
  return read.ok ? read : { ok: false, reason: `${found.from}: ${JSON.stringify(found.text)} ${read.reason}` }
}

function textOf(
  name: string,
  { env }: Flag<unknown>,
  texts: ReadonlyMap<string, string>,
  environment: Source['env'],
): Found | undefined {
  const text = texts.get(name)
  if (text !== undefined) return { text, from: `--${name}` }
  const variable = env === undefined ? undefined : environment[env]
  return variable === undefined || variable === '' ? undefined : { text: variable, from: `${env} (for --${name})` }
}

/** A flag as people write it: one or two dashes, a name, perhaps a value after "=". */
const FLAG = /^--?([^-=][^=]*)(?:=(.*))?$/s

function readCommandLine(table: FlagTable, args: readonly string[]): Written {
  const texts = new Map<string, string>()
  const problems: string[] = []
  let help = false
  for (let at = 0; at < args.length; at++) {
    const read = readArgument(table, args[at] ?? '', args[at + 1])
    if (read.kind === 'value') texts.set(read.name, read.text)
    else if (read.kind === 'problem') problems.push(read.problem)
    else help = true
    if (read.kind === 'value' && read.tookNext) at++
  }
  return { texts, help, problems }
}

type Argument =
  | { readonly kind: 'value'; readonly name: string; readonly text: string; readonly tookNext: boolean }
  | { readonly kind: 'problem'; readonly problem: string }
  | { readonly kind: 'help' }

function readArgument(table: FlagTable, arg: string, next: string | undefined): Argument {
  const [, name, inline] = FLAG.exec(arg) ?? []
  if (name === undefined) return { kind: 'problem', problem: stray(arg) }
  if (name === 'help' || name === 'h') return { kind: 'help' }
  const flag = Object.hasOwn(table, name) ? table[name] : undefined
  if (flag === undefined) return { kind: 'problem', problem: unknown(name, table) }
  if (inline !== undefined) return { kind: 'value', name, text: inline, tookNext: false }
  if (flag.placeholder === '') return { kind: 'value', name, text: 'true', tookNext: false }
  if (next !== undefined) return { kind: 'value', name, text: next, tookNext: true }
  return { kind: 'problem', problem: `--${name} needs a value: --${name}=${flag.placeholder}` }
}

function stray(arg: string): string {
  return `unexpected argument ${JSON.stringify(arg)}: only flags are accepted (a switch takes its value as --name=false)`
}

function unknown(name: string, table: FlagTable): string {
  const meant = nearestName(name, Object.keys(table))
  return `unknown flag --${name}${meant === undefined ? '' : `; did you mean --${meant}?`}`
}

/** The usage text: one line per flag with its value, help, variable and default. */
export function usage(program: string, table: FlagTable): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const left = flag.placeholder === '' ? `--${name}` : `--${name} ${flag.placeholder}`
    const notes = [flag.env, isPlain(flag.fallback) ? `default ${String(flag.fallback)}` : undefined]
    const note = notes.filter((one) => one !== undefined).join(', ')
    return `  ${left}\n        ${flag.help}${note === '' ? '' : ` (${note})`}`
  })
  return [`Usage: ${program} [flags]`, '', ...rows, ''].join('\n')
}

function isPlain(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number'
}
