import { type Address, addressBytes, addressFromBytes, type Reader, reader, WireError, writer } from '@steelyard/net'
import { IPV6_BYTES, IPV6_VERSION } from './constants.ts'

/** An IPv6 packet without extension headers. RFC 8200 section 3. */
export type Ipv6Packet = {
  readonly nextHeader: number
  readonly hopLimit: number
  readonly source: Address
  readonly destination: Address
  readonly payload: Uint8Array
}

export function encodeIpv6(packet: Ipv6Packet): Uint8Array {
  return writer()
    .u32(IPV6_VERSION * 2 ** 28) // traffic class and flow label are 0
    .u16(packet.payload.length)
    .u8(packet.nextHeader)
    .u8(packet.hopLimit)
    .bytes(addressBytes(packet.source))
    .bytes(addressBytes(packet.destination))
    .bytes(packet.payload)
    .done()
}

/**
 * Reads the fixed header and cuts the payload to the length it claims; what follows is padding.
 * @throws WireError, to be turned into a value by the codec of what it carries.
 */
export function readIpv6(bytes: Uint8Array): Ipv6Packet {
  const from = reader(bytes)
  const version = Math.floor(from.u32() / 2 ** 28)
  if (version !== IPV6_VERSION) throw new WireError(`IP version is ${version}, not ${IPV6_VERSION}`, 0)
  const length = from.u16()
  const nextHeader = from.u8()
  const hopLimit = from.u8()
  const source = readIpv6Address(from)
  const destination = readIpv6Address(from)
  return { nextHeader, hopLimit, source, destination, payload: from.bytes(length) }
}

/** @throws WireError when fewer than 16 bytes are left. */
export function readIpv6Address(from: Reader): Address {
  const address = addressFromBytes(from.bytes(IPV6_BYTES))
  if (address === undefined) throw new WireError('no address', from.offset())
  return address
}

/** What an ICMPv6 checksum covers besides the message. RFC 8200 section 8.1. */
export function pseudoHeader({ source, destination, payload, nextHeader }: Omit<Ipv6Packet, 'hopLimit'>): Uint8Array {
  return writer()
    .bytes(addressBytes(source))
    .bytes(addressBytes(destination))
    .u32(payload.length)
    .u32(nextHeader)
    .done()
}
