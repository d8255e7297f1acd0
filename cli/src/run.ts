import { type Command, type Context, textValue, type Values } from './command.ts'
import { readCommandLine } from './command-line.ts'
import { COMMANDS } from './commands.ts'
import { situationOf } from './decide/situation.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { CliError, failureOf } from './failure.ts'
import { commandHelp } from './help.ts'
import { rendered, type Format, FORMATS } from './output.ts'
import type { Connection, Ports } from './ports.ts'
import { type ReadCluster, readCluster } from './read-cluster.ts'
import { paintFor } from './text/paint.ts'

const DEFAULT_NAMESPACE = 'metallb-system'

/** Runs one command; the answer is the exit code. Whatever goes wrong is one line on standard error. */
export async function run(argv: readonly string[], ports: Ports): Promise<ExitCode> {
  const open: { connection?: Promise<Connection> } = {}
  try {
    const line = readCommandLine(argv, COMMANDS)
    const format = formatOf(line.values)
    if (line.values['help'] === true) {
      ports.out(commandHelp(line.command))
      return EXIT.fine
    }
    const output = await line.command.run(contextOf(ports, line, open))
    ports.out(rendered(output, format, paintFor(ports.env, ports.isTerminal)))
    return output.exitCode ?? EXIT.fine
  } catch (error) {
    const { exitCode, message } = failureOf(error)
    ports.err(`steelyard: ${message}\n`)
    return exitCode
  } finally {
    void open.connection?.then(
      ({ close }) => close(),
      () => {},
    )
  }
}

function formatOf(values: Values): Format {
  const asked = values['output'] ?? 'text'
  const format = FORMATS.find((one) => one === asked)
  if (format === undefined) {
    throw new CliError(EXIT.usage, `--output ${JSON.stringify(asked)} is none of ${FORMATS.join(', ')}`)
  }
  return format
}

type Line = { readonly command: Command; readonly values: Values; readonly arguments: readonly string[] }

function contextOf(ports: Ports, line: Line, open: { connection?: Promise<Connection> }): Context {
  const { values } = line
  const namespace = textValue(line, 'namespace') ?? DEFAULT_NAMESPACE
  const connection = (): Promise<Connection> => {
    open.connection ??= ports.connect(textValue(line, 'kubeconfig') ?? '')
    return open.connection
  }
  return {
    ports,
    values,
    arguments: line.arguments,
    namespace,
    connection,
    read: async (options) =>
      readCluster((await connection()).api, { command: line.command.name, namespace, ...options }),
    situation: ({ objects, unread }: ReadCluster) =>
      situationOf(objects, {
        namespace,
        loadBalancerClass: textValue(line, 'lb-class'),
        secretsUnknown: unread.some(({ key }) => key === 'secrets'),
      }),
  }
}
