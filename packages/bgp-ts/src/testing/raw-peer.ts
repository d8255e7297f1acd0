import { parseAddress } from '@steelyard/net'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { messageFramer } from '../codec/framer.ts'
import { encodeMessage } from '../codec/message-codec.ts'
import { OPENING_TERMS, type WireTerms } from '../codec/wire-terms.ts'
import { MESSAGE_TYPE } from '../constants.ts'
import type { Message } from '../message.ts'
import type { Connection, ConnectionFacts, ConnectionListener, MessageKind, PeerConfig, Session } from '../peer.ts'
import { startSession } from '../session/session.ts'
import { PEER } from './duet.ts'

/** The far end of one session, played by hand: byte by byte what it says, message by message what it hears. */
export type RawPeer = {
  readonly clock: FakeClock
  readonly session: Session
  /** Says these bytes, or this message, on the newest connection. */
  readonly say: (what: Uint8Array | Message) => void
  /** Every message of that kind that it heard on any connection, header included. */
  readonly heard: (kind: MessageKind) => readonly Uint8Array[]
  readonly close: (why: string) => void
  /** Whether the newest connection was closed by the session. */
  readonly isOver: () => boolean
  readonly connections: () => number
  /** What `send` answers from now on, and that there is room again. */
  readonly setRoom: (hasRoom: boolean) => void
  /** Connects to the session, as a peer does that need not be waited for. */
  readonly call: () => void
}

type Wire = { readonly listener: ConnectionListener; isOver: boolean }

const MAX_TERMS: WireTerms = { ...OPENING_TERMS, extendedMessage: true }
const KIND_OF: Readonly<Record<number, MessageKind>> = Object.fromEntries(
  Object.entries(MESSAGE_TYPE).map(([kind, type]) => [type, kind]),
) as Record<number, MessageKind>

type Stage = {
  readonly clock: FakeClock
  readonly answers: boolean
  readonly heard: Uint8Array[]
  readonly wires: Wire[]
  hasRoom: boolean
}

/** `config` is of the session; its connections stand at once, unless they are to be refused by `close`. */
export function rawPeer(
  config: Partial<PeerConfig> = {},
  { restarting = false, answers = true }: { readonly restarting?: boolean; readonly answers?: boolean } = {},
): RawPeer {
  const clock = fakeClock()
  const stage: Stage = { clock, answers, heard: [], wires: [], hasRoom: true }
  const { heard, wires } = stage
  const connect = (listener: ConnectionListener): Connection => attach(stage, listener)
  const ports = { transport: { connect }, clock, random: seededRandom(1), restarting }
  const session = startSession({ ...PEER, ...config }, ports, { onView: () => {}, onNotification: () => {} })
  clock.advance(0)
  return {
    clock,
    session,
    say: (what) => {
      const bytes = what instanceof Uint8Array ? what : encodeMessage(what, OPENING_TERMS)
      wires.at(-1)?.listener.onBytes(bytes)
    },
    heard: (kind) => heard.filter((bytes) => KIND_OF[bytes[18] ?? 0] === kind),
    close: (why) => wires.at(-1)?.listener.onClose(why),
    isOver: () => wires.at(-1)?.isOver === true,
    connections: () => wires.length,
    setRoom: (room) => {
      stage.hasRoom = room
      if (room) wires.at(-1)?.listener.onDrain()
    },
    call: () => {
      session.accept(connect)
      clock.advance(0)
    },
  }
}

function attach(stage: Stage, listener: ConnectionListener): Connection {
  const wire: Wire = { listener, isOver: false }
  const framer = messageFramer()
  stage.wires.push(wire)
  if (stage.answers) stage.clock.wakeAt(stage.clock.now(), () => listener.onOpen(facts()))
  return {
    send: (bytes) => {
      framer.push(bytes)
      for (let frame = framer.next(MAX_TERMS); frame?.kind === 'frame'; frame = framer.next(MAX_TERMS))
        stage.heard.push(frame.bytes.slice())
      return stage.hasRoom
    },
    close: () => void (wire.isOver = true),
  }
}

function facts(): ConnectionFacts {
  const [us, them] = [parseAddress('192.0.2.1'), parseAddress('192.0.2.2')]
  if (us === undefined || them === undefined) throw new Error('these are addresses')
  return { localAddress: us, remoteAddress: them, routerId: us.words[0] ?? 0, nextHops: { ipv4: us } }
}
