import type { MemberView, NodeRecord, Standing } from '@steelyard/membership'
import type { Logger } from '@steelyard/program'
import type { Clock } from '@steelyard/runtime'
import { type ClaimBook, claimBook, noteRecord } from './decide/claim-book.ts'
import { livingNodes } from './decide/living-nodes.ts'

/** What this node knows of the other speakers. */
export type Peers = {
  /** False where speakers do not talk to each other: then every known node counts as alive, and nobody claims anything. */
  readonly isOn: boolean
  /** The nodes whose speakers may own addresses, this one among them. */
  readonly living: () => ReadonlySet<string>
  /** Whether what the others have is known, so that something new may be taken. */
  readonly isSettled: () => boolean
  /** Since when at least half of the last agreed members have been heard again; undefined when they are not. */
  readonly majoritySince: () => number | undefined
  readonly book: ClaimBook
  readonly recordOf: (node: string) => NodeRecord | undefined
  /** `since` is on this thread's clock. */
  readonly members: () => readonly MemberView[]
  readonly standing: () => Standing
}

/** What the link worker heard. */
export type Hearing = {
  readonly onMembers: (view: MembersView) => void
  readonly onRecord: (node: string, record: NodeRecord | undefined) => void
  /** A node sends what cannot be opened: it has another key. */
  readonly onUnreadable: (node: string) => void
  /** Nodes, or the Pods of speakers, changed. */
  readonly recheck: () => void
}

export type MembersView = {
  readonly members: readonly MemberView[]
  readonly standing: Standing
  readonly majority: boolean
}

export type PeersPorts = {
  readonly self: string
  readonly isOn: boolean
  readonly knownNodes: () => Iterable<string>
  /** The nodes whose speakers' Pods are Ready, as the API says. */
  readonly readySpeakers: () => ReadonlySet<string>
  readonly clock: Clock
  readonly log: Logger
  /** Who is alive changed, or whether anything may be taken. */
  readonly onLiving: () => void
  /** Somebody claims something else, or says something else of himself. */
  readonly onRecord: () => void
}

type Since = { readonly there: number; readonly here: number }

type State = {
  readonly ports: PeersPorts
  readonly book: ClaimBook
  view: MembersView
  /** By node, since when its status holds: on the worker's clock, and on this thread's. */
  heardSince: ReadonlyMap<string, Since>
  living: ReadonlySet<string>
  majoritySince: number | undefined
  isDeafTold: boolean
  /** Nodes that were told to be unreadable. */
  readonly unreadable: Set<string>
  /** Until when nothing new is taken. */
  patientUntil: number
}

/** Follows what the link worker hears of the other speakers. */
export function followPeers(ports: PeersPorts): Peers & Hearing {
  const state: State = {
    ports,
    book: claimBook(),
    view: { members: [], standing: ports.isOn ? 'settling' : 'settled', majority: !ports.isOn },
    heardSince: new Map(),
    living: new Set([ports.self]),
    majoritySince: Number.NEGATIVE_INFINITY,
    isDeafTold: false,
    unreadable: new Set(),
    patientUntil: Number.NEGATIVE_INFINITY,
  }
  return {
    isOn: ports.isOn,
    living: () => state.living,
    isSettled: () => isSettled(state),
    majoritySince: () => state.majoritySince,
    book: state.book,
    recordOf: (node) => state.book.records.get(node),
    members: () => state.view.members,
    standing: () => state.view.standing,
    onMembers: (view) => takeMembers(state, view),
    onRecord: (node, record) => {
      noteRecord(state.book, node, record)
      if (look(state)) ports.onLiving()
      ports.onRecord()
    },
    onUnreadable: (node) => noteUnreadable(state, node),
    recheck: () => {
      if (look(state)) ports.onLiving()
    },
  }
}

function isSettled({ view, patientUntil, ports }: State): boolean {
  return view.standing === 'settled' && ports.clock.now() >= patientUntil
}

/** The worker tells it each second: when nothing more has come for so long, it is over. */
const UNREADABLE_MS = 3000

/**
 * A node that was never heard sends what cannot be opened. It is alive, and was started before a new key was there, or
 * this one after: what it has is not known, so nothing is taken. A member that is known has shown its key,
 * and somebody else speaks from its address.
 */
function noteUnreadable(state: State, node: string): void {
  const { view, ports, unreadable } = state
  if (view.members.some((member) => member.node === node && member.status !== 'unknown')) return
  if (!unreadable.has(node)) {
    const message = `the speaker of ${node} has another key: until both have the same, nothing new is taken here`
    ports.log.warn(message, { op: 'membership', reason: 'WrongKey' })
    unreadable.add(node)
  }
  state.patientUntil = ports.clock.now() + UNREADABLE_MS
  ports.clock.wakeAt(state.patientUntil, ports.onLiving)
}

function takeMembers(state: State, view: MembersView): void {
  const { ports, view: before } = state
  state.heardSince = new Map(view.members.map((member) => [member.node, heardSince(member, state)]))
  state.view = { ...view, members: view.members.map((member) => ({ ...member, since: hereSince(member, state) })) }
  if (!view.majority) state.majoritySince = undefined
  else state.majoritySince ??= ports.clock.now()
  if (view.standing !== before.standing) {
    ports.log.info(`this speaker is ${view.standing}`, { op: 'membership', before: before.standing })
  }
  const isNew = look(state)
  if (isNew || view.standing !== before.standing || view.majority !== before.majority) ports.onLiving()
}

/** The worker has a clock of its own: when it says something else of a member, that is since now. */
function heardSince({ node, since }: MemberView, { ports, heardSince: before }: State): Since {
  const known = before.get(node)
  return known?.there === since ? known : { there: since, here: ports.clock.now() }
}

function hereSince({ node, since }: MemberView, state: State): number {
  return state.heardSince.get(node)?.here ?? since
}

/**
 * Only the records of the living count, and they are told before the list of who lives: whoever has one lives
 * already. Otherwise what it claims would for a moment be the claim of a node that may own nothing.
 * @returns whether somebody came or went
 */
function look(state: State): boolean {
  const { ports, book, living: before } = state
  const { living: listed, isDeaf } = livingNodes({
    self: ports.self,
    isOn: ports.isOn,
    members: state.view.members,
    knownNodes: ports.knownNodes(),
    readySpeakers: ports.readySpeakers(),
  })
  const living = new Set([...listed, ...book.records.keys()])
  tellDeafness(state, isDeaf)
  if (living.size === before.size && [...living].every((node) => before.has(node))) return false
  state.living = living
  const came = [...living].filter((node) => !before.has(node))
  const went = [...before].filter((node) => !living.has(node))
  ports.log.info(`${living.size} nodes have a live speaker`, { op: 'liveness', came, went })
  return true
}

function tellDeafness(state: State, isDeaf: boolean): void {
  if (isDeaf && !state.isDeafTold && state.view.standing === 'settled') {
    const message =
      'no other speaker is heard, although the API says that there are some: is UDP between the nodes let through on the port of membership, and has every speaker the same key? Until one is heard, the API is believed'
    state.ports.log.warn(message, { op: 'membership', reason: 'NobodyHeard' })
  }
  state.isDeafTold = isDeaf && state.view.standing === 'settled'
}
