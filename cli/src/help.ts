import { type Command, COMMON_OPTIONS, type OptionSpec } from './command.ts'

const COLUMN = 26
const COMMAND_COLUMN = 48

/** What one command does, and what it takes. */
export function commandHelp({ name, usage, summary, details, options }: Command): string {
  const own = Object.entries(options).map(optionLine)
  const common = Object.entries(COMMON_OPTIONS).map(optionLine)
  const parts = [
    `steelyard ${name} ${usage}`.trimEnd(),
    `${summary}.`,
    ...(details === '' ? [] : [details]),
    ...(own.length === 0 ? [] : [`Options:\n${own.join('\n')}`]),
    `Options of all commands:\n${common.join('\n')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

function optionLine([name, { short, placeholder, help }]: [string, OptionSpec]): string {
  const names = `${short === undefined ? '    ' : `-${short}, `}--${name}`
  return `  ${`${names} ${placeholder ?? ''}`.padEnd(COLUMN)}${help}`
}

/** All commands at a glance. */
export function overview(commands: readonly Command[]): string {
  const lines = commands.map(
    ({ name, usage, summary }) => `  ${`${name} ${usage}`.trimEnd().padEnd(COMMAND_COLUMN)}${summary}`,
  )
  return `steelyard: looks at a cluster that Steelyard serves, and tells why something does not answer

${lines.join('\n')}

steelyard COMMAND --help tells what a command takes. As kubectl-steelyard it is kubectl steelyard.
Exit status: 0 done, 1 failed, 2 something was found, 3 no cluster, 4 no rights, 5 not there, 64 not understood.
`
}
