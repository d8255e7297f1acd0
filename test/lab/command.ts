import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'

/** A program and its arguments, or a line for the shell. */
export type Command = readonly string[] | string

export type Outcome = { readonly status: number; readonly stdout: string; readonly stderr: string }
export type RunOptions = { readonly input?: string; readonly timeoutMs?: number }

const DEFAULT_TIMEOUT_MS = 30_000

/** To be put before a command: runs it in a network namespace. Not `ip netns exec`, which mounts a fresh, emptier /sys. */
export function inNamespace(namespace: string): readonly string[] {
  return ['nsenter', `--net=/run/netns/${namespace}`, '--']
}

export function argumentsOf(command: Command): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command
}

/** Runs a command to its end. A status other than 0 is a result; killed by a signal or the time limit (30 s unless told) it is 128 + the signal. */
export async function run(
  command: Command,
  { input = '', timeoutMs = DEFAULT_TIMEOUT_MS }: RunOptions = {},
): Promise<Outcome> {
  const [program = '', ...args] = argumentsOf(command)
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text))
  }
  // A program that does not read its input closes it; that is its own affair.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  try {
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    return { status: status ?? 128 + (signal === null ? 0 : constants.signals[signal]), ...output }
  } finally {
    clearTimeout(timer)
  }
}

/** As `run`, for commands that must succeed; gives what it printed. @throws Error with what the command said. */
export async function runOrThrow(command: Command, options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(command, options)
  if (status === 0) return stdout
  const said = stderr.trim() === '' ? stdout.trim() : stderr.trim()
  throw new Error(`${argumentsOf(command).join(' ')} ended with status ${status}: ${said}`)
}
