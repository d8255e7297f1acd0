import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Happening } from './end-program.ts'

const PROGRAM = new URL('./end-program.ts', import.meta.url).pathname

type Kind = Happening['kind']
type Of<K extends Kind> = Extract<Happening, { kind: K }>

/** One end of connections, in a namespace. */
export type End = {
  readonly order: (command: Command) => void
  /** The next happening of that kind that was not waited for yet. */
  readonly next: <K extends Kind>(id: string, kind: K, withinMs?: number) => Promise<Of<K>>
  /** Whether none comes for a while. */
  readonly silent: (id: string, kind: Kind, ms: number) => Promise<boolean>
  readonly stop: () => Promise<void>
}

/** Longer than any machine takes where something should come. */
const LONG_MS = 15_000

export function startEnd(namespace: string): End {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    'ip',
    ['netns', 'exec', namespace, process.execPath, '--conditions=source', PROGRAM],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  process.once('exit', () => child.kill('SIGKILL'))
  const told: Happening[] = []
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Happening))
  const exited = once(child, 'exit')
  const take = <K extends Kind>(id: string, kind: K): Of<K> | undefined => {
    const at = told.findIndex((one) => one.id === id && one.kind === kind)
    return at < 0 ? undefined : (told.splice(at, 1)[0] as Of<K>)
  }
  const wait = async <K extends Kind>(id: string, kind: K, ms: number): Promise<Of<K> | undefined> => {
    for (const until = Date.now() + ms; Date.now() < until; await sleep(5)) {
      assert.equal(child.exitCode, null, 'the program has ended')
      const found = take(id, kind)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    order: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    next: async (id, kind, withinMs = LONG_MS) =>
      (await wait(id, kind, withinMs)) ??
      assert.fail(`${id}: no ${kind} within ${withinMs} ms, only ${JSON.stringify(told)}`),
    silent: async (id, kind, ms) => (await wait(id, kind, ms)) === undefined,
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
