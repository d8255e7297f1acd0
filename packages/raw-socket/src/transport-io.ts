import type { Address } from '@steelyard/net'
import type { Closable } from './link-io.ts'

export type UdpOptions = {
  /** Where to bind; its family is the socket's. `0.0.0.0` or `::` is any. */
  readonly address: Address
  /** 0 has the kernel pick one: see `port` of the socket. */
  readonly port: number
  /** TTL or hop limit of what is sent, 1 to 255. */
  readonly ttl: number
  /** TOS or traffic class of what is sent (RFC 2474), and with it its urgency in this host's own queues, 0 to 255; left out, 0. */
  readonly trafficClass?: number
  /** Bind to this interface by name (SO_BINDTODEVICE): a VRF, or one link of several. */
  readonly device?: string
  /** The interface of a link-local `address`. */
  readonly ifindex?: number
  /**
   * The port may be bound once more, on another `device` or on none, by a socket that says so too (SO_REUSEADDR, socket(7)): else a
   * socket without a device has its port on all of them. A datagram goes to the socket of its device where there is one.
   */
  readonly shared?: boolean
}

export type Datagram = {
  /** Valid until the next `receive` of this adapter. */
  readonly bytes: Uint8Array
  readonly source: Address
  readonly sourcePort: number
  /** The address it was sent to. undefined: the kernel did not say. */
  readonly destination: Address | undefined
  /** The interface it came in by. undefined: the kernel did not say. */
  readonly ifindex: number | undefined
  /** TTL or hop limit on arrival. undefined: the kernel did not say. */
  readonly ttl: number | undefined
}

export type UdpTarget = {
  readonly address: Address
  readonly port: number
  /** The interface; needed for a link-local address. */
  readonly ifindex?: number
}

export type UdpSocket = Closable & {
  readonly port: number
  readonly send: (to: UdpTarget, bytes: Uint8Array) => void
  /** The next datagram; undefined when none waits. Never blocks. */
  readonly receive: () => Datagram | undefined
}

/** A key for TCP MD5 signatures (RFC 2385) with one peer: 1 to 80 bytes. It never appears in a message. */
export type Md5Key = { readonly peer: Address; readonly key: Uint8Array }

export type TcpOptions = {
  /**
   * As of `UdpOptions`. What a listener accepts has the class of the listener, and no urgency: the kernel hands the one
   * down and not the other.
   */
  readonly trafficClass?: number
  /** TTL or hop limit of what is sent, 1 to 255. */
  readonly ttl?: number
  /** Segments that arrive with less are dropped (RFC 5082), 1 to 255. */
  readonly minimumTtl?: number
  /** Bind to this interface by name (SO_BINDTODEVICE), such as a VRF. */
  readonly device?: string
  readonly md5Keys?: readonly Md5Key[]
}

export type TcpConnectOptions = TcpOptions & {
  readonly family: 4 | 6
  /** Bind to this address of the host first; `sourceIfindex` goes with a link-local one. */
  readonly source?: Address
  readonly sourceIfindex?: number
}

export type TcpListenOptions = TcpOptions & {
  readonly address: Address
  /** 0 has the kernel pick one: see `port` of the listener. */
  readonly port: number
  readonly ifindex?: number
  readonly backlog?: number
}

export type TcpHandover = Closable & {
  /** Swaps or adds a key, also while connected. */
  readonly setMd5Key: (key: Md5Key) => void
  /** Clearing what is not set does nothing. */
  readonly clearMd5Key: (peer: Address) => void
  /**
   * A second descriptor of the same socket for `node:net`, which closes that one: a connection goes to
   * `new net.Socket({ fd })`, whose `connect` may come after; a listener to `server.listen({ fd })`.
   * This object stays open, so that keys can still be swapped. Close it on node's 'close' event: the
   * kernel ends a connection when its last descriptor is closed.
   */
  readonly duplicate: () => number
}

export type TcpSocket = TcpHandover & {
  /** Starts to connect and does not wait: how it went shows on the socket that took the descriptor over. */
  readonly connect: (to: UdpTarget) => void
}

export type TcpListener = TcpHandover & { readonly port: number }

/** UDP with what `node:dgram` lacks; in memory too. */
export type UdpIo = { readonly openUdp: (options: UdpOptions) => UdpSocket }

/** UDP and TCP with the options that `node:dgram` and `node:net` lack. */
export type TransportIo = UdpIo & {
  readonly openTcp: (options: TcpConnectOptions) => TcpSocket
  readonly listenTcp: (options: TcpListenOptions) => TcpListener
}
