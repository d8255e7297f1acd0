import { type Address, parseAddress } from '@steelyard/net'
import type { Clock } from '@steelyard/runtime'
import type { Connection, ConnectionFacts, ConnectionListener, Incoming, NextHops, Transport } from '../peer.ts'

/** Two hosts and what is between them, in memory: for tests of what is built upon `Transport`. */
export type MemoryPair = {
  readonly left: MemoryHost
  readonly right: MemoryHost
  /** Nothing gets through any more, and nobody is told. */
  readonly cut: () => void
  /** Ends every connection; both ends are told. */
  readonly reset: (why: string) => void
}

export type MemoryHost = {
  readonly transport: Transport
  /** Takes what the other host connects; until then it is refused. */
  readonly listen: (take: (incoming: Incoming) => void) => void
  /** Of what comes in: bytes per millisecond; 0 = nothing is read. */
  readonly setReadingRate: (bytesPerMs: number) => void
  /** What was sent and is not yet read by the other host, of all connections. */
  readonly unreadBytes: () => number
}

export type MemoryHostOptions = {
  readonly address: string
  readonly routerId: string
  /** The host's own address, if absent. */
  readonly nextHops?: NextHops
}

export type MemoryPairOptions = {
  readonly clock: Clock
  readonly latencyMs?: number
  readonly left: MemoryHostOptions
  readonly right: MemoryHostOptions
}

/** A sender that has more than this unread is told to wait. */
const HIGH_WATER_BYTES = 65_536
/** A slow reader reads as much as this gives it at a time. */
const SLICE_MS = 10

type Host = {
  readonly options: MemoryHostOptions
  take: ((incoming: Incoming) => void) | undefined
  bytesPerMs: number
  unread: number
}

/** One end of one connection. */
type End = {
  readonly host: Host
  listener: ConnectionListener
  other: End | undefined
  isOver: boolean
  isBlocked: boolean
  /** Under way to this end, in order; the last may be the end of the stream. */
  readonly inbound: (Uint8Array | 'end')[]
  inboundBytes: number
  isReading: boolean
}

type World = { readonly clock: Clock; readonly latencyMs: number; readonly ends: Set<End>; isCut: boolean }

export function memoryPair({ clock, latencyMs = 1, left, right }: MemoryPairOptions): MemoryPair {
  const world: World = { clock, latencyMs, ends: new Set(), isCut: false }
  const [one, two] = [newHost(left), newHost(right)]
  return {
    left: hostOf(world, one, two),
    right: hostOf(world, two, one),
    cut: () => void (world.isCut = true),
    reset: (why) => {
      for (const end of world.ends) finish(world, end, why)
    },
  }
}

const newHost = (options: MemoryHostOptions): Host => ({
  options,
  take: undefined,
  bytesPerMs: Number.POSITIVE_INFINITY,
  unread: 0,
})

function hostOf(world: World, host: Host, other: Host): MemoryHost {
  return {
    transport: { connect: (listener) => connect(world, { host, other }, listener) },
    listen: (take) => void (host.take = take),
    setReadingRate: (bytesPerMs) => {
      host.bytesPerMs = bytesPerMs
      for (const end of world.ends) if (end.host === host) read(world, end)
    },
    unreadBytes: () => host.unread,
  }
}

function connect(world: World, { host, other }: { host: Host; other: Host }, listener: ConnectionListener): Connection {
  const end = newEnd(world, host, listener)
  after(world, 2 * world.latencyMs, () => {
    if (end.isOver || world.isCut) return
    if (other.take === undefined) return finish(world, end, `connection refused by ${other.options.address}`)
    const far = newEnd(world, other, DEAF)
    end.other = far
    far.other = end
    listener.onOpen(factsOf(end))
    other.take((theirs) => {
      far.listener = theirs
      after(world, 0, () => {
        if (!far.isOver) theirs.onOpen(factsOf(far))
        read(world, far)
      })
      return connectionOf(world, far)
    })
  })
  return connectionOf(world, end)
}

const DEAF: ConnectionListener = { onOpen: () => {}, onBytes: () => {}, onDrain: () => {}, onClose: () => {} }

function newEnd(world: World, host: Host, listener: ConnectionListener): End {
  const end: End = {
    host,
    listener,
    other: undefined,
    isOver: false,
    isBlocked: false,
    inbound: [],
    inboundBytes: 0,
    isReading: false,
  }
  world.ends.add(end)
  return end
}

const after = ({ clock }: World, ms: number, act: () => void): void => void clock.wakeAt(clock.now() + ms, act)

function connectionOf(world: World, end: End): Connection {
  return {
    send: (bytes) => send(world, end, bytes),
    close: () => {
      if (end.isOver) return
      end.isOver = true
      world.ends.delete(end)
      if (end.other !== undefined) put(world, end.other, 'end')
    },
  }
}

function send(world: World, end: End, bytes: Uint8Array): boolean {
  const far = end.other
  if (end.isOver || far === undefined) return true
  far.inboundBytes += bytes.length
  end.host.unread += bytes.length
  put(world, far, bytes.slice())
  end.isBlocked = far.inboundBytes > HIGH_WATER_BYTES
  return !end.isBlocked
}

function put(world: World, end: End, what: Uint8Array | 'end'): void {
  end.inbound.push(what)
  after(world, world.latencyMs, () => read(world, end))
}

/** Reads one piece, and goes on when the host's rate allows. */
function read(world: World, end: End): void {
  const { host } = end
  if (end.isOver || end.isReading || world.isCut || host.bytesPerMs <= 0) return
  // Accepted, and not yet listened to.
  if (end.listener === DEAF) return
  const next = end.inbound.shift()
  if (next === undefined) return
  if (next === 'end') return finish(world, end, 'the peer closed the connection')
  const piece = next.subarray(0, Math.max(1, SLICE_MS * host.bytesPerMs))
  if (piece.length < next.length) end.inbound.unshift(next.subarray(piece.length))
  end.isReading = true
  after(world, piece.length / host.bytesPerMs, () => {
    end.isReading = false
    taken(end, piece.length)
    if (end.isOver) return
    end.listener.onBytes(piece)
    read(world, end)
  })
}

function taken(end: End, bytes: number): void {
  end.inboundBytes -= bytes
  const sender = end.other
  if (sender === undefined) return
  sender.host.unread -= bytes
  if (!sender.isBlocked || end.inboundBytes > HIGH_WATER_BYTES / 2) return
  sender.isBlocked = false
  if (!sender.isOver) sender.listener.onDrain()
}

function finish(world: World, end: End, why: string): void {
  if (end.isOver) return
  end.isOver = true
  world.ends.delete(end)
  end.listener.onClose(why)
}

function factsOf(end: End): ConnectionFacts {
  const localAddress = addressOf(end.host.options.address)
  const remoteAddress = addressOf(end.other?.host.options.address ?? '')
  const [routerId = 0] = addressOf(end.host.options.routerId).words
  const own: NextHops = localAddress.family === 4 ? { ipv4: localAddress } : { ipv6: localAddress }
  return { localAddress, remoteAddress, routerId, nextHops: end.host.options.nextHops ?? own }
}

function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`${text} is no address`)
  return address
}
