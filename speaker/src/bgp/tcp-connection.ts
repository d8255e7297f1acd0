import type { Connection, ConnectionFacts, ConnectionListener } from '@steelyard/bgp-ts'
import { type Closable, SystemCallError } from '@steelyard/raw-socket'
import type { Cancel, Clock } from '@steelyard/runtime'
import type { Socket } from 'node:net'

/** A socket of `node:net` on its way to be, or being, a connection. */
export type Wire = {
  readonly socket: Socket
  readonly clock: Clock
  /** Asked once it stands; undefined when it does not any more. @throws SystemCallError */
  readonly facts: () => ConnectionFacts | undefined
  /** An errno as a sentence. */
  readonly explain: (errno: string) => string
  /** What is said of a peer that ended the connection. @param heard whether it had said anything */
  readonly ended: (heard: boolean) => string
  /** How long it may take to stand; left out, it stands already. */
  readonly withinMs?: number
}

type State = {
  readonly wire: Wire
  readonly listener: ConnectionListener
  phase: 'connecting' | 'open' | 'over'
  heard: boolean
  /** Came, and waits for its turn; the socket is paused meanwhile. */
  unread: Uint8Array
  cancel: Cancel | undefined
}

/** What was sent may still go out, and the peer may still say goodbye. */
const LINGER_MS = 500

const NOTHING = new Uint8Array(0)
/** So much of what a peer sends is looked at before everything else has a turn. */
const SLICE_BYTES = 8192
/** A peer that sends without end costs a quarter of one core. */
const REST_FACTOR = 3

/** Tells `listener` of a socket, never before this has returned. Keepalives are BGP's own (RFC 4271 section 4.4). */
export function connectionOver(wire: Wire, listener: ConnectionListener): Connection {
  const { socket, clock, withinMs } = wire
  const state: State = { wire, listener, phase: 'connecting', heard: false, unread: NOTHING, cancel: undefined }
  // Each message is whole: waiting for more of them would only delay it.
  socket.setNoDelay(true)
  socket.on('connect', () => open(state))
  socket.on('data', (bytes: Buffer) => {
    state.heard = true
    if (state.phase === 'open') hear(state, bytes)
  })
  socket.on('drain', () => state.phase === 'open' && listener.onDrain())
  socket.on('error', (error: NodeJS.ErrnoException) => lose(state, wire.explain(error.code ?? error.message)))
  socket.on('end', () => lose(state, wire.ended(state.heard)))
  socket.on('close', () => lose(state, wire.ended(state.heard)))
  if (withinMs === undefined) queueMicrotask(() => open(state))
  else state.cancel = clock.wakeAt(clock.now() + withinMs, () => lose(state, wire.explain('ETIMEDOUT')))
  return {
    send: (bytes) => state.phase === 'over' || socket.write(bytes),
    close: () => close(state),
  }
}

/** A descriptor for `node:net`. @throws SystemCallError, and `tcp` is closed then */
export function descriptorOf(tcp: Closable & { readonly duplicate: () => number }): number {
  try {
    return tcp.duplicate()
  } catch (error) {
    tcp.close()
    throw error
  }
}

/** One that never was: its listener hears why. */
export function failedConnection(why: string, listener: ConnectionListener): Connection {
  let isClosed = false
  queueMicrotask(() => {
    if (!isClosed) listener.onClose(why)
  })
  return { send: () => true, close: () => void (isClosed = true) }
}

function open(state: State): void {
  if (state.phase !== 'connecting') return
  state.cancel?.()
  const facts = factsOf(state.wire)
  if (typeof facts === 'string') return lose(state, facts)
  state.phase = 'open'
  state.listener.onOpen(facts)
}

function hear(state: State, bytes: Uint8Array): void {
  state.unread = state.unread.length === 0 ? bytes : Buffer.concat([state.unread, bytes])
  if (state.unread.length === bytes.length) takeSlice(state)
}

function takeSlice(state: State): void {
  const { listener, unread, wire } = state
  const { clock, socket } = wire
  const startedAt = clock.now()
  state.unread = unread.subarray(SLICE_BYTES)
  listener.onBytes(unread.subarray(0, SLICE_BYTES))
  if (state.phase !== 'open') return
  if (state.unread.length === 0) return void socket.resume()
  socket.pause()
  const now = clock.now()
  state.cancel = clock.wakeAt(now + (now - startedAt) * REST_FACTOR, () => takeSlice(state))
}

function factsOf({ facts, ended }: Wire): ConnectionFacts | string {
  try {
    return facts() ?? ended(false)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return `the addresses of this host cannot be read: ${error.message}`
  }
}

function lose(state: State, why: string): void {
  if (state.phase === 'over') return
  state.phase = 'over'
  state.cancel?.()
  state.wire.socket.destroy()
  state.listener.onClose(why)
}

/**
 * A socket that is destroyed while something of the peer is unread is reset, and the peer may then not read our last
 * words: so it is ended, and the peer's end awaited for a while.
 */
function close(state: State): void {
  const { phase, cancel } = state
  const { socket, clock } = state.wire
  if (phase === 'over') return
  state.phase = 'over'
  cancel?.()
  if (phase === 'connecting') return void socket.destroy()
  socket.end()
  socket.once(
    'close',
    clock.wakeAt(clock.now() + LINGER_MS, () => socket.destroy()),
  )
}
