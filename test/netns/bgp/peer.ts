import type { Ending, PeerConfig } from '@steelyard/bgp-ts'
import type { BgpPeer } from '@steelyard/model'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { inNamespace } from '../../lab/command.ts'
import { waitFor, type WaitOptions } from '../../lab/wait.ts'
import type { NodeCommand } from './node-program.ts'
import type { PeerCommand, PeerFact, PeerOptions, RouteText, ViewText } from './peer-terms.ts'

const SESSION_PROGRAM = new URL('./peer-program.ts', import.meta.url).pathname
const NODE_PROGRAM = new URL('./node-program.ts', import.meta.url).pathname

/** Where ten processes start at once beside other work, a good run may take half a minute to begin. */
export const LONG_MS = 60_000

type NotificationFact = Extract<PeerFact, { kind: 'notification' }>
type BfdFact = Extract<PeerFact, { kind: 'bfd' }>['fact']
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

/** A session of the speaker's own manager, with the link worker beside it. */
export type NodePeer = Pick<Peer, 'view' | 'announce' | 'withdraw' | 'complete' | 'established' | 'signal' | 'kill'> & {
  /** As the manager was told last. */
  readonly bfd: () => BfdFact | undefined
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
  const told = startProgram(namespace, SESSION_PROGRAM, { do: 'start', options })
  const { tell, of, alive } = told
  return {
    ...sharedBy(told, options.address),
    get views() {
      return of('view').map((fact) => fact.view)
    },
    get notifications() {
      return of('notification')
    },
    lost: (why) => tell({ do: 'lost', why }),
    look: async () => {
      const seen = of('look').length
      tell({ do: 'look' })
      return alive('a look at the peer', () => of('look')[seen], { everyMs: 5 })
    },
    stop: async (ending) => {
      tell({ do: 'stop', ending })
      await alive('the end of the session', () => of('stopped').length > 0, { everyMs: 5 })
    },
  }
}

export function startNode(namespace: string, peer: BgpPeer): NodePeer {
  return startNodeOf(namespace, [peer]).peer(peer.name)
}

/** A node with several peers; what is announced is announced to all of them. */
export type PeeringNode = {
  readonly peer: (name: string) => NodePeer
  /** These from now on. */
  readonly serve: (peers: readonly BgpPeer[]) => void
  /** What its link worker could not do. */
  readonly faults: () => readonly string[]
  /** Whether its link worker sees the interfaces. */
  readonly isReady: () => boolean
  readonly kill: () => Promise<void>
}

export function startNodeOf(namespace: string, peers: readonly BgpPeer[]): PeeringNode {
  const told = startProgram(namespace, NODE_PROGRAM, { do: 'serve', peers })
  return {
    isReady: () => told.of('ready').length > 0,
    faults: () => told.of('fault').map(({ message }) => message),
    kill: told.kill,
    serve: (others) => told.tell({ do: 'serve', peers: others }),
    peer: (name) => ({
      ...sharedBy(told, name, (fact) => fact.peer === name),
      bfd: () => told.of('bfd').findLast((fact) => fact.peer === name)?.fact,
    }),
  }
}

type ViewFact = Extract<PeerFact, { kind: 'view' }>

function sharedBy(
  { tell, of, alive, signal, kill }: Program,
  name: string,
  isMeant: (fact: ViewFact) => boolean = () => true,
): Omit<NodePeer, 'bfd'> {
  const view = (): ViewText =>
    of('view').findLast(isMeant)?.view ?? { state: 'idle', since: 0, flaps: 0, announced: 0, pending: 0, unsendable: 0 }
  return {
    view,
    announce: (routes) => tell({ do: 'announce', routes }),
    withdraw: (prefixes) => tell({ do: 'withdraw', prefixes }),
    complete: () => tell({ do: 'complete' }),
    established: (timeoutMs = LONG_MS) => alive(`our session with ${name}`, () => view().established, { timeoutMs }),
    signal,
    kill,
  }
}

/** A program of ours in a namespace. */
type Program = {
  readonly tell: (order: PeerCommand | NodeCommand) => void
  readonly of: <Kind extends PeerFact['kind']>(kind: Kind) => Extract<PeerFact, { kind: Kind }>[]
  /** Waits for what it tells; in vain once it has ended, and says so at once. */
  readonly alive: <T>(what: string, check: () => T | undefined | false, options?: WaitOptions) => Promise<T>
  readonly signal: (signal: NodeJS.Signals) => void
  readonly kill: () => Promise<void>
}

/** @param first what it is told first */
function startProgram(namespace: string, program: string, first: PeerCommand | NodeCommand): Program {
  const [command = '', ...before] = inNamespace(namespace)
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    command,
    [...before, 'setpriv', '--pdeathsig', 'KILL', process.execPath, '--conditions=source', program],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  // A killed one reads no more.
  child.stdin.on('error', () => {})
  const exited = once(child, 'exit')
  const end: { why?: string } = {}
  child.on('exit', (code, signal) => (end.why = `our process ended by itself: ${signal ?? `status ${code}`}`))
  const facts: PeerFact[] = []
  createInterface({ input: child.stdout }).on('line', (line) => facts.push(JSON.parse(line) as PeerFact))
  const tell: Program['tell'] = (order) => void child.stdin.write(`${JSON.stringify(order)}\n`)
  const background = (): string =>
    facts
      .slice(-8)
      .map((fact) => JSON.stringify(fact))
      .join('\n')
  tell(first)
  return {
    tell,
    of: <Kind extends PeerFact['kind']>(kind: Kind) =>
      facts.filter((fact): fact is Extract<PeerFact, { kind: Kind }> => fact.kind === kind),
    alive: async (what, check, options = {}) => {
      const look = () => (end.why === undefined ? wrapped(check()) : { dead: end.why })
      const found = await waitFor(what, look, { background, ...options })
      if ('dead' in found) throw new Error(`${found.dead} (while waiting for ${what})`)
      return found.value
    },
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
