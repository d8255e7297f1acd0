import type { MessageBody } from './message.ts'
import { sendAll } from './outbox.ts'
import { isLiving, type Peer } from './peer.ts'
import type { MembershipConfig } from './config.ts'
import type { MembershipState, Turn } from './state.ts'

export function beatBody({ incarnation, own }: MembershipState): Extract<MessageBody, { kind: 'beat' }> {
  return { kind: 'beat', incarnation, version: own.version, leaving: own.record?.draining === true }
}

/** A beat to all who watch this node, and now and then one to each who is no member: it may come (back). */
export function beat(turn: Turn): void {
  const { state, config, at } = turn
  if (at < state.beatAt) return
  const next = state.beatAt + config.intervalMs
  state.beatAt = next > at ? next : at + config.intervalMs
  state.beatNumber += 1
  sendAll(turn, listeners(state, config, at), beatBody(state))
}

function listeners(state: MembershipState, config: MembershipConfig, at: number): Iterable<Peer> {
  const to = new Set(state.watchers)
  if (to.size === state.peers.size) return to
  const every = Math.max(1, Math.round(config.strangerMs / config.intervalMs))
  const isSmall = state.peers.size < config.meshLimit
  for (const peer of state.peers.values()) {
    const isTurn = !isLiving(peer) && (peer.hash + state.beatNumber) % every === 0
    if (isTurn || peer.beatUntil > at || (isSmall && isMissed(peer, config, at))) to.add(peer)
  }
  return to
}

/**
 * One that died a moment ago may only have been cut off, and until it is heard both halves answer. In a large cluster
 * half of it would be beaten for in vain; there a beat a second must do.
 */
function isMissed({ status, changedAt }: Peer, { keepDeadMs }: MembershipConfig, at: number): boolean {
  return status === 'dead' && at < changedAt + keepDeadMs
}
