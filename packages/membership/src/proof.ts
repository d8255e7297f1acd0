import { sameBytes } from '@steelyard/net'
import { beatBody } from './beats.ts'
import { CHALLENGE_BYTES } from './constants.ts'
import { replaceBoot } from './life.ts'
import type { Message } from './message.ts'
import { send } from './outbox.ts'
import { isBootOf, type Peer } from './peer.ts'
import { acceptCounter } from './replay-window.ts'
import type { Turn } from './state.ts'

/** A nonce is asked for so many intervals long; then a fresh one, so that an answer is always a recent one. */
const NONCE_INTERVALS = 10
/** A challenge that is not answered is repeated so often, an interval apart. */
const TRIES = 4

/**
 * Asks the node that a boot claims to be, at its roster address, to prove that it lives now: at most once an interval.
 * A boot is not bound to the nonce: whoever replays packets of an earlier boot cannot keep the present one out.
 */
export function challenge(turn: Turn, peer: Peer): void {
  const { at, config } = turn
  const before = peer.challenge
  if (before !== undefined && at < before.sentAt + config.intervalMs) return
  const isFresh = before !== undefined && at < before.since + NONCE_INTERVALS * config.intervalMs
  const { nonce, since } = isFresh ? before : { nonce: newNonce(turn), since: at }
  peer.challenge = { nonce, since, sentAt: at, triesLeft: TRIES }
  turn.state.challenged.add(peer)
  turn.state.challengeAt = Math.min(turn.state.challengeAt, at + config.intervalMs)
  send(turn, peer, { kind: 'challenge', nonce })
}

/** Challenges and their answers may be lost, and a peer that need not beat for this node would not be heard again soon. */
export function challengeAgain(turn: Turn): void {
  const { state, at, config } = turn
  if (at < state.challengeAt) return
  state.challengeAt = Number.POSITIVE_INFINITY
  for (const peer of state.challenged) {
    const open = peer.challenge
    if (open === undefined || open.triesLeft === 0) {
      state.challenged.delete(peer)
      continue
    }
    if (at >= open.sentAt + config.intervalMs) {
      peer.challenge = { ...open, sentAt: at, triesLeft: open.triesLeft - 1 }
      send(turn, peer, { kind: 'challenge', nonce: open.nonce })
    }
    state.challengeAt = Math.min(state.challengeAt, (peer.challenge ?? open).sentAt + config.intervalMs)
  }
}

function newNonce({ state }: Turn): Uint8Array {
  return Uint8Array.from({ length: CHALLENGE_BYTES }, () => Math.floor(state.random() * 256))
}

/** Answers a challenge, at most twice an interval: it may be a replayed one. The beat says what the proof does not. */
export function prove(turn: Turn, peer: Peer, nonce: Uint8Array): void {
  const { at, config } = turn
  if (at < peer.provedAt + config.intervalMs / 2) return
  peer.provedAt = at
  send(turn, peer, { kind: 'proof', nonce })
  send(turn, peer, beatBody(turn.state))
}

/** @returns whether the proof made the boot the node's present one */
export function acceptProof(
  turn: Turn,
  peer: Peer,
  proof: { boot: Uint8Array; counter: number; nonce: Uint8Array },
): boolean {
  if (peer.challenge === undefined || !sameBytes(peer.challenge.nonce, proof.nonce)) return false
  replaceBoot(turn, peer, proof.boot)
  if (peer.window !== undefined) acceptCounter(peer.window, proof.counter)
  return true
}

/** What an unproven boot may say: it asks for a proof, or it gives one. @returns a reason to count it as dropped */
export function receiveUnproven(
  turn: Turn,
  peer: Peer,
  { boot, counter, message }: { boot: Uint8Array; counter: number; message: Message },
): string | undefined {
  if (message.kind === 'proof') {
    return acceptProof(turn, peer, { boot, counter, nonce: message.nonce }) ? undefined : 'UnprovenBoot'
  }
  if (message.kind === 'challenge') prove(turn, peer, message.nonce)
  if (!isBootOf(peer, boot)) challenge(turn, peer)
  return message.kind === 'challenge' ? undefined : 'UnprovenBoot'
}
