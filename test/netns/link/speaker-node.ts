import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { DesiredAddress, LinkDesired, LinkFact } from '../../../speaker/src/link/messages.ts'
import type { Command } from './speaker-program.ts'

const PROGRAM = new URL('./speaker-program.ts', import.meta.url).pathname

/** A link worker in a namespace, and all that it has told. */
export type SpeakerNode = {
  readonly pid: number
  readonly facts: LinkFact[]
  readonly desire: (
    addresses: readonly DesiredAddress[],
    excludeInterfaces?: readonly string[],
    more?: Partial<LinkDesired>,
  ) => void
  readonly blockMainThread: (share: number) => void
  /** Once, for so long. */
  readonly blockOnce: (ms: number) => void
  /** The interfaces it announces on, each with its protocols, such as `e0 arp ndp`. */
  readonly interfaces: () => string[]
  /** Resolves with the exit code. */
  readonly stop: () => Promise<number | null>
}

/** Resolves once the worker is ready. @param program another program that takes the same lines. */
export async function startSpeakerNode(namespace: string, program = PROGRAM): Promise<SpeakerNode> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    'ip',
    ['netns', 'exec', namespace, process.execPath, program],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  process.once('exit', () => child.kill('SIGKILL'))
  const facts: LinkFact[] = []
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(JSON.parse(line) as LinkFact))
  const exited = once(child, 'exit')
  const command = (line: Command): void => void child.stdin.write(`${JSON.stringify(line)}\n`)
  await eventually('the link worker is ready', () => facts.some(({ kind }) => kind === 'ready'))
  return {
    pid: child.pid ?? 0,
    facts,
    desire: (addresses, excludeInterfaces = [], more = {}) =>
      command({ desired: { addresses, excludeInterfaces, ...more } }),
    blockMainThread: (blockShare) => command({ blockShare }),
    blockOnce: (blockMs) => command({ blockMs }),
    interfaces: () => interfacesOf(facts),
    stop: async () => {
      child.stdin.end()
      const [code] = (await exited) as [number | null]
      return code
    },
  }
}

function interfacesOf(facts: readonly LinkFact[]): string[] {
  const last = facts.findLast((fact) => fact.kind === 'interfaces')
  return (last?.interfaces ?? []).map(({ name, arp, ndp }) =>
    [name, ...(arp ? ['arp'] : []), ...(ndp ? ['ndp'] : [])].join(' '),
  )
}

const PATIENCE_MS = 20_000

/** Waits until it is so. The patience is far beyond what anything here takes: it ends a broken run, it does not time a good one. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE_MS / 1000} s in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
