import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { findProgram } from './packages.ts'

/** A program of the lab that runs until it is stopped, its output in a file. */
export type Child = {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** How it ended (`exit status 1`, `SIGKILL`, why it could not be started); undefined while it runs. */
  readonly ended: () => string | undefined
  /** Resolves when it has ended. */
  readonly gone: Promise<string>
  /** The end of its output, for messages. */
  readonly tail: () => string
  /** Signals it and what it started; nothing happens when it has ended. */
  readonly kill: (signal: NodeJS.Signals) => void
  /** SIGTERM, then SIGKILL; resolves when it is gone. */
  readonly stop: () => Promise<void>
}

export type ChildOptions = {
  readonly name: string
  readonly command: readonly string[]
  readonly logFile: string
  readonly env?: NodeJS.ProcessEnv
  readonly graceMs?: number
  /** Told the number of the new process, which leads a process group of its own. */
  readonly onStart?: ((pid: number) => void) | undefined
}

const TAIL_LINES = 15

/**
 * Starts a program in a session of its own, so that a Ctrl-C at the terminal reaches only us, who
 * then end it in order. The kernel ends it when we die in any way, even by SIGKILL (PR_SET_PDEATHSIG,
 * which survives `nsenter` and `unshare`).
 */
export function startChild({ name, command, logFile, env, graceMs = 3000, onStart }: ChildOptions): Child {
  const [program = '', ...args] = [...diesWithUs(), ...command]
  const output = openSync(logFile, 'a', 0o600)
  const child = spawn(program, args, { stdio: ['ignore', output, output], env: env ?? process.env, detached: true })
  closeSync(output)
  const state: { ended: string | undefined } = { ended: undefined }
  const gone = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      state.ended ??= how
      resolve(state.ended)
    }
    child.on('error', (error) => end(error.message))
    child.on('exit', (code, signal) => end(signal ?? `exit status ${code}`))
  })
  if (child.pid !== undefined) onStart?.(child.pid)
  const kill = (signal: NodeJS.Signals): void => {
    if (state.ended === undefined) killGroup(child, signal)
  }
  return {
    name,
    pid: child.pid ?? -1,
    logFile,
    ended: () => state.ended,
    gone,
    tail: () => tailOf(logFile, TAIL_LINES),
    kill,
    stop: () => stopChild(kill, gone, graceMs),
  }
}

function diesWithUs(): readonly string[] {
  const setpriv = findProgram('setpriv', process.env['PATH'] ?? '')
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function stopChild(
  kill: (signal: NodeJS.Signals) => void,
  gone: Promise<string>,
  graceMs: number,
): Promise<void> {
  kill('SIGTERM')
  kill('SIGCONT')
  const timer = setTimeout(() => kill('SIGKILL'), graceMs)
  await gone
  clearTimeout(timer)
}

/** The last lines of a log; nothing when there is none. */
export function tailOf(logFile: string, lines: number): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } catch {
    return ''
  }
}
