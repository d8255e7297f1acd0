import { beatBody } from './beats.ts'
import { takeDigest } from './digest.ts'
import { hear, revive, setStatus } from './life.ts'
import { hearOnLink } from './links.ts'
import type { Message } from './message.ts'
import { spread, takeNews, tellItsDeath } from './news.ts'
import { send } from './outbox.ts'
import { isBootOf, isLiving, isRetired, type Peer } from './peer.ts'
import { prove, receiveUnproven } from './proof.ts'
import { distrust, noteVersion, serve, takePart } from './records.ts'
import { acceptCounter } from './replay-window.ts'
import { takeProbed } from './standing.ts'
import type { Turn } from './state.ts'
import { answer, takeAnswer } from './suspicion.ts'
import { countDrop } from './tally.ts'
import { isMesh } from './watching.ts'

/** Who asks whether this node lives, watches it: it gets beats for so many intervals although it is none of the reckoned watchers. */
const PROBED_INTERVALS = 10

type Told = {
  readonly boot: Uint8Array
  readonly counter: number
  readonly message: Message
  readonly keyId: string
  readonly link: string | undefined
}

/** A datagram from the node path or, with `link`, from a link. */
export function receive(turn: Turn, bytes: Uint8Array, link: string | undefined): void {
  const { state } = turn
  state.tally.received += 1
  const opened = state.wire.open(bytes)
  const reason = opened.ok ? sort(turn, { ...opened, link }) : opened.reason
  if (reason !== undefined) countDrop(state.tally, reason)
}

/** @returns why the message is dropped */
function sort(turn: Turn, told: Told): string | undefined {
  const { boot, counter, message, link } = told
  const peer = turn.state.peers.get(message.from)
  if (peer === undefined) return message.from === turn.state.self.node ? 'Own' : 'UnknownSender'
  if (isRetired(peer, boot)) return 'Retired'
  if (!isBootOf(peer, boot) || peer.window === undefined) return receiveStranger(turn, peer, told)
  const isNew = acceptCounter(peer.window, counter)
  if (link !== undefined) hearOnLink(turn, peer, { link, counter, message })
  if (!isNew) return 'Replayed'
  peer.keyId = told.keyId
  if (!isLiving(peer)) return receiveFromDead(turn, peer, told)
  hear(turn, peer)
  handle(turn, peer, told)
  return undefined
}

/** A boot that is not believed yet. A member has shown which secret it has, and a packet of an earlier life says nothing about that. */
function receiveStranger(turn: Turn, peer: Peer, told: Told): string | undefined {
  if (!isLiving(peer)) peer.keyId = told.keyId
  const reason = receiveUnproven(turn, peer, told)
  if (isBootOf(peer, told.boot)) peer.keyId = told.keyId
  return reason
}

/** One that is dead or has left says nothing that counts, but that it lives on under a higher incarnation. */
function receiveFromDead(turn: Turn, peer: Peer, told: Told): string | undefined {
  const { message } = told
  if (message.kind === 'beat' && message.incarnation > peer.incarnation) {
    revive(turn, peer, message.incarnation)
    handle(turn, peer, told)
    return undefined
  }
  if (message.kind === 'challenge') prove(turn, peer, message.nonce)
  if (message.kind === 'news')
    takeNews(
      turn,
      peer,
      message.entries.filter(({ node }) => node === turn.state.self.node),
    )
  if (peer.status === 'left') return 'Left'
  tellItsDeath(turn, peer)
  return 'Dead'
}

type Handlers = {
  readonly [kind in Message['kind']]: (
    turn: Turn,
    peer: Peer,
    message: Message & { kind: kind },
    counter: number,
  ) => void
}

const HANDLERS: Handlers = {
  beat: takeBeat,
  challenge: (turn, peer, { nonce }) => prove(turn, peer, nonce),
  // It was asked for because somebody spoke of another life of this node.
  proof: (_turn, peer) => (peer.challenge = undefined),
  probe: (turn, peer, { token }) => takeProbe(turn, peer, token),
  probed: (turn, peer, { token }, counter) => takeProbed(turn, peer, { token, counter }),
  ask: answer,
  answer: takeAnswer,
  news: (turn, peer, { entries }) => takeNews(turn, peer, entries),
  pull: serve,
  record: (turn, _peer, message) => takePart(turn, message),
  digest: (turn, peer, { hash }) => takeDigest(turn, peer, hash),
  leave: (turn, peer, { incarnation }) => takeLeave(turn, peer, incarnation),
}

function handle(turn: Turn, peer: Peer, { message, counter }: Told): void {
  const handler = HANDLERS[message.kind] as (turn: Turn, peer: Peer, message: Message, counter: number) => void
  handler(turn, peer, message, counter)
}

function takeBeat(turn: Turn, peer: Peer, beat: Extract<Message, { kind: 'beat' }>, counter: number): void {
  if (counter < peer.beatCounter) return
  peer.beatCounter = counter
  if (beat.incarnation > peer.incarnation) revive(turn, peer, beat.incarnation)
  distrust(turn, peer, beat.version)
  noteVersion(turn, peer, beat.version)
}

function takeProbe(turn: Turn, peer: Peer, token: number): void {
  const { state, config, at } = turn
  if (!isMesh(state, config)) peer.beatUntil = at + PROBED_INTERVALS * config.intervalMs
  send(turn, peer, { kind: 'probed', token })
  // Sealed after the answer, it tells one that doubts itself which record is the newest.
  send(turn, peer, beatBody(state))
}

function takeLeave(turn: Turn, peer: Peer, incarnation: number): void {
  if (incarnation < peer.incarnation) return
  peer.incarnation = incarnation
  setStatus(turn, peer, 'left')
  if (!isMesh(turn.state, turn.config)) spread(turn, peer)
}
