import { compareAllClaims, tellRecord } from './claims.ts'
import { touch } from './life.ts'
import type { MessageBody } from './message.ts'
import { nextToken, send } from './outbox.ts'
import { isBootOf, isLiving, type Peer } from './peer.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { assembleRecord, recordAssembly, type RecordPart } from './record-parts.ts'
import type { NodeRecord } from './record.ts'
import type { MembershipState, Turn } from './state.ts'
import { countDrop } from './tally.ts'
import { offer } from './transfers.ts'

/** Takes over the own record, and sends it to all if it has changed. */
export function publish(turn: Turn, record: NodeRecord): void {
  const { state } = turn
  const bytes = encodeRecord(record)
  if (state.own.version > 0 && Buffer.compare(bytes, state.own.bytes) === 0) return
  state.own = { version: state.own.version + 1, record, bytes }
  compareAllClaims(turn)
  const living = [...state.peers.values()].filter(isLiving)
  offer(state, ownRecord(state), living)
}

const ownRecord = ({ self, own }: MembershipState) => ({ node: self.node, boot: self.boot, ...own })

/** A version of a peer's record is known to exist. */
export function noteVersion({ state }: Turn, peer: Peer, version: number): void {
  if (version > peer.version) {
    peer.version = version
    peer.pulls = 0
    touch({ state }, peer)
  }
  if (!isInStep(peer)) state.wanting.add(peer)
}

/** Whether the newest record of a peer is held. Before its first beat nobody knows which that is. */
export function isInStep({ held, version, beatCounter }: Peer): boolean {
  return beatCounter >= 0 && (held?.version ?? 0) >= version
}

/** A peer itself says that its record is older than the one held: that one was not its own. */
export function distrust(turn: Turn, peer: Peer, version: number): void {
  if (version >= peer.version) return
  peer.version = version
  peer.assembly = undefined
  if (isInStep(peer) && peer.held?.version !== version) drop(turn, peer)
  if (!isInStep(peer)) turn.state.wanting.add(peer)
}

/** The record is not held any more. */
export function drop(turn: Turn, peer: Peer): void {
  peer.held = undefined
  touch(turn, peer)
  tellRecord(turn, peer)
}

/** Asks for records that are behind: first their owner, then by turns anybody, for all hold all. */
export function pull(turn: Turn): void {
  const { state, config, at } = turn
  let waiting = 0
  for (const peer of state.wanting) {
    if (waiting >= config.pullLimit) break
    if (!isLiving(peer) || isInStep(peer)) {
      state.wanting.delete(peer)
      continue
    }
    waiting += 1
    if (at < peer.pullAt) continue
    peer.pullAt = at + config.pullMs
    askFor(turn, peer)
  }
}

function askFor(turn: Turn, peer: Peer): void {
  const have = peer.held?.version ?? 0
  // Its answer is a beat, which says what there is to ask for.
  if (have >= peer.version) send(turn, peer, { kind: 'probe', token: nextToken(turn.state) })
  else send(turn, serverOf(turn.state, peer), { kind: 'pull', node: peer.node, have })
  peer.pulls += 1
}

/** When `pull` has something to do. */
export function pullAt({ wanting }: MembershipState, { pullLimit }: { readonly pullLimit: number }): number {
  let due = Number.POSITIVE_INFINITY
  let seen = 0
  for (const peer of wanting) {
    if (seen >= pullLimit) break
    seen += 1
    due = Math.min(due, peer.pullAt)
  }
  return due
}

function serverOf({ peers, random }: MembershipState, owner: Peer): Peer {
  if (owner.pulls % 2 === 0) return owner
  const living = [...peers.values()].filter(isLiving)
  return living[Math.floor(random() * living.length)] ?? owner
}

/** Somebody asks for a record. Those of the dead are of no use to anybody. */
export function serve({ state }: Turn, asker: Peer, { node, have }: Extract<MessageBody, { kind: 'pull' }>): void {
  const record = node === state.self.node ? ownRecord(state) : heldRecord(state, node)
  if (record !== undefined && record.version > have) offer(state, record, [asker])
}

function heldRecord({ peers }: MembershipState, node: string) {
  const peer = peers.get(node)
  if (peer?.boot === undefined || peer.held === undefined || !isLiving(peer)) return undefined
  return { node, boot: peer.boot, version: peer.held.version, bytes: peer.held.bytes }
}

/** A part of somebody's record, from whoever holds it. */
export function takePart(turn: Turn, part: RecordPart): void {
  const peer = turn.state.peers.get(part.node)
  if (peer === undefined || !isBootOf(peer, part.boot) || part.version <= (peer.held?.version ?? 0)) return
  peer.assembly ??= recordAssembly()
  const assembled = assembleRecord(peer.assembly, part)
  if (assembled.kind === 'refused') {
    if (assembled.reason === 'Misfit') countDrop(turn.state.tally, 'Misfit')
    return
  }
  peer.pullAt = turn.at + turn.config.pullMs
  noteVersion(turn, peer, part.version)
  if (assembled.kind === 'whole') take(turn, peer, assembled.version, assembled.bytes)
}

/** What cannot be read is thrown away with its parts: somebody else may send it whole. */
function take(turn: Turn, peer: Peer, version: number, bytes: Uint8Array): void {
  peer.assembly = undefined
  const record = decodeRecord(bytes)
  if (!record.ok) {
    countDrop(turn.state.tally, 'Malformed')
    return
  }
  peer.held = { version, record: record.value, bytes }
  touch(turn, peer)
  tellRecord(turn, peer)
}

/** A member that has been dead for long will not come back with the record it had. */
export function forgetOldRecords({ state, config, at }: Turn): void {
  for (const peer of state.peers.values()) {
    if (peer.held === undefined || isLiving(peer) || at < peer.changedAt + config.keepDeadMs) continue
    peer.held = undefined
    peer.version = 0
    peer.view = undefined
  }
}
