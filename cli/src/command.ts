import type { ReadCluster, ReadOptions } from './read-cluster.ts'
import type { Connection, Ports } from './ports.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Situation } from './decide/situation.ts'
import type { Paint } from './text/paint.ts'

export type OptionSpec = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** May be given more than once. */
  readonly multiple?: true
  /** What stands for the value in the help. */
  readonly placeholder?: string
  readonly help: string
}

/** What a command has to say: the value for programs, the text for people. */
export type Output = {
  readonly data: unknown
  readonly text: (paint: Paint) => string
  readonly exitCode?: ExitCode
}

export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

/** What a command is run with. */
export type Context = {
  readonly ports: Ports
  readonly values: Values
  readonly arguments: readonly string[]
  /** The product's namespace. */
  readonly namespace: string
  /** Connects when it is first asked for. */
  readonly connection: () => Promise<Connection>
  readonly read: (options: Pick<ReadOptions, 'keys' | 'required' | 'serviceNamespace'>) => Promise<ReadCluster>
  readonly situation: (read: ReadCluster) => Situation
}

export type Command = {
  readonly name: string
  /** Behind the name, in the help. */
  readonly usage: string
  readonly summary: string
  /** Further sentences of its help. */
  readonly details: string
  readonly options: Readonly<Record<string, OptionSpec>>
  /** How many arguments it takes. */
  readonly arguments: readonly [least: number, most: number]
  readonly run: (context: Context) => Promise<Output> | Output
}

export const COMMON_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  kubeconfig: {
    type: 'string',
    placeholder: 'FILE',
    help: 'how to reach the cluster; else $KUBECONFIG, ~/.kube/config, or the service account of the Pod',
  },
  namespace: {
    type: 'string',
    short: 'n',
    placeholder: 'NAME',
    help: 'where Steelyard runs; metallb-system unless told',
  },
  'lb-class': {
    type: 'string',
    placeholder: 'CLASS',
    help: 'the --lb-class that controller and speakers run with; else as their Pods show',
  },
  output: { type: 'string', short: 'o', placeholder: 'FORMAT', help: 'json or yaml, for programs; text unless told' },
  help: { type: 'boolean', short: 'h', help: 'what the command does' },
}

export function textValue({ values }: Pick<Context, 'values'>, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export function listValue({ values }: Pick<Context, 'values'>, name: string): readonly string[] {
  const value = values[name]
  return Array.isArray(value) ? (value as readonly string[]) : []
}
