import type { BgpPeer, SpeakerConfig } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Cancel, type Clock, sleep } from '@steelyard/runtime'
import { tellDisagreement, tellWithheld } from '../announcement-log.ts'
import { type BgpBook, bgpBook, type BgpServiceChange } from '../decide/bgp/book.ts'
import { type Departure, depart, HERE } from '../decide/bgp/departure.ts'
import type { BgpFacts } from '../decide/bgp/facts.ts'
import type { ObservedSession } from '../report.ts'
import type { BgpPort } from './ports.ts'
import { gathered, observedSession } from './session-news.ts'
import { type BgpSessions, bgpSessions } from './sessions.ts'

/** BGP on this node: what is announced, to whom, and the sessions it is announced by. */
export type Bgp = {
  /** What is known of a Service; it is told to routers by `flush`. */
  readonly setService: (key: string, facts: BgpFacts | undefined) => void
  /** The configuration, or what is known of this node, is another. Flushes. */
  readonly reckon: (world: BgpWorld) => void
  /** Tells routers at once what has been set. */
  readonly flush: () => void
  readonly sessions: BgpSessions
  readonly book: Pick<BgpBook, 'announced' | 'withheldOf'>
  /** Announces what there is as going (RFC 8326), then ends all sessions. Routers that know graceful restart hear nothing of it. */
  readonly leave: () => Promise<void>
  /** How long `leave` lets routers turn away. */
  readonly leavingMs: () => number
}

export type BgpWorld = {
  /** Undefined before there is one. */
  readonly config: SpeakerConfig | undefined
  readonly networkUnavailable: boolean
  /** Labelled to be left out by load balancers, and that counts. */
  readonly excluded: boolean
  /** In maintenance. */
  readonly draining: boolean
  /** Whether all of the cluster is known: until then what is announced may not be everything. */
  readonly isComplete: boolean
  readonly isDeletedPeer: (name: string) => boolean
}

export type BgpPorts = {
  readonly port: BgpPort
  readonly clock: Clock
  readonly log: Logger
  readonly node: string
  /** Services that are announced otherwise than before, and why those that are not are not. */
  readonly onServices: (changes: ReadonlyMap<string, BgpServiceChange>) => void
  /** All is known, for the first time. */
  readonly onComplete: () => void
  /** Sessions are otherwise than before. */
  readonly onSessions: (sessions: readonly ObservedSession[]) => void
  readonly onWantedLinks: () => void
}

type State = {
  readonly ports: BgpPorts
  readonly book: BgpBook
  readonly sessions: BgpSessions
  world: BgpWorld
  /** As last handed to the sessions. */
  peers: readonly BgpPeer[]
  departure: Departure
  cancel: Cancel | undefined
  isComplete: boolean
  isStopping: boolean
  isOver: boolean
}

const NOTHING_KNOWN: BgpWorld = {
  config: undefined,
  networkUnavailable: false,
  excluded: false,
  draining: false,
  isComplete: false,
  isDeletedPeer: () => false,
}

const NO_PEERS: readonly BgpPeer[] = []

export function startBgp(ports: BgpPorts): Bgp {
  const book = bgpBook()
  const onView = gathered(ports.clock, () => ports.onSessions(sessions.slots().map(observedSession)))
  const sessions = bgpSessions({ ...ports, onView, routesOf: book.routesOf })
  const state: State = {
    ports,
    book,
    sessions,
    world: NOTHING_KNOWN,
    peers: NO_PEERS,
    departure: HERE,
    cancel: undefined,
    isComplete: false,
    isStopping: false,
    isOver: false,
  }
  return {
    setService: book.setService,
    reckon: (world) => {
      state.world = world
      reckon(state)
    },
    flush: () => flush(state),
    sessions,
    book,
    leave: () => leave(state),
    leavingMs: () => leavingMs(state),
  }
}

function reckon(state: State): void {
  const { ports, book, world } = state
  const { config, networkUnavailable, excluded, draining } = world
  if (state.isOver) return
  const peers = config?.bgpPeers ?? NO_PEERS
  decideDeparture(state, peers)
  const isGone = state.departure.phase === 'gone'
  book.setRules({
    node: ports.node,
    advertisements: config?.bgpAdvertisements ?? [],
    peers,
    networkUnavailable,
    excluded: excluded && isGone,
    maintenance: draining && isGone,
  })
  flush(state)
  setPeers(state, peers)
  complete(state)
}

/** A pass is made for each change of the cluster, and hardly any of them is about peers. */
function setPeers(state: State, peers: readonly BgpPeer[]): void {
  if (peers === state.peers) return
  state.peers = peers
  state.sessions.setPeers(peers, state.world.isDeletedPeer)
}

function complete(state: State): void {
  const { ports, sessions, world, isComplete } = state
  if (isComplete || !world.isComplete || world.config === undefined) return
  state.isComplete = true
  sessions.complete()
  ports.onComplete()
}

function decideDeparture(state: State, peers: readonly BgpPeer[]): void {
  const { ports, book, world } = state
  state.departure = depart(state.departure, {
    isWanted: world.excluded || world.draining || state.isStopping,
    announces: book.announced.size > 0,
    durationMs: longestShutdown(peers),
    now: ports.clock.now(),
  })
  book.setLeaving(state.departure.phase === 'leaving')
}

function longestShutdown(peers: readonly BgpPeer[]): number {
  return Math.max(0, ...peers.map(({ policy }) => policy.gracefulShutdownMs))
}

/** Nothing of it waits: routers are told first, then the API. */
function flush(state: State): void {
  const { ports, book, sessions } = state
  sessions.change(book.takeChanges(ports.clock.now()))
  for (const one of book.takeDisagreements()) tellDisagreement(one, ports.log)
  const services = book.takeServices()
  if (services.size > 0) ports.onServices(services)
  for (const [key, why] of book.takeWithheld()) tellWithheld(key, why, { log: ports.log, protocol: 'bgp' })
  lookAgain(state)
}

function lookAgain(state: State): void {
  const { ports, book, departure } = state
  state.cancel?.()
  state.cancel = undefined
  const leavingUntil = departure.phase === 'leaving' ? departure.goneAt : Number.POSITIVE_INFINITY
  const at = Math.min(leavingUntil, book.nextDueAt() ?? Number.POSITIVE_INFINITY)
  if (at === Number.POSITIVE_INFINITY || state.isOver) return
  state.cancel = ports.clock.wakeAt(at, () => {
    if (ports.clock.now() >= leavingUntil) reckon(state)
    else flush(state)
  })
}

/** Nothing for those who keep our routes while we are away. */
function leavingMs({ book, world, departure }: State): number {
  if (departure.phase !== 'here' || book.announced.size === 0) return 0
  return longestShutdown((world.config?.bgpPeers ?? NO_PEERS).filter(({ gracefulRestart }) => !gracefulRestart))
}

async function leave(state: State): Promise<void> {
  const { ports, sessions } = state
  const waitMs = leavingMs(state)
  state.isStopping = true
  await sessions.suspend()
  if (waitMs > 0) {
    reckon(state)
    await sleep(ports.clock, waitMs)
  }
  state.isOver = true
  state.cancel?.()
  await sessions.stop()
}
