import { type MembershipConfig, missedAfterMs, suspectAfterMs } from './config.ts'
import { NEVER_HEARD } from './constants.ts'
import { setStatus, touch } from './life.ts'
import type { MessageBody } from './message.ts'
import { spread } from './news.ts'
import { nextToken, send, sendAll } from './outbox.ts'
import { isBootOf, isLiving, type Peer, type Suspicion } from './peer.ts'
import type { Turn } from './state.ts'
import { otherWatchers } from './watching.ts'

/** How often a suspect and its watchers are asked before the verdict. */
const ROUNDS = 3
/** So many watchers that agree, this node among them, need not wait for the suspect. */
const QUORUM = 3

/** Judges those this node watches. Who has no link of its own to hear by judges nobody. */
export function judge(turn: Turn): void {
  if (!turn.state.hasCarrier) return
  for (const peer of turn.state.watched) {
    if (!isLiving(peer)) continue
    if (peer.suspicion !== undefined) pursue(turn, peer, peer.suspicion)
    else if (suspectAt(peer, turn.config) <= turn.at) suspect(turn, peer)
  }
}

/** When `judge` has something to do with a peer. */
export function judgeAt(peer: Peer, config: MembershipConfig): number {
  if (!isLiving(peer)) return Number.POSITIVE_INFINITY
  const { suspicion } = peer
  if (suspicion === undefined) return suspectAt(peer, config)
  return suspicion.since + (suspicion.rounds * config.confirmMs) / ROUNDS
}

function suspectAt(peer: Peer, config: MembershipConfig): number {
  return peer.isIndirect ? peer.recheckAt : peer.heardAt + suspectAfterMs(config)
}

function suspect(turn: Turn, peer: Peer): void {
  const asked = new Set(otherWatchers(turn, peer).map(({ node }) => node))
  const suspicion: Suspicion = { since: turn.at, asked, answers: new Map(), rounds: 0 }
  if (!peer.isIndirect) setStatus(turn, peer, 'suspect')
  peer.suspicion = suspicion
  pursue(turn, peer, suspicion)
}

function pursue(turn: Turn, peer: Peer, suspicion: Suspicion): void {
  const { at, config } = turn
  if (at < suspicion.since + (suspicion.rounds * config.confirmMs) / ROUNDS) return
  if (suspicion.rounds >= ROUNDS) conclude(turn, peer, suspicion)
  else inquire(turn, peer, suspicion)
}

function inquire(turn: Turn, peer: Peer, suspicion: Suspicion): void {
  const { state } = turn
  suspicion.rounds += 1
  send(turn, peer, { kind: 'probe', token: nextToken(state) })
  if (peer.boot === undefined) return
  const asked = [...suspicion.asked].flatMap((node) => state.peers.get(node) ?? [])
  sendAll(turn, asked, { kind: 'ask', node: peer.node, boot: peer.boot, incarnation: peer.incarnation })
}

/** Time is up: it lives if at least half of those who answered hear it. One that nobody hears is dead. */
function conclude(turn: Turn, peer: Peer, { answers }: Suspicion): void {
  const hearing = [...answers.values()].filter(Boolean).length
  if (hearing === 0 || hearing * 2 < answers.size) {
    declareDead(turn, peer)
    return
  }
  peer.suspicion = undefined
  peer.recheckAt = turn.at + turn.config.recheckMs
  peer.isIndirect = true
  touch(turn, peer)
  setStatus(turn, peer, 'alive')
}

/** A verdict of this node's own is told to everybody, and to the dead itself, who may object. */
function declareDead(turn: Turn, peer: Peer): void {
  setStatus(turn, peer, 'dead')
  spread(turn, peer)
}

/** "Have you heard it?" Only who watches it can tell, or who has found it dead. */
export function answer(turn: Turn, asker: Peer, asked: Extract<MessageBody, { kind: 'ask' }>): void {
  const { state, at } = turn
  const peer = state.peers.get(asked.node)
  if (peer === undefined || !isBootOf(peer, asked.boot) || !state.hasCarrier) return
  const isGone = peer.status === 'dead' || peer.status === 'left'
  if (!isGone && !state.watched.includes(peer)) return
  // It may have been heard in the very stretch of time that was then found not to count (`lostMs`): later than now.
  const silentMs = isGone ? NEVER_HEARD : Math.max(0, Math.round(at - peer.heardAt))
  const { node, boot, incarnation } = peer
  const told = { node, boot: boot ?? asked.boot, incarnation, silentMs: silentMs < NEVER_HEARD ? silentMs : undefined }
  send(turn, asker, { kind: 'answer', ...told })
}

export function takeAnswer(turn: Turn, from: Peer, given: Extract<MessageBody, { kind: 'answer' }>): void {
  const peer = turn.state.peers.get(given.node)
  const suspicion = peer?.suspicion
  if (peer === undefined || suspicion === undefined || !suspicion.asked.has(from.node)) return
  if (!isBootOf(peer, given.boot) || given.incarnation < peer.incarnation) return
  suspicion.answers.set(from.node, given.silentMs !== undefined && given.silentMs < missedAfterMs(turn.config))
  if (isAgreed(suspicion) && turn.state.hasCarrier) declareDead(turn, peer)
}

function isAgreed({ asked, answers }: Suspicion): boolean {
  const agreeing = 1 + [...answers.values()].filter((hears) => !hears).length
  return agreeing >= QUORUM && agreeing * 2 > asked.size + 1
}
