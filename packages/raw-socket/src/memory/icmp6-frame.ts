import { decodeEthernet, encodeEthernet, ETHERTYPE } from '@steelyard/arp-lib'
import {
  type Address,
  addressBytes,
  decoded,
  internetChecksum,
  type Mac,
  reader,
  WireError,
  writer,
} from '@steelyard/net'
import { IPPROTO_ICMPV6 } from '../constants.ts'
import { readAddress } from '../sockaddr.ts'

/** An ICMPv6 message on its way: what the kernel's own IPv6 does for a raw socket. */
export type Icmp6Packet = {
  readonly source: Address
  readonly destination: Address
  readonly hopLimit: number
  readonly message: Uint8Array
}

const IPV6_VERSION_WORD = 6 * 2 ** 28
const CHECKSUM_OFFSET = 2

/** A frame with the checksum filled in, whatever the message had there (RFC 3542 section 3.1). */
export function icmp6Frame(macs: { readonly from: Mac; readonly to: Mac }, packet: Icmp6Packet): Uint8Array {
  const message = packet.message.slice()
  message.set([0, 0], CHECKSUM_OFFSET)
  const checksum = internetChecksum(pseudoHeader(packet), message)
  message.set([checksum >>> 8, checksum & 0xff], CHECKSUM_OFFSET)
  const payload = writer()
    .u32(IPV6_VERSION_WORD)
    .u16(message.length)
    .u8(IPPROTO_ICMPV6)
    .u8(packet.hopLimit)
    .bytes(addressBytes(packet.source))
    .bytes(addressBytes(packet.destination))
    .bytes(message)
    .done()
  return encodeEthernet({ destination: macs.to, source: macs.from, etherType: ETHERTYPE.ipv6, payload })
}

/** undefined when the frame holds no ICMPv6, or one that does not add up. */
export function readIcmp6Frame(frame: Uint8Array): Icmp6Packet | undefined {
  const ethernet = decodeEthernet(frame)
  if (!ethernet.ok || ethernet.value.etherType !== ETHERTYPE.ipv6) return undefined
  const packet = decoded(() => readPacket(ethernet.value.payload))
  if (!packet.ok || internetChecksum(pseudoHeader(packet.value), packet.value.message) !== 0) return undefined
  return packet.value
}

function readPacket(bytes: Uint8Array): Icmp6Packet {
  const from = reader(bytes)
  from.skip(4)
  const length = from.u16()
  const nextHeader = from.u8()
  if (nextHeader !== IPPROTO_ICMPV6) throw new WireError(`next header ${nextHeader}`, from.offset())
  const hopLimit = from.u8()
  const source = readAddress(from.bytes(16))
  return { source, destination: readAddress(from.bytes(16)), hopLimit, message: from.bytes(length) }
}

/** RFC 8200 section 8.1. */
function pseudoHeader({ source, destination, message }: Icmp6Packet): Uint8Array {
  return writer()
    .bytes(addressBytes(source))
    .bytes(addressBytes(destination))
    .u32(message.length)
    .u32(IPPROTO_ICMPV6)
    .done()
}
