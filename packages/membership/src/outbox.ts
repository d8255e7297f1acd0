import type { MessageBody } from './message.ts'
import type { Peer } from './peer.ts'
import type { MembershipState, Turn } from './state.ts'

/**
 * Seals a message once and sends it to all of `peers` that seal with the same secret, which is nearly always all: each
 * has its own view of which counters it has seen.
 */
export function sendAll({ state, effects }: Turn, peers: Iterable<Peer>, body: MessageBody): void {
  const sealed = new Map<string | undefined, Uint8Array>()
  for (const { node, keyId } of peers) {
    const bytes = sealed.get(keyId) ?? state.wire.seal({ from: state.self.node, ...body }, keyId)
    sealed.set(keyId, bytes)
    effects.push({ kind: 'send', to: node, bytes })
    state.tally.sent += 1
  }
}

export function send(turn: Turn, peer: Peer, body: MessageBody): void {
  sendAll(turn, [peer], body)
}

export function sendOnLink({ state, effects }: Turn, link: string, body: MessageBody): void {
  effects.push({ kind: 'sendLink', link, bytes: state.wire.seal({ from: state.self.node, ...body }) })
  state.tally.sent += 1
}

export function nextToken(state: MembershipState): number {
  state.nextToken = (state.nextToken + 1) >>> 0
  return state.nextToken
}
