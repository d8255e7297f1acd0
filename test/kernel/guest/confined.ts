import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { MachineError } from '../../lab/packages.ts'

export type ConfinedOptions = {
  readonly folder: string
  /** Ends the command and all it started at once. */
  readonly signal: AbortSignal
  /** Each line that it prints, as it prints it. */
  readonly onLine?: (line: string) => void
}

const TOLD_LINES = 15

/**
 * The command in a process namespace of its own, to be spawned: with it, and with this process, everything it started
 * dies, also by SIGKILL, and whatever it forked away.
 */
export function confined(command: readonly string[]): readonly [string, ...string[]] {
  const ownProcesses = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--']
  return ['setpriv', '--pdeathsig', 'KILL', ...ownProcesses, ...command]
}

/**
 * Runs a command confined, to its end.
 * @returns the lines it printed, also as errors
 * @throws MachineError with the last of these when it fails
 */
export async function runConfined(
  command: readonly string[],
  { folder, signal, onLine = () => {} }: ConfinedOptions,
): Promise<readonly string[]> {
  const [program, ...args] = confined(command)
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Of apt's and make's words some are looked for.
    env: { ...process.env, LC_ALL: 'C' },
    // A Ctrl-C at the terminal is for us: we end it.
    detached: true,
    signal,
    killSignal: 'SIGKILL',
  })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line)
      onLine(line)
    })
  }
  const [status] = (await once(child, 'close')) as [number | null]
  if (status === 0) return lines
  const said = lines.slice(-TOLD_LINES).join('\n')
  throw new MachineError(`${command.join(' ')} ended with status ${status ?? 'killed'}:\n${said}`)
}
