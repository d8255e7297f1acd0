import {
  type Address,
  addressBytes,
  addressFromBytes,
  decoded,
  internetChecksum,
  type Mac,
  reader,
  type Reader,
  WireError,
  writer,
} from '@steelyard/net'
import {
  ETHERTYPE,
  IPV4_BYTES,
  IPV4_HEADER_BYTES,
  IPV4_VERSION_AND_LENGTH,
  IPV6_BYTES,
  NEXT_HEADER_UDP,
  UDP_HEADER_BYTES,
} from './constants.ts'
import { decodeEthernet, encodeEthernet } from './ethernet.ts'

/** A datagram with what its headers say, for where no socket of the kernel's can send it or receive it. */
export type UdpPacket = {
  readonly source: Address
  readonly sourcePort: number
  readonly destination: Address
  readonly port: number
  /** TTL or hop limit. */
  readonly ttl: number
  readonly bytes: Uint8Array
}

const IPV6_VERSION_WORD = 6 * 2 ** 28

/** A frame with the datagram in it; a long one is not cut into fragments, but goes as one. */
export function udpFrame(macs: { readonly from: Mac; readonly to: Mac }, packet: UdpPacket): Uint8Array {
  const { family } = packet.destination
  const header = family === 4 ? ipv4Header(packet) : ipv6Header(packet)
  const payload = writer().bytes(header).bytes(segmentOf(packet)).done()
  const etherType = family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6
  return encodeEthernet({ destination: macs.to, source: macs.from, etherType, payload })
}

/** RFC 768. A checksum that comes out as 0 is sent as all ones. */
function segmentOf(packet: UdpPacket): Uint8Array {
  const checksum = internetChecksum(pseudoHeader(packet), udpSegment(packet, 0))
  return udpSegment(packet, checksum === 0 ? 0xffff : checksum)
}

function udpSegment({ sourcePort, port, bytes }: UdpPacket, checksum: number): Uint8Array {
  const length = UDP_HEADER_BYTES + bytes.length
  return writer().u16(sourcePort).u16(port).u16(length).u16(checksum).bytes(bytes).done()
}

function ipv4Header({ source, destination, ttl, bytes }: UdpPacket): Uint8Array {
  const length = IPV4_HEADER_BYTES + UDP_HEADER_BYTES + bytes.length
  const header = (checksum: number): Uint8Array =>
    writer()
      .u8(IPV4_VERSION_AND_LENGTH)
      .u8(0)
      .u16(length)
      .u32(0)
      .u8(ttl)
      .u8(NEXT_HEADER_UDP)
      .u16(checksum)
      .bytes(addressBytes(source))
      .bytes(addressBytes(destination))
      .done()
  return header(internetChecksum(header(0)))
}

function ipv6Header({ source, destination, ttl, bytes }: UdpPacket): Uint8Array {
  return writer()
    .u32(IPV6_VERSION_WORD)
    .u16(UDP_HEADER_BYTES + bytes.length)
    .u8(NEXT_HEADER_UDP)
    .u8(ttl)
    .bytes(addressBytes(source))
    .bytes(addressBytes(destination))
    .done()
}

/** RFC 768 and RFC 8200 section 8.1. */
function pseudoHeader({ source, destination, bytes }: UdpPacket): Uint8Array {
  const length = UDP_HEADER_BYTES + bytes.length
  return writer().bytes(addressBytes(source)).bytes(addressBytes(destination)).u32(length).u32(NEXT_HEADER_UDP).done()
}

/** undefined when the frame holds no datagram, or one that does not add up. */
export function readUdpFrame(frame: Uint8Array): UdpPacket | undefined {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok) return undefined
  const { etherType, payload } = ethernet.value
  if (etherType !== ETHERTYPE.ipv4 && etherType !== ETHERTYPE.ipv6) return undefined
  const read = etherType === ETHERTYPE.ipv4 ? readIpv4 : readIpv6
  const packet = decoded(() => read(payload))
  return packet.ok ? packet.value : undefined
}

type Ends = { readonly source: Address; readonly destination: Address; readonly ttl: number }

function readIpv4(payload: Uint8Array): UdpPacket {
  const from = reader(payload)
  const header = payload.subarray(0, IPV4_HEADER_BYTES)
  if (internetChecksum(header) !== 0) throw new WireError('a header that does not add up', 0)
  if (from.u8() !== IPV4_VERSION_AND_LENGTH) throw new WireError('an IPv4 header with options', 0)
  from.skip(1)
  const length = from.u16() - IPV4_HEADER_BYTES
  from.skip(4)
  const ttl = from.u8()
  checkProtocol(from)
  from.skip(2)
  const source = addressOf(from, IPV4_BYTES)
  return readSegment(from, length, { source, destination: addressOf(from, IPV4_BYTES), ttl })
}

function readIpv6(payload: Uint8Array): UdpPacket {
  const from = reader(payload)
  from.skip(4)
  const length = from.u16()
  checkProtocol(from)
  const ttl = from.u8()
  const source = addressOf(from, IPV6_BYTES)
  return readSegment(from, length, { source, destination: addressOf(from, IPV6_BYTES), ttl })
}

function addressOf(from: Reader, bytes: number): Address {
  const address = addressFromBytes(from.bytes(bytes))
  if (address === undefined) throw new WireError('no address', from.offset())
  return address
}

function checkProtocol(from: Reader): void {
  const at = from.offset()
  const protocol = from.u8()
  if (protocol !== NEXT_HEADER_UDP) throw new WireError(`protocol ${protocol}`, at)
}

function readSegment(from: Reader, length: number, ends: Ends): UdpPacket {
  const at = from.offset()
  const segment = from.bytes(length)
  const inside = reader(segment)
  const [sourcePort, port] = [inside.u16(), inside.u16()]
  inside.skip(UDP_HEADER_BYTES - 4)
  const packet = { ...ends, sourcePort, port, bytes: segment.subarray(UDP_HEADER_BYTES) }
  if (internetChecksum(pseudoHeader(packet), segment) !== 0) throw new WireError('a checksum that does not fit', at)
  return packet
}
