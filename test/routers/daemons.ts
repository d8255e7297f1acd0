import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from '../lab/child.ts'
import { inNamespace, runOrThrow } from '../lab/command.ts'
import { endWithProcess } from '../lab/end.ts'
import { waitFor } from '../lab/wait.ts'
import type { RouterOptions } from './router.ts'

/** Where the daemons of one router live: a folder for their files and sockets, and a namespace. */
export type Daemons = {
  readonly folder: string
  /** Writes a file into the folder; gives its path. */
  readonly write: (file: string, text: string, mode?: number) => string
  readonly path: (file: string) => string
  /** Runs a program in the namespace to its end; it must succeed. */
  readonly exec: (command: readonly string[]) => Promise<string>
  /** Starts a daemon in the namespace, its output in NAME.log. */
  readonly launch: (name: string, command: readonly string[], env?: NodeJS.ProcessEnv) => Child
  /** Waits for what a starting daemon brings; a daemon that has ended is told at once. */
  readonly ready: (what: string, check: () => Promise<boolean> | boolean) => Promise<void>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly stop: () => Promise<void>
  readonly kill: () => Promise<void>
  readonly logs: () => string
  readonly fullLog: () => string
  readonly close: () => Promise<void>
}

/**
 * A process namespace of its own, and a shell as its first process: when that dies, everything in it does. By itself
 * a daemon would outlive us if we are killed, since PR_SET_PDEATHSIG ends where it takes a user of its own. The
 * first process of a namespace ignores what it has no handler for, so that SIGTERM is the daemon's alone.
 */
const TOGETHER = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--', 'sh', '-c', '"$@"; exit $?', 'sh']

const START_MS = 15_000
const COMMAND_MS = 20_000

/**
 * Everything goes with this process, however it ends: the daemons by the kernel (`startChild`), the folder by the
 * end of the process or of the test.
 */
export function openDaemons({
  namespace,
  journal,
  endsOnSignal = true,
}: Pick<RouterOptions, 'namespace' | 'journal' | 'endsOnSignal'>): Daemons {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-router-'))
  journal?.addFolder(folder)
  const children: Child[] = []
  const path = (file: string): string => join(folder, file)
  const forget = endWithProcess(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }, endsOnSignal)
  const logs = (): string => children.map(({ name, tail }) => `--- ${name}\n${tail()}`).join('\n')
  const end = async (how: (child: Child) => Promise<unknown>): Promise<void> => {
    // Last started, first ended.
    for (const child of children.splice(0).toReversed()) await how(child)
  }
  const stop = (): Promise<void> => end((child) => child.stop())
  return {
    folder,
    path,
    write: (file, text, mode = 0o644) => {
      writeFileSync(path(file), text, { mode })
      return path(file)
    },
    exec: (command) => runOrThrow([...inNamespace(namespace), ...command], { timeoutMs: COMMAND_MS }),
    launch: (name, command, env) => {
      const child = startChild({
        name,
        command: [...inNamespace(namespace), ...TOGETHER, ...command],
        logFile: path(`${name}.log`),
        env: { ...process.env, ...env },
        onStart: journal?.addProcess,
      })
      children.push(child)
      return child
    },
    ready: (what, check) => waitReady(children, what, check),
    signal: (signal) => {
      for (const child of children) child.kill(signal)
    },
    stop,
    kill: () => end(killed),
    logs,
    fullLog: () => children.map(({ logFile }) => readFileSync(logFile, 'utf8')).join('\n'),
    close: async () => {
      await stop()
      forget()
    },
  }
}

async function killed(child: Child): Promise<void> {
  child.kill('SIGKILL')
  await child.gone
}

async function waitReady(
  children: readonly Child[],
  what: string,
  check: () => Promise<boolean> | boolean,
): Promise<void> {
  const background = (): string => children.map(({ name, tail }) => `--- ${name}\n${tail()}`).join('\n')
  const ended = await waitFor(
    what,
    async () => children.find((child) => child.ended() !== undefined) ?? ((await check()) ? 'ready' : undefined),
    { timeoutMs: START_MS, everyMs: 50, background },
  )
  if (ended === 'ready') return
  throw new Error(`${ended.name} ended (${ended.ended() ?? ''}) before ${what}:\n${ended.tail()}`)
}
