import type { MembershipConfig } from './config.ts'
import { isLiving, type Peer } from './peer.ts'
import { hashText, rankOf } from './rendezvous.ts'
import type { MembershipState, Turn } from './state.ts'

/** So often in an interval at most the watching follows the members: when many come at once, not for each. */
const REFRESHES = 10

/** Whether all watch all. */
export function isMesh({ living }: MembershipState, { meshLimit }: MembershipConfig): boolean {
  return living <= meshLimit
}

/** How this node ranks as a watcher of `node`. */
export function selfRankFor(state: MembershipState, node: string): number {
  return rankOf(hashText(node), state.selfHash)
}

/** Counts anew how many living members rank higher than this node as watchers of a peer that is new on the roster. */
export function countHigher(state: MembershipState, peer: Peer): void {
  peer.higher = 0
  for (const other of state.peers.values()) if (isLiving(other)) weigh(peer, other, 1)
}

/** A member has come (`by` = 1) or gone (-1): who watches whom moves. */
export function moveWatchers(state: MembershipState, moved: Peer, by: 1 | -1): void {
  state.living += by
  state.isWatchStale = true
  for (const peer of state.roster) weigh(peer, moved, by)
}

function weigh(peer: Peer, other: Peer, by: 1 | -1): void {
  if (peer !== other && rankOf(peer.hash, other.hash) > peer.selfRank) peer.higher += by
}

/**
 * Brings up to date whom this node judges and for whom it beats. Who comes under its eyes only now was not
 * heard here for reasons of its own, and begins as heard.
 */
export function refreshWatching({ state, config, at }: Turn): void {
  if (!state.isWatchStale || at < state.watchAt) return
  state.isWatchStale = false
  state.watchAt = at + config.intervalMs / REFRESHES
  const living = [...state.peers.values()].filter(isLiving)
  const mesh = isMesh(state, config)
  const before = new Set(state.watched)
  state.watched = mesh ? living : living.filter(({ higher }) => higher < config.watchers)
  for (const peer of state.watched) if (!before.has(peer)) peer.heardAt = Math.max(peer.heardAt, at)
  state.watchers = mesh ? living : highest(living, state.selfHash, config.watchers)
}

/** Who else than this node watches a peer. */
export function otherWatchers({ state, config }: Turn, peer: Peer): readonly Peer[] {
  const living = [...state.peers.values()].filter((other) => other !== peer && isLiving(other))
  return isMesh(state, config) ? living : highest(living, peer.hash, config.watchers - 1)
}

/** The first `count` choices for a key. */
function highest(peers: readonly Peer[], keyHash: number, count: number): readonly Peer[] {
  const best: { readonly peer: Peer; readonly rank: number }[] = []
  for (const peer of peers) {
    const rank = rankOf(keyHash, peer.hash)
    if (best.length >= count && rank <= (best.at(-1)?.rank ?? 0)) continue
    const place = best.findIndex((other) => other.rank < rank)
    best.splice(place < 0 ? best.length : place, 0, { peer, rank })
    if (best.length > count) best.pop()
  }
  return best.map(({ peer }) => peer)
}
