import type { NewsEntry } from './message.ts'
import { packNews } from './message-codec.ts'
import { entryOf, ownEntry } from './news.ts'
import { send } from './outbox.ts'
import { isLiving, type Peer } from './peer.ts'
import { hashText } from './rendezvous.ts'
import type { MembershipState, Turn } from './state.ts'
import { isMesh } from './watching.ts'

/** Where not everybody hears everybody, a member compares with another at random what they know, and both learn. */
export function sendDigest(turn: Turn): void {
  const { state, config, at } = turn
  if (at < state.digestAt) return
  // Not all at the same time, for ever.
  state.digestAt = at + config.digestMs * (0.75 + state.random() / 2)
  if (isMesh(state, config)) return
  const living = [...state.peers.values()].filter(isLiving)
  const peer = living[Math.floor(state.random() * living.length)]
  if (peer !== undefined) ask(turn, peer)
}

function ask(turn: Turn, peer: Peer): void {
  peer.digestAt = turn.at
  send(turn, peer, { kind: 'digest', hash: digestOf(turn.state) })
}

/** On a difference the table goes back, and a digest with it, so that the other's table comes too. */
export function takeDigest(turn: Turn, from: Peer, hash: Uint8Array): void {
  const { state, at, config } = turn
  if (Buffer.compare(hash, digestOf(state)) === 0) return
  const isReply = at < from.digestAt + config.digestMs / 2
  for (const news of packNews(state.self.node, tableOf(state))) send(turn, from, news)
  if (!isReply) ask(turn, from)
}

function tableOf(state: MembershipState): NewsEntry[] {
  return [ownEntry(state), ...[...state.peers.values()].flatMap((peer) => entryOf(peer) ?? [])]
}

/** 8 bytes for all that is known of the members, in whatever order it was learnt. */
function digestOf(state: MembershipState): Uint8Array {
  let [high, low] = [0, 0]
  for (const entry of tableOf(state)) {
    const hash = entryHash(entry)
    high = (high + hash) | 0
    low = (low + Math.imul(hash ^ 0x5bd1e995, 0x9e3779b1)) | 0
  }
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setInt32(0, high)
  bytes.setInt32(4, low)
  return new Uint8Array(bytes.buffer)
}

function entryHash({ node, boot, incarnation, status, version }: NewsEntry): number {
  const bytes = boot.reduce((hash, byte) => Math.imul(hash, 31) + byte, 7) | 0
  return hashText(`${node} ${bytes} ${incarnation} ${status} ${version}`)
}
