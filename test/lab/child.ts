import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync } from 'node:fs'

/** A program of the lab that runs until it is stopped, its output in a file. */
export type Child = {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Undefined while it runs. */
  readonly ended: () => string | undefined
  /** The end of its output, for messages. */
  readonly tail: () => string
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
}

/** The kernel ends it when we die in any way, even by SIGKILL; `ip netns exec` keeps the setting. */
const DIE_WITH_US = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] : []

export function startChild({ name, command, logFile, env, graceMs = 3000 }: ChildOptions): Child {
  const [program = '', ...args] = [...DIE_WITH_US, ...command]
  const output = openSync(logFile, 'a')
  const child = spawn(program, args, { stdio: ['ignore', output, output], env: env ?? process.env })
  const state: { ended: string | undefined } = { ended: undefined }
  const gone = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      state.ended ??= how
      resolve()
    }
    child.on('error', (error) => end(error.message))
    child.on('exit', (code, signal) => end(signal ?? `exit status ${code}`))
  })
  const killOnExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killOnExit)
  void gone.then(() => process.off('exit', killOnExit))
  return {
    name,
    pid: child.pid ?? -1,
    logFile,
    ended: () => state.ended,
    tail: () => readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n'),
    kill: (signal) => void child.kill(signal),
    stop: () => stopChild(child, gone, graceMs),
  }
}

async function stopChild(child: ChildProcess, gone: Promise<void>, graceMs: number): Promise<void> {
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await gone
  clearTimeout(timer)
}
