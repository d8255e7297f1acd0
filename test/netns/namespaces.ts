import { execFileSync, spawnSync } from 'node:child_process'
import { endWithProcess } from '../lab/end.ts'

/** Network namespaces of one test file: they and all that stands in them are gone after `close`. */
export type Namespaces = {
  /** Makes one, with its loopback up, and gives its full name. */
  readonly add: (label: string) => string
  /** Runs `ip` in one. */
  readonly ip: (namespace: string, ...args: readonly string[]) => string
  /** A cable between two of them, or within one: both ends up. */
  readonly connect: (from: CableEnd, to: CableEnd) => void
  /** Runs a program in one, to its end; what it said on both its channels when it fails. */
  readonly run: (namespace: string, program: string, ...args: readonly string[]) => ProgramEnd
  readonly close: () => void
}

export type CableEnd = { readonly namespace: string; readonly name: string }
export type ProgramEnd = { readonly status: number | null; readonly stdout: string; readonly stderr: string }

const ip = (...args: readonly string[]): string => execFileSync('ip', args, { encoding: 'utf8' })

/** Why namespaces cannot be used here, or undefined. */
export function namespacesProblem(): string | undefined {
  if (process.platform !== 'linux') return `network namespaces need Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'network namespaces need root: run this ring as root (sudo npm test)'
  const { error } = spawnSync('ip', ['-V'])
  return error === undefined ? undefined : 'the program ip is missing: install the package iproute2'
}

/**
 * Namespaces named PREFIX, the process's number and a label, so that runs side by side do not meet.
 * @throws Error that says what is missing: a ring that cannot run must fail, not pass.
 */
export function openNamespaces(prefix: string): Namespaces {
  const problem = namespacesProblem()
  if (problem !== undefined) throw new Error(problem)
  const made: string[] = []
  // Also when the test ends in a way that runs no `after`, as by Ctrl-C.
  const close = endWithProcess(() => {
    for (const name of made.splice(0)) spawnSync('ip', ['netns', 'del', name])
  }, true)
  return {
    add: (label) => {
      const name = `${prefix}${process.pid}${label}`
      ip('netns', 'add', name)
      made.push(name)
      ip('-n', name, 'link', 'set', 'lo', 'up')
      return name
    },
    ip: (namespace, ...args) => ip('-n', namespace, ...args),
    connect: (from, to) => {
      const peer = ['peer', 'name', to.name, 'netns', to.namespace]
      ip('-n', from.namespace, 'link', 'add', from.name, 'type', 'veth', ...peer)
      for (const { namespace, name } of [from, to]) ip('-n', namespace, 'link', 'set', name, 'up')
    },
    run: (namespace, program, ...args) => {
      const { status, stdout, stderr, error } = spawnSync('ip', ['netns', 'exec', namespace, program, ...args], {
        encoding: 'utf8',
      })
      if (error !== undefined) throw error
      return { status, stdout, stderr }
    },
    close,
  }
}
