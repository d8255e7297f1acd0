import type { Ending, PeerConfig } from '@steelyard/bgp-ts'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { inNamespace } from '../../lab/command.ts'
import { waitFor, type WaitOptions } from '../../lab/wait.ts'
import type { PeerCommand, PeerFact, PeerOptions, RouteText, ViewText } from './peer-program.ts'

const PROGRAM = new URL('./peer-program.ts', import.meta.url).pathname

type NotificationFact = Extract<PeerFact, { kind: 'notification' }>
type LookFact = Extract<PeerFact, { kind: 'look' }>

/** A session of ours in a namespace, and what it told. */
export type Peer = {
  /** As told last. */
  readonly view: () => ViewText
  readonly views: readonly ViewText[]
  readonly notifications: readonly NotificationFact[]
  readonly announce: (routes: readonly RouteText[]) => void
  readonly withdraw: (prefixes: readonly string[]) => void
  readonly complete: () => void
  readonly lost: (why: string) => void
  readonly look: () => Promise<LookFact>
  /** Ends the session; the process stays. */
  readonly stop: (ending: Ending) => Promise<void>
  readonly established: (timeoutMs?: number) => Promise<NonNullable<ViewText['established']>>
  readonly signal: (signal: NodeJS.Signals) => void
  /** SIGKILL. */
  readonly kill: () => Promise<void>
}

/** The usual peer; what is left out is as a BGPPeer without anything would have it. */
export function peerConfig(
  config: Pick<PeerConfig, 'localAsn'> & { readonly peerAsn: number } & Partial<Omit<PeerConfig, 'peerAsn'>>,
): PeerConfig {
  return {
    families: [4, 6],
    extendedNextHop: false,
    holdMs: 90_000,
    keepaliveMs: 30_000,
    // A test should not wait for a backoff.
    connectMs: 1000,
    passive: false,
    ...config,
    peerAsn: { kind: 'number', asn: config.peerAsn },
  }
}

export function routeText(prefix: string, more: Partial<RouteText> = {}): RouteText {
  return { prefix, localPref: 100, communities: [], largeCommunities: [], ...more }
}

export function startPeer(namespace: string, options: PeerOptions): Peer {
  const [command = '', ...before] = inNamespace(namespace)
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    command,
    [...before, 'setpriv', '--pdeathsig', 'KILL', process.execPath, '--conditions=source', PROGRAM],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  // A killed one reads no more.
  child.stdin.on('error', () => {})
  const exited = once(child, 'exit')
  const end: { why?: string } = {}
  child.on('exit', (code, signal) => (end.why = `our process ended by itself: ${signal ?? `status ${code}`}`))
  // One that is dead will not do what is waited for, however long the wait.
  const alive = async <T>(what: string, check: () => T | undefined | false, options: WaitOptions = {}): Promise<T> => {
    const found = await waitFor(what, () => (end.why === undefined ? wrapped(check()) : { dead: end.why }), options)
    if ('dead' in found) throw new Error(`${found.dead} (while waiting for ${what})`)
    return found.value
  }
  const facts: PeerFact[] = []
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(JSON.parse(line) as PeerFact))
  const tell = (order: PeerCommand): void => void child.stdin.write(`${JSON.stringify(order)}\n`)
  const of = <Kind extends PeerFact['kind']>(kind: Kind): Extract<PeerFact, { kind: Kind }>[] =>
    facts.filter((fact): fact is Extract<PeerFact, { kind: Kind }> => fact.kind === kind)
  const view = (): ViewText =>
    of('view').at(-1)?.view ?? { state: 'idle', since: 0, flaps: 0, announced: 0, pending: 0, unsendable: 0 }
  const background = (): string =>
    facts
      .slice(-8)
      .map((fact) => JSON.stringify(fact))
      .join('\n')
  tell({ do: 'start', options })
  return {
    view,
    get views() {
      return of('view').map((fact) => fact.view)
    },
    get notifications() {
      return of('notification')
    },
    announce: (routes) => tell({ do: 'announce', routes }),
    withdraw: (prefixes) => tell({ do: 'withdraw', prefixes }),
    complete: () => tell({ do: 'complete' }),
    lost: (why) => tell({ do: 'lost', why }),
    look: async () => {
      const seen = of('look').length
      tell({ do: 'look' })
      return alive('a look at the peer', () => of('look')[seen], { everyMs: 5, background })
    },
    stop: async (ending) => {
      tell({ do: 'stop', ending })
      await alive('the end of the session', () => of('stopped').length > 0, { everyMs: 5, background })
    },
    established: (timeoutMs = 30_000) =>
      alive(`our session with ${options.address}`, () => view().established, { timeoutMs, background }),
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

function wrapped<T>(value: T | undefined | false): { readonly value: T } | undefined {
  return value === undefined || value === false ? undefined : { value }
}
