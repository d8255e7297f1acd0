import {
  addressFromBytes,
  decoded,
  formatAddress,
  formatMac,
  internetChecksum,
  type Reader,
  reader,
} from '@steelyard/net'
import type { Captured } from './pcap.ts'

/** A frame from the wire in words. Read by the lab's own decoder: the judge does not use the codecs it judges. */
export type Frame = {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly source: string
  readonly destination: string
  readonly etherType: number
  readonly bytes: Uint8Array
  readonly arp?: ArpFields
  readonly ndp?: NdpFields
  readonly ip?: IpFields
}

/** RFC 826. */
export type ArpFields = {
  readonly operation: 'request' | 'reply'
  readonly senderMac: string
  readonly senderIp: string
  readonly targetMac: string
  readonly targetIp: string
}

/** RFC 4861 sections 4.3 and 4.4. */
export type NdpFields = {
  readonly kind: 'solicitation' | 'advertisement'
  readonly source: string
  readonly destination: string
  readonly hopLimit: number
  readonly target: string
  /** Of an advertisement. */
  readonly router: boolean
  readonly solicited: boolean
  readonly override: boolean
  /** From the source or target link-layer option. */
  readonly linkLayer?: string
  readonly checksumOk: boolean
}

export type IpFields = {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  /** Of TCP and UDP. */
  readonly sourcePort?: number
  readonly destinationPort?: number
}

const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const
const PROTOCOL = { tcp: 6, udp: 17, icmpv6: 58 } as const
const NDP_KINDS: Readonly<Record<number, NdpFields['kind']>> = { 135: 'solicitation', 136: 'advertisement' }
const IPV6_HEADER_BYTES = 40

/** What cannot be read further stays an Ethernet frame without fields. A runt is undefined. */
export function readFrame({ at, bytes }: Captured): Frame | undefined {
  const read = decoded(() => {
    const from = reader(bytes)
    const destination = formatMac(from.bytes(6))
    const source = formatMac(from.bytes(6))
    return { at, source, destination, etherType: from.u16(), bytes }
  })
  if (!read.ok) return undefined
  const fields = decoded(() => payloadOf(read.value.etherType, bytes.subarray(14)))
  return fields.ok ? { ...read.value, ...fields.value } : read.value
}

function payloadOf(etherType: number, payload: Uint8Array): Pick<Frame, 'arp' | 'ndp' | 'ip'> {
  if (etherType === ETHERTYPE.arp) return { arp: readArp(reader(payload)) }
  if (etherType === ETHERTYPE.ipv4) return { ip: readIpv4(reader(payload)) }
  if (etherType === ETHERTYPE.ipv6) return readIpv6(payload)
  return {}
}

function address(from: Reader, length: 4 | 16): string {
  const read = addressFromBytes(from.bytes(length))
  return read === undefined ? '' : formatAddress(read)
}

function readArp(from: Reader): ArpFields {
  from.skip(6)
  const operation = from.u16() === 1 ? 'request' : 'reply'
  const senderMac = formatMac(from.bytes(6))
  const senderIp = address(from, 4)
  return { operation, senderMac, senderIp, targetMac: formatMac(from.bytes(6)), targetIp: address(from, 4) }
}

function readIpv4(from: Reader): IpFields {
  const headerWords = from.u8() & 0x0f
  from.skip(8)
  const protocol = from.u8()
  from.skip(2)
  const addresses = { source: address(from, 4), destination: address(from, 4) }
  from.skip(headerWords * 4 - 20)
  return { ...addresses, protocol, ...portsOf(protocol, from) }
}

function portsOf(protocol: number, from: Reader): { sourcePort?: number; destinationPort?: number } {
  if (protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.udp) return {}
  return { sourcePort: from.u16(), destinationPort: from.u16() }
}

function readIpv6(packet: Uint8Array): Pick<Frame, 'ndp' | 'ip'> {
  const from = reader(packet)
  from.skip(4)
  const length = from.u16()
  const protocol = from.u8()
  const hopLimit = from.u8()
  const ip = { source: address(from, 16), destination: address(from, 16), protocol }
  if (protocol !== PROTOCOL.icmpv6) return { ip: { ...ip, ...portsOf(protocol, from) } }
  const message = packet.subarray(IPV6_HEADER_BYTES, IPV6_HEADER_BYTES + length)
  const kind = NDP_KINDS[message[0] ?? 0]
  if (kind === undefined) return { ip }
  return { ip, ndp: { ...ip, kind, hopLimit, checksumOk: isChecksumOk(packet, message), ...readNdp(reader(message)) } }
}

function readNdp(from: Reader): Pick<NdpFields, 'router' | 'solicited' | 'override' | 'target' | 'linkLayer'> {
  from.skip(4)
  const flags = from.u32() >>> 29
  const target = address(from, 16)
  const linkLayer = linkLayerOption(from)
  return {
    router: (flags & 4) !== 0,
    solicited: (flags & 2) !== 0,
    override: (flags & 1) !== 0,
    target,
    ...(linkLayer === undefined ? {} : { linkLayer }),
  }
}

/** Options say their length in units of 8 octets (RFC 4861 section 4.6). */
function linkLayerOption(from: Reader): string | undefined {
  while (from.remaining() >= 8) {
    const type = from.u8()
    const units = from.u8()
    if (units === 0) return undefined
    const body = from.sub(units * 8 - 2)
    if (type === 1 || type === 2) return formatMac(body.bytes(6))
  }
  return undefined
}

/** Over the pseudo-header of RFC 8200 section 8.1 and the message, a right checksum included: then the sum is 0. */
function isChecksumOk(packet: Uint8Array, message: Uint8Array): boolean {
  const pseudo = new Uint8Array(8)
  new DataView(pseudo.buffer).setUint32(0, message.length)
  pseudo[7] = PROTOCOL.icmpv6
  return internetChecksum(packet.subarray(8, IPV6_HEADER_BYTES), pseudo, message) === 0
}
