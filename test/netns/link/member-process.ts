import { EMPTY_RECORD, MEMBERSHIP_DEFAULTS, type AddressClaim } from '@steelyard/membership'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { endWithProcess } from '../../lab/end.ts'
import type { LinkFact } from '../../../speaker/src/link/messages.ts'
import type { MemberLine } from './member-program.ts'

const PROGRAM = new URL('./member-program.ts', import.meta.url).pathname
const PORT = 7946

export type ToldFact = { readonly atMs: number; readonly fact: LinkFact }

/** A member's link worker in a namespace, and all that it has told. */
export type MemberProcess = {
  readonly node: string
  readonly told: ToldFact[]
  /** Has it announce an address, under a claim of this epoch. */
  readonly own: (ip: string, epoch: number) => void
  /** Has it announce and claim nothing any more. */
  readonly disown: () => void
  /** Says goodbye and ends; resolves with the exit code. */
  readonly leave: () => Promise<number | null>
  /** Resolves with the exit code. */
  readonly stop: () => Promise<number | null>
  readonly freeze: () => void
  readonly thaw: () => void
}

export type MemberPlace = {
  readonly node: string
  readonly namespace: string
  readonly address: string
  /** Binds to `address`, as the shipped manifests have it; what it says on an interface with that address is then no news. */
  readonly bound?: boolean
}

export function startMember(
  { node, namespace, address: own, bound = false }: MemberPlace,
  all: readonly MemberPlace[],
): MemberProcess {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    'ip',
    ['netns', 'exec', namespace, process.execPath, PROGRAM, node, String(PORT), bound ? own : '0.0.0.0'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  child.once(
    'exit',
    endWithProcess(() => void child.kill('SIGKILL'), false),
  )
  const told: ToldFact[] = []
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as ToldFact))
  const exited = once(child, 'exit')
  const roster = all.filter((other) => other.node !== node).map(({ node: name, address }) => ({ node: name, address }))
  let line: MemberLine = {
    addresses: [],
    excludeInterfaces: [],
    membership: { roster, secrets: [[1, 2, 3]], record: EMPTY_RECORD, config: MEMBERSHIP_DEFAULTS, leaving: false },
  }
  const set = (change: Partial<MemberLine>): void => {
    line = { ...line, ...change }
    child.stdin.write(`${JSON.stringify(line)}\n`)
  }
  const stop = async (): Promise<number | null> => {
    child.stdin.end()
    const [code] = (await exited) as [number | null]
    return code
  }
  set({})
  return {
    node,
    told,
    own: (ip, epoch) => {
      const claims: AddressClaim[] = [{ ip, epoch, minority: false, releasing: false }]
      const membership = { ...line.membership, record: { ...EMPTY_RECORD, claims } }
      set({ addresses: [{ ip, interfaces: 'all' }], membership })
    },
    disown: () => set({ addresses: [], membership: { ...line.membership, record: EMPTY_RECORD } }),
    leave: () => {
      set({ addresses: [], membership: { ...line.membership, leaving: true } })
      return stop()
    },
    stop,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** What a member told last of another, or of itself as `own`; undefined: nothing yet. */
export function lastOf({ told }: MemberProcess, node: string): string | undefined {
  const { fact } = told.findLast(({ fact: { kind } }) => kind === 'members') ?? {}
  if (fact?.kind !== 'members') return undefined
  return node === 'own' ? fact.standing : fact.members.find((member) => member.node === node)?.status
}

/** When a member first told that another has this status, at or after a moment. */
export function toldAt({ told }: MemberProcess, node: string, status: string, sinceMs: number): number | undefined {
  return told.find(({ atMs, fact }) => {
    if (atMs < sinceMs || fact.kind !== 'members') return false
    return fact.members.some((member) => member.node === node && member.status === status)
  })?.atMs
}
