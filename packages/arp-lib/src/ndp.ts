import {
  type Address,
  addressBytes,
  type Decoded,
  decoded,
  internetChecksum,
  type Mac,
  type Reader,
  reader,
  WireError,
  type Writer,
  writer,
} from '@steelyard/net'
import { NA_FLAG, NDP_CODE, NDP_HOP_LIMIT, NDP_TYPE, NEXT_HEADER_ICMPV6 } from './constants.ts'
import { encodeIpv6, type Ipv6Packet, pseudoHeader, readIpv6, readIpv6Address } from './ipv6.ts'
import { isGroup, isUnspecified, solicitedNodeGroup } from './ipv6-scope.ts'
import { readLinkLayerOptions, writeLinkLayerOption } from './ndp-options.ts'

type Addressed = { readonly source: Address; readonly destination: Address; readonly target: Address }

/** RFC 4861 section 4.3. */
export type NeighbourSolicitation = Addressed & {
  readonly kind: 'solicitation'
  readonly sourceLinkLayer: Mac | undefined
}

/** RFC 4861 section 4.4. */
export type NeighbourAdvertisement = Addressed & {
  readonly kind: 'advertisement'
  readonly router: boolean
  readonly solicited: boolean
  readonly override: boolean
  readonly targetLinkLayer: Mac | undefined
}

export type NdpMessage = NeighbourSolicitation | NeighbourAdvertisement

/** The whole IPv6 packet: hop limit 255, checksum filled in. */
export function encodeNdp(message: NdpMessage): Uint8Array {
  const { source, destination } = message
  const nextHeader = NEXT_HEADER_ICMPV6
  const blank = icmp(message, 0)
  const checksum = internetChecksum(pseudoHeader({ source, destination, nextHeader, payload: blank }), blank)
  return encodeIpv6({ nextHeader, hopLimit: NDP_HOP_LIMIT, source, destination, payload: icmp(message, checksum) })
}

function icmp(message: NdpMessage, checksum: number): Uint8Array {
  const to = writer()
    .u8(NDP_TYPE[message.kind])
    .u8(NDP_CODE)
    .u16(checksum)
    .u32(message.kind === 'advertisement' ? flagsOf(message) * 2 ** 24 : 0)
    .bytes(addressBytes(message.target))
  return withOption(to, message).done()
}

function flagsOf({ router, solicited, override }: NeighbourAdvertisement): number {
  return (router ? NA_FLAG.router : 0) | (solicited ? NA_FLAG.solicited : 0) | (override ? NA_FLAG.override : 0)
}

function withOption(to: Writer, message: NdpMessage): Writer {
  const isSolicitation = message.kind === 'solicitation'
  const mac = isSolicitation ? message.sourceLinkLayer : message.targetLinkLayer
  if (mac === undefined) return to
  return writeLinkLayerOption(to, isSolicitation ? 'sourceLinkLayer' : 'targetLinkLayer', mac)
}

/**
 * Reads a neighbour solicitation or advertisement from an IPv6 packet, with every check that
 * RFC 4861 sections 7.1.1 and 7.1.2 demand before it may be believed.
 */
export function decodeNdp(packet: Uint8Array): Decoded<NdpMessage> {
  return decoded(() => {
    const ip = readIpv6(packet)
    checkEnvelope(ip)
    const from = reader(ip.payload)
    const type = from.u8()
    const code = from.u8()
    if (code !== NDP_CODE) throw new WireError(`ICMPv6 code is ${code}, not ${NDP_CODE}`, from.offset())
    from.skip(2) // the checksum, checked already
    if (type === NDP_TYPE.solicitation) return solicitation(ip, from)
    if (type === NDP_TYPE.advertisement) return advertisement(ip, from)
    throw new WireError(`ICMPv6 type ${type} is neither solicitation nor advertisement`, 0)
  })
}

function checkEnvelope(ip: Ipv6Packet): void {
  if (ip.nextHeader !== NEXT_HEADER_ICMPV6) throw new WireError(`next header is ${ip.nextHeader}, not ICMPv6`, 0)
  if (ip.hopLimit !== NDP_HOP_LIMIT) throw new WireError(`hop limit is ${ip.hopLimit}, not ${NDP_HOP_LIMIT}`, 0)
  if (internetChecksum(pseudoHeader(ip), ip.payload) !== 0) throw new WireError('ICMPv6 checksum is wrong', 0)
}

/** Section 7.1.1. A source without an address may not name a link-layer address, and asks the target's own group. */
function solicitation({ source, destination }: Ipv6Packet, from: Reader): NeighbourSolicitation {
  from.skip(4) // reserved
  const target = readTarget(from)
  const { sourceLinkLayer } = readLinkLayerOptions(from)
  if (isUnspecified(source)) {
    if (sourceLinkLayer !== undefined) throw new WireError('source link-layer address of an unspecified source', 0)
    const group = solicitedNodeGroup(target).words
    if (destination.words.some((word, index) => word !== group[index])) {
      throw new WireError('an unspecified source asks elsewhere than in the solicited-node group', 0)
    }
  }
  return { kind: 'solicitation', source, destination, target, sourceLinkLayer }
}

/** Section 7.1.2. What is sent to a group answers nobody. */
function advertisement({ source, destination }: Ipv6Packet, from: Reader): NeighbourAdvertisement {
  const flags = from.u8()
  from.skip(3) // reserved
  const target = readTarget(from)
  const { targetLinkLayer } = readLinkLayerOptions(from)
  const solicited = (flags & NA_FLAG.solicited) !== 0
  if (solicited && isGroup(destination)) throw new WireError('solicited advertisement to a group', 0)
  const router = (flags & NA_FLAG.router) !== 0
  const override = (flags & NA_FLAG.override) !== 0
  return { kind: 'advertisement', source, destination, target, router, solicited, override, targetLinkLayer }
}

function readTarget(from: Reader): Address {
  const target = readIpv6Address(from)
  if (isGroup(target)) throw new WireError('the target is a group', from.offset())
  return target
}
