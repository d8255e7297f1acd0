import type { Connection, ConnectionListener, Transport } from '@steelyard/bgp-ts'
import { type Address, formatAddress, NETWORK_CONTROL } from '@steelyard/net'
import { SystemCallError, type TcpConnectOptions, type TcpSocket, type TransportIo } from '@steelyard/raw-socket'
import type { Clock } from '@steelyard/runtime'
import { Socket } from 'node:net'
import {
  CONNECT_WITHIN_MS,
  connectFailure,
  type FailedTarget,
  impossible,
  peerEnded,
} from '../decide/bgp/connect-failure.ts'
import { connectionFacts } from './connection-facts.ts'
import type { HostAddresses } from './host-addresses.ts'
import { connectionOver, descriptorOf, failedConnection } from './tcp-connection.ts'

/** One peer, and how to get there. A change of anything but the password needs another transport. */
export type TcpTarget = {
  readonly address: Address
  readonly port: number
  /** Of a link-local `address`. */
  readonly interface?: { readonly name: string; readonly index: number } | undefined
  readonly sourceAddress?: Address | undefined
  /** Bind to this device: a VRF. An `interface` goes before. */
  readonly device?: string | undefined
  /** For TCP MD5 signatures (RFC 2385); empty is none. It never appears in a message. */
  readonly password?: string | undefined
  /** Segments that arrive with less are dropped by the kernel (RFC 5082). */
  readonly minimumTtl?: number | undefined
  /** The BGP Identifier, when it is configured. */
  readonly routerId?: number | undefined
}

export type TcpPorts = {
  readonly io: Pick<TransportIo, 'openTcp'>
  readonly clock: Clock
  readonly nodeName: string
  readonly hostAddresses: HostAddresses
}

export type TcpTransport = Transport & {
  /**
   * Signs with another key from now on, also on a connection that stands: it survives when the router changes its key
   * within the hold time. @returns false when a connection could not be given the key: it has to be made anew.
   */
  readonly setPassword: (password: string | undefined) => boolean
}

/** What is sent has the highest TTL, so that a router's TTL security is met (contract section 9.2). */
export const SENT_TTL = 255

type State = {
  readonly target: TcpTarget
  readonly ports: TcpPorts
  readonly live: Set<TcpSocket>
  key: Uint8Array
}

/** Connects to one peer by TCP. */
export function tcpTransport(target: TcpTarget, ports: TcpPorts): TcpTransport {
  const state: State = { target, ports, live: new Set(), key: keyOf(target.password) }
  return {
    connect: (listener) => connect(state, listener),
    setPassword: (password) => {
      state.key = keyOf(password)
      return [...state.live].every((tcp) => swapKey(tcp, target.address, state.key))
    },
  }
}

/** None is a key of no length. */
export function keyOf(password: string | undefined): Uint8Array {
  return new TextEncoder().encode(password ?? '')
}

function connect(state: State, listener: ConnectionListener): Connection {
  const failed = failedTarget(state)
  const why = impossible(failed, state.key.length)
  if (why !== undefined) return failedConnection(why, listener)
  try {
    return connectOver(state, state.ports.io.openTcp(tcpOptions(state)), listener)
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    return failedConnection(connectFailure(failed, error.errno), listener)
  }
}

/** The device that a session's connections are bound to. */
export function boundTo(target: Pick<TcpTarget, 'interface' | 'device'>): string | undefined {
  return target.interface?.name ?? target.device
}

/** Bound to its interface, a link-local peer is not looked for on another when that one is gone. */
function tcpOptions({ target, key }: State): TcpConnectOptions {
  const { address, sourceAddress, minimumTtl } = target
  const device = boundTo(target)
  return {
    family: address.family,
    ttl: SENT_TTL,
    trafficClass: NETWORK_CONTROL,
    ...(minimumTtl === undefined ? {} : { minimumTtl }),
    ...(device === undefined ? {} : { device }),
    ...(sourceAddress === undefined ? {} : { source: sourceAddress }),
    ...(target.interface === undefined ? {} : { sourceIfindex: target.interface.index }),
    ...(key.length === 0 ? {} : { md5Keys: [{ peer: address, key }] }),
  }
}

function connectOver(state: State, tcp: TcpSocket, listener: ConnectionListener): Connection {
  const { target, ports, live } = state
  const socket = new Socket({ fd: descriptorOf(tcp) })
  live.add(tcp)
  socket.once('close', () => {
    live.delete(tcp)
    tcp.close()
  })
  const zone = target.interface === undefined ? '' : `%${target.interface.name}`
  const wire = {
    socket,
    clock: ports.clock,
    withinMs: CONNECT_WITHIN_MS,
    facts: () =>
      connectionFacts(socket, {
        nodeName: ports.nodeName,
        host: () => ports.hostAddresses(boundTo(target)),
        routerId: target.routerId,
        ifindex: target.interface?.index,
      }),
    explain: (errno: string) => connectFailure(failedTarget(state), errno),
    ended: (heard: boolean) => peerEnded(target.address, heard),
  }
  const connection = connectionOver(wire, listener)
  socket.connect({ port: target.port, host: `${formatAddress(target.address)}${zone}` })
  return connection
}

function swapKey(tcp: TcpSocket, peer: Address, key: Uint8Array): boolean {
  try {
    if (key.length === 0) tcp.clearMd5Key(peer)
    else tcp.setMd5Key({ peer, key })
    return true
  } catch (error) {
    // A key that is too long is told by the next attempt to connect.
    if (error instanceof SystemCallError || error instanceof RangeError) return false
    throw error
  }
}

function failedTarget({ target, key }: State): FailedTarget {
  return { ...target, interfaceName: target.interface?.name, hasPassword: key.length > 0 }
}
