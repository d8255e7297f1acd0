import { beatBody } from './beats.ts'
import { revive, setStatus } from './life.ts'
import type { NewsEntry } from './message.ts'
import { send, sendAll } from './outbox.ts'
import { isBootOf, isLiving, isRetired, type Peer } from './peer.ts'
import { challenge } from './proof.ts'
import { noteVersion } from './records.ts'
import { beginDoubt } from './standing.ts'
import type { MembershipState, Turn } from './state.ts'
import { sameBytes } from '@steelyard/net'

/** Who has heard a node within so many intervals does not believe that it is dead. */
const FRESH_INTERVALS = 2

/** What this node says of a peer; undefined as long as it knows nothing. */
export function entryOf({ node, boot, incarnation, status, version }: Peer): NewsEntry | undefined {
  if (boot === undefined || status === 'unknown') return undefined
  return { node, boot, incarnation, status: status === 'suspect' ? 'alive' : status, version }
}

export function ownEntry({ self, incarnation, own }: MembershipState): NewsEntry {
  return { node: self.node, boot: self.boot, incarnation, status: 'alive', version: own.version }
}

/** Tells everybody what has become of a peer, and the peer itself. */
export function spread(turn: Turn, peer: Peer): void {
  const entry = entryOf(peer)
  if (entry === undefined) return
  const others = [...turn.state.peers.values()].filter((other) => other !== peer && isLiving(other))
  sendAll(turn, [...others, peer], { kind: 'news', entries: [entry] })
}

/** A dead node that still speaks is told so, at most once an interval: it will raise its incarnation. */
export function tellItsDeath(turn: Turn, peer: Peer): void {
  const entry = entryOf(peer)
  if (entry === undefined || turn.at < peer.toldAt + turn.config.intervalMs) return
  peer.toldAt = turn.at
  send(turn, peer, { kind: 'news', entries: [entry] })
}

export function takeNews(turn: Turn, from: Peer, entries: readonly NewsEntry[]): void {
  for (const entry of entries) {
    if (entry.node === turn.state.self.node) {
      refute(turn, from, entry)
      continue
    }
    const peer = turn.state.peers.get(entry.node)
    if (peer === undefined || isRetired(peer, entry.boot)) continue
    if (isBootOf(peer, entry.boot)) takeEntry(turn, peer, entry)
    else if (entry.status === 'alive') challenge(turn, peer)
  }
}

function takeEntry(turn: Turn, peer: Peer, { status, incarnation, version }: NewsEntry): void {
  if (status === 'alive') {
    if (incarnation > peer.incarnation) rise(turn, peer, incarnation)
    if (incarnation === peer.incarnation) noteVersion(turn, peer, version)
    return
  }
  if (incarnation < peer.incarnation || !isLiving(peer)) return
  const isFresh = turn.at - peer.heardAt < FRESH_INTERVALS * turn.config.intervalMs
  if (status === 'dead' && isFresh) return
  peer.incarnation = incarnation
  setStatus(turn, peer, status)
  // Also by those who did not judge: should it be alive, one of them at least will reach it.
  if (status === 'dead') tellItsDeath(turn, peer)
}

function rise(turn: Turn, peer: Peer, incarnation: number): void {
  if (isLiving(peer)) peer.incarnation = incarnation
  else revive(turn, peer, incarnation)
}

/**
 * This node is said to be dead. It is not: it raises its incarnation and says so at once. But others may have taken
 * what it had, and it has not heard of it.
 */
function refute(turn: Turn, from: Peer, { boot, incarnation, status }: NewsEntry): void {
  const { state } = turn
  if (status === 'alive' || !sameBytes(boot, state.self.boot) || incarnation < state.incarnation) return
  state.incarnation = incarnation + 1
  const living = [...state.peers.values()].filter((peer) => peer !== from && isLiving(peer))
  sendAll(turn, [from, ...living], beatBody(state))
  beginDoubt(turn)
}
