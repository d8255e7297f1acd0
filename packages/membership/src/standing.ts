import { agreeAt, agreeFirst, hasQuorum, holdsMajority, updateAgreed } from './agreement.ts'
import { missedAfterMs } from './config.ts'
import { nextToken, sendAll } from './outbox.ts'
import { isLiving, type Peer } from './peer.ts'
import { isInStep } from './records.ts'
import type { Standing, Turn } from './state.ts'

/** From now on this node does not trust what it knows, until every living peer has been heard afresh. */
export function beginDoubt(turn: Turn, patienceMs = turn.config.resyncMs): void {
  const { state, at } = turn
  if (state.standing === 'settling') return
  const token = nextToken(state)
  const living = [...state.peers.values()].filter(isLiving)
  const waiting = new Map<Peer, number | undefined>(living.map((peer) => [peer, undefined]))
  const until = Math.max(state.doubt?.until ?? 0, at + patienceMs)
  state.doubt = { until, token, waiting, probeAt: at }
  probeWaiting(turn)
}

/** Answers may be lost, so those who owe one are asked again. */
export function probeWaiting(turn: Turn): void {
  const { state, at, config } = turn
  const { doubt } = state
  if (doubt === undefined || at < doubt.probeAt || !state.hasCarrier) return
  doubt.probeAt = at + config.intervalMs / 2
  sendAll(turn, doubt.waiting.keys(), { kind: 'probe', token: doubt.token })
}

/**
 * A peer answers. Datagrams that waited while this node was late prove nothing, so the answer must carry the
 * token, and only a beat sealed after it says which record is the newest.
 */
export function takeProbed({ state }: Turn, peer: Peer, { token, counter }: { token: number; counter: number }): void {
  const { doubt } = state
  if (doubt?.token !== token || !doubt.waiting.has(peer)) return
  doubt.waiting.set(peer, doubt.waiting.get(peer) ?? counter)
}

/** Brings standing and majority up to date. */
export function updateStanding(turn: Turn): void {
  const { state } = turn
  updateAgreed(turn)
  const standing = standingOf(turn)
  if (state.standing === 'fenced' && standing === 'settled') {
    beginDoubt(turn)
    become(turn, 'doubting')
  } else if (standing !== state.standing) {
    become(turn, standing)
  }
  const majority = state.standing === 'settling' || holdsMajority(turn)
  if (majority !== state.hasMajority) state.isChanged = true
  state.hasMajority = majority
}

function become({ state }: Turn, standing: Standing): void {
  state.standing = standing
  state.isChanged = true
}

function standingOf(turn: Turn): Standing {
  const { state, config } = turn
  if (state.standing === 'settling') {
    if (!isSettled(turn)) return 'settling'
    agreeFirst(turn)
  }
  if (config.fencing === 'fenced' && !hasQuorum(turn)) {
    // It will doubt itself anew when it hears enough again.
    state.doubt = undefined
    return 'fenced'
  }
  return isDoubtful(turn) ? 'doubting' : 'settled'
}

function isSettled({ state, at, config }: Turn): boolean {
  if (state.rosterAt === undefined) return false
  if (at >= state.rosterAt + config.settleMs) return true
  if (state.pending !== undefined && isPending(state.pending)) return false
  for (const peer of state.peers.values()) {
    if (!isPending(peer)) continue
    state.pending = peer
    return false
  }
  return true
}

const isPending = (peer: Peer): boolean => !isLiving(peer) || !isInStep(peer)

function isDoubtful({ state, at, config }: Turn): boolean {
  if (!state.hasCarrier) return true
  if (state.doubt === undefined) return false
  const { waiting, until } = state.doubt
  for (const [peer, answered] of waiting) if (!isWaitedFor(peer, answered)) waiting.delete(peer)
  if (waiting.size > 0 && at < until) return true
  // Whoever has not answered is not heard: what is taken now may be the taking of a minority.
  for (const peer of waiting.keys()) peer.heardAt = Math.min(peer.heardAt, at - missedAfterMs(config))
  state.doubt = undefined
  return false
}

function isWaitedFor(peer: Peer, answered: number | undefined): boolean {
  if (!isLiving(peer)) return false
  return answered === undefined || peer.beatCounter < answered || !isInStep(peer)
}

/** When standing may change without anything happening. */
export function standingAt(turn: Turn): number {
  const { state, config } = turn
  const settleAt =
    state.standing === 'settling' && state.rosterAt !== undefined ? state.rosterAt + config.settleMs : undefined
  const candidates = [
    settleAt,
    state.hasCarrier ? state.doubt?.until : undefined,
    state.hasCarrier ? state.doubt?.probeAt : undefined,
  ]
  return Math.min(agreeAt(turn), ...candidates.map((at) => at ?? Number.POSITIVE_INFINITY))
}
