import { beatBody } from './beats.ts'
import { setStatus } from './life.ts'
import { sendAll } from './outbox.ts'
import { newPeer, type Peer } from './peer.ts'
import type { Turn } from './state.ts'
import { countHigher, selfRankFor } from './watching.ts'

/** Who may be a member, whole. Newcomers are greeted at once; who is off the roster is forgotten. */
export function setRoster(turn: Turn, nodes: readonly string[]): void {
  const { state, at } = turn
  const wanted = new Set(nodes.filter((node) => node !== state.self.node))
  for (const peer of state.peers.values()) if (!wanted.has(peer.node)) remove(turn, peer)
  const added: Peer[] = []
  for (const node of wanted) {
    if (state.peers.has(node)) continue
    const peer = newPeer(node, selfRankFor(state, node))
    countHigher(state, peer)
    state.peers.set(node, peer)
    added.push(peer)
  }
  state.roster = [...state.peers.values()]
  state.rosterAt ??= at
  state.isChanged = true
  sendAll(turn, added, beatBody(state))
}

function remove(turn: Turn, peer: Peer): void {
  const { state } = turn
  setStatus(turn, peer, 'unknown')
  if (state.pending === peer) state.pending = undefined
  state.peers.delete(peer.node)
  if (peer.boot !== undefined) state.wire.forget(peer.boot)
  state.agreed.delete(peer.node)
  state.wanting.delete(peer)
  state.challenged.delete(peer)
  state.doubt?.waiting.delete(peer)
  for (const link of state.links.values()) {
    link.heard.delete(peer)
    link.twoWay.delete(peer)
  }
}
