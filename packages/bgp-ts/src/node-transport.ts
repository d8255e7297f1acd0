import { connect, type Socket } from 'node:net'
import { type Address, parseAddress } from '@steelyard/net'
import { BGP_PORT } from './constants.ts'
import type { Connection, ConnectionFacts, ConnectionListener, Incoming, NextHops, Transport } from './peer.ts'

/** What `node:net` cannot know of a connection. Plain TCP: no MD5, no TTL security, no device. */
export type NodeTransportOptions = {
  /** Shown as BGP Identifier, written as an IPv4 address. */
  readonly routerId: string
  /** Absent = our own end of the connection. */
  readonly nextHops?: NextHops
}

/** Connections to one address, by `node:net`. */
export function nodeTransport(
  to: { readonly host: string; readonly port?: number; readonly localAddress?: string },
  options: NodeTransportOptions,
): Transport {
  const { port = BGP_PORT } = to
  return {
    connect: (listener) => {
      const socket = connect({ ...to, port })
      socket.once('connect', () => listener.onOpen(factsOf(socket, options)))
      return attach(socket, listener, (code) => reasonOf(code, `port ${port} at ${to.host}`))
    },
  }
}

/** A connection that a `node:net` server has accepted. */
export function nodeIncoming(socket: Socket, options: NodeTransportOptions): Incoming {
  return (listener) => {
    process.nextTick(() => listener.onOpen(factsOf(socket, options)))
    return attach(socket, listener, (code) => reasonOf(code, `port ${socket.remotePort} at ${socket.remoteAddress}`))
  }
}

/** What was sent has so long to leave. */
const LINGER_MS = 1000

function attach(socket: Socket, listener: ConnectionListener, reason: (code: string) => string): Connection {
  let why = 'the peer closed the connection'
  let isOurs = false
  socket.setNoDelay(true)
  socket.on('data', (bytes) => isOurs || listener.onBytes(bytes))
  socket.on('drain', () => isOurs || listener.onDrain())
  socket.on('error', (error: NodeJS.ErrnoException) => void (why = reason(error.code ?? error.message)))
  socket.on('close', () => isOurs || listener.onClose(why))
  return {
    send: (bytes) => socket.write(bytes),
    close: () => {
      isOurs = true
      socket.end()
      setTimeout(() => socket.destroy(), LINGER_MS).unref()
    },
  }
}

const REASONS: Readonly<Record<string, (where: string) => string>> = {
  ECONNREFUSED: (where) => `connection refused: nothing listens on ${where}, or a firewall rejects it`,
  ETIMEDOUT: (where) => `no answer from ${where}: look at the route to it, and firewalls`,
  EHOSTUNREACH: (where) => `no route to ${where}, or nobody has that address on the link`,
  ENETUNREACH: (where) => `no route to ${where}`,
  ECONNRESET: () => 'connection reset by the peer',
}

const reasonOf = (code: string, where: string): string => REASONS[code]?.(where) ?? `${code}, ${where}`

function factsOf(socket: Socket, { routerId, nextHops }: NodeTransportOptions): ConnectionFacts {
  const localAddress = addressOf(socket.localAddress)
  const own: NextHops = localAddress.family === 4 ? { ipv4: localAddress } : { ipv6: localAddress }
  return {
    localAddress,
    remoteAddress: addressOf(socket.remoteAddress),
    routerId: addressOf(routerId).words[0] ?? 0,
    nextHops: nextHops ?? own,
  }
}

/** A server on `::` sees IPv4 peers as mapped addresses; a link-local one has its interface behind it. */
function addressOf(text = ''): Address {
  const bare = text.replace(/^::ffff:(?=[\d.]+$)/, '').replace(/%.*$/, '')
  const address = parseAddress(bare)
  if (address === undefined) throw new TypeError(`"${text}" is not an IP address`)
  return address
}
