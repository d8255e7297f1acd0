import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { inNamespace } from './command.ts'
import type { Journal } from './journal.ts'

/** A program in a namespace that talks to us while it runs; it dies when we die. */
export type Piped = ChildProcessByStdio<null, Readable, Readable>

export function startPiped(journal: Journal, namespace: string, command: readonly string[]): Piped {
  const args = ['--pdeathsig', 'KILL', '--', ...inNamespace(namespace), ...command]
  const child = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  if (child.pid !== undefined) journal.addProcess(child.pid)
  return child
}
