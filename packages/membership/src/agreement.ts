import { missedAfterMs } from './config.ts'
import { isLiving, type Peer } from './peer.ts'
import { type MembershipState, NO_WITNESS, type Turn } from './state.ts'
import { isMesh } from './watching.ts'

/**
 * The last agreed members are what a half is measured by. Who joins is added at once; who leaves is taken off at once;
 * the dead are taken off only by a majority, after nothing has changed for a while, so that a network that breaks
 * in several steps is measured by what it was before the first.
 */
export function updateAgreed(turn: Turn): void {
  const { state, at } = turn
  if (state.standing === 'settling') return
  if (at >= shrinkAt(turn)) state.agreed = new Set([state.self.node, ...livingNames(state)])
  askWitness(turn)
}

/** A start has nothing agreed to go by but who is there. Who must not act without a majority takes the whole roster for it. */
export function agreeFirst({ state, config }: Turn): void {
  const names = config.fencing === 'fenced' ? state.peers.keys() : livingNames(state)
  state.agreed = new Set([state.self.node, ...names])
}

const livingNames = ({ peers }: MembershipState): string[] =>
  [...peers.values()].filter(isLiving).map(({ node }) => node)

function shrinkAt(turn: Turn): number {
  const { state, config } = turn
  const isDue = state.standing === 'settled' && state.agreed.size !== state.living && hasQuorum(turn)
  return isDue ? state.changedAt + config.agreeMs : Number.POSITIVE_INFINITY
}

/**
 * Of the last agreed members, oneself included: how many are heard. Beyond the mesh most members are known to live
 * only by the word of their watchers.
 */
function heardCount(turn: Turn): number {
  if (!isMesh(turn.state, turn.config)) return turn.state.living
  let heard = 1
  for (const peer of turn.state.watched) if (isHeard(turn, peer)) heard += 1
  return heard
}

function isHeard(turn: Turn, peer: Peer): boolean {
  return isLiving(peer) && (!isMesh(turn.state, turn.config) || turn.at < unheardAt(turn, peer))
}

const unheardAt = ({ config }: Turn, peer: Peer): number => peer.heardAt + missedAfterMs(config)

/** Whether at least half of the last agreed members are heard: what is taken now is not taken by a minority. */
export function holdsMajority(turn: Turn): boolean {
  return heardCount(turn) * 2 >= turn.state.agreed.size
}

/**
 * Whether this node may go on although it must not be one of two: more than half are heard; or just half, with the
 * lowest-named among them; or, of two members, the witness is reached.
 */
export function hasQuorum(turn: Turn): boolean {
  const { state, config } = turn
  const heard = heardCount(turn)
  if (config.fencing === 'fenced' && isSampleSilent(turn)) return false
  if (heard * 2 !== state.agreed.size) return heard * 2 > state.agreed.size
  if (state.agreed.size === 2) return turn.at < witnessUntil(turn)
  const lowest = [...state.agreed].reduce((one, other) => (other < one ? other : one))
  const peer = state.peers.get(lowest)
  return lowest === state.self.node || (peer !== undefined && isHeard(turn, peer))
}

/** Beyond the mesh those under the own eyes stand for all: a half of them silent at once is a split until the verdicts are in. */
function isSampleSilent(turn: Turn): boolean {
  const { watched } = turn.state
  if (isMesh(turn.state, turn.config) || watched.length === 0) return false
  return watched.filter((peer) => turn.at >= unheardAt(turn, peer)).length * 2 >= watched.length
}

function isWitnessNeeded(turn: Turn): boolean {
  const { state, config } = turn
  return config.fencing === 'fenced' && state.agreed.size === 2 && heardCount(turn) === 1 && state.hasCarrier
}

const witnessUntil = ({ state, config }: Turn): number => state.witness.reachedAt + 2 * config.witnessMs

function askWitness(turn: Turn): void {
  const { state, config, at } = turn
  if (!isWitnessNeeded(turn)) {
    if (state.witness.reachedAt > Number.NEGATIVE_INFINITY) state.witness = NO_WITNESS
    return
  }
  if (at < state.witness.askedAt + config.witnessMs) return
  state.witness = { ...state.witness, askedAt: at }
  turn.effects.push({ kind: 'askWitness' })
}

export function takeWitness({ state, at }: Turn, reachable: boolean): void {
  state.witness = { ...state.witness, reachedAt: reachable ? at : Number.NEGATIVE_INFINITY }
}

/** When the answer to any of these may change without anything happening. */
export function agreeAt(turn: Turn): number {
  const { state, config, at } = turn
  let due = shrinkAt(turn)
  if (config.fencing !== 'fenced') return due
  if (isWitnessNeeded(turn)) due = Math.min(due, state.witness.askedAt + config.witnessMs)
  for (const peer of state.watched) {
    const silentAt = unheardAt(turn, peer)
    if (silentAt > at) due = Math.min(due, silentAt)
  }
  return due
}
