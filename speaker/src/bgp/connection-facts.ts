import type { ConnectionFacts } from '@steelyard/bgp-ts'
import { type Address, parseAddress } from '@steelyard/net'
import type { Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { type HostAddress, nextHopsOf, routerIdOf } from '../decide/bgp/next-hops.ts'

/** What facts are made from, beside the connection itself. */
export type FactSources = {
  /** Configured: it goes before all others. */
  readonly routerId?: number | undefined
  /** The interface of a link-local peer. */
  readonly ifindex?: number | undefined
  readonly nodeName: string
  /** The addresses that are this host's own for the session. @throws SystemCallError */
  readonly host: () => readonly HostAddress[]
}

/** What is known of a connection that stands; undefined when it does not stand any more. */
export function connectionFacts(socket: Socket, sources: FactSources): ConnectionFacts | undefined {
  const localAddress = addressOf(socket.localAddress)
  const remoteAddress = addressOf(socket.remoteAddress)
  if (localAddress === undefined || remoteAddress === undefined) return undefined
  const { ifindex, routerId, nodeName } = sources
  const host = sources.host()
  const ends = { localAddress, remoteAddress, ...(ifindex === undefined ? {} : { ifindex }) }
  return {
    localAddress,
    remoteAddress,
    routerId: routerId ?? routerIdOf(host, ends, routerIdOfNode(nodeName)),
    nextHops: nextHopsOf(host, ends),
  }
}

/** As `node:net` writes it: a link-local one with its zone. */
export function addressOf(text: string | undefined): Address | undefined {
  return parseAddress(text?.split('%')[0] ?? '')
}

/** CRC-32 (IEEE) of the name, its bytes in little-endian order read as a BGP Identifier is (contract section 9.3). */
export function routerIdOfNode(nodeName: string): number {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(crc32(nodeName))
  return bytes.readUInt32BE()
}
