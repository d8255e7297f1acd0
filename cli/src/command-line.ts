import { nearestName } from '@steelyard/program'
import { parseArgs } from 'node:util'
import { type Command, COMMON_OPTIONS, type OptionSpec, type Values } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

export type CommandLine = { readonly command: Command; readonly values: Values; readonly arguments: readonly string[] }

/** Reads a command line; throws a CliError that says what is wrong with it. */
export function readCommandLine(argv: readonly string[], commands: readonly Command[]): CommandLine {
  const { name, rest } = commandWord(argv)
  const command = commands.find((one) => one.name === name)
  if (command === undefined) throw unknownCommand(name, argv, commands)
  const { values, positionals } = parsed(command, rest)
  if (values['help'] !== true) checkCount(command, positionals.length)
  return { command, values, arguments: positionals }
}

/** The command comes before its options: of `--output json status` nobody knows yet which word is one. */
function commandWord(argv: readonly string[]): { readonly name: string; readonly rest: readonly string[] } {
  const [first = 'help', ...rest] = argv
  if (!first.startsWith('-')) return { name: first, rest }
  const isHelp = argv.includes('--help') || argv.includes('-h')
  return isHelp ? { name: 'help', rest: [] } : { name: '', rest: argv }
}

function checkCount({ name, usage: takes, arguments: [least, most] }: Command, count: number): void {
  if (count >= least && count <= most) return
  throw usage(`${name} takes ${countText(least, most)}, not ${count}: steelyard ${name} ${takes}`)
}

function unknownCommand(name: string, argv: readonly string[], commands: readonly Command[]): CliError {
  if (name === '') return usage(`the command comes first, before ${argv[0] ?? ''}; steelyard help lists them`)
  const near = nearestName(
    name,
    commands.map((one) => one.name),
  )
  const hint = near === undefined ? 'steelyard help lists the commands' : `did you mean ${near}?`
  return usage(`there is no command ${JSON.stringify(name)}; ${hint}`)
}

function parsed(command: Command, args: readonly string[]): { values: Values; positionals: string[] } {
  const options = { ...COMMON_OPTIONS, ...command.options }
  try {
    const read = parseArgs({ args: [...args], options: configOf(options), allowPositionals: true, strict: true })
    // Only texts may be given more than once.
    return { ...read, values: read.values as Values }
  } catch (error) {
    throw usage(optionProblem(error, command.name, Object.keys(options)))
  }
}

type ParseConfig = NonNullable<NonNullable<Parameters<typeof parseArgs>[0]>['options']>

function configOf(options: Readonly<Record<string, OptionSpec>>): ParseConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === undefined ? {} : { multiple }) },
    ]),
  )
}

/** Node's messages are sentences of advice; one line is enough. */
function optionProblem(error: unknown, command: string, known: readonly string[]): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  const option = /'(--?[^' ]+)/.exec(line)?.[1] ?? ''
  if (!line.startsWith('Unknown option')) return `${command}: ${line.split('. ')[0] ?? line}`
  const near = nearestName(option.replace(/^-+/, ''), known)
  return `${command} has no option ${option}${near === undefined || option.length < 4 ? '' : `; did you mean --${near}?`}`
}

function countText(least: number, most: number): string {
  const count =
    most === Number.POSITIVE_INFINITY ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`
  return `${count} ${count === '1' ? 'argument' : 'arguments'}`
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message)
}
