import { sameBytes } from '@steelyard/net'
import { type Announced, type Answer, ignored, type IgnoredReason } from './answer.ts'
import { answerArp } from './answer-arp.ts'
import { answerNdp } from './answer-ndp.ts'
import { ETHERTYPE } from './constants.ts'
import { decodeEthernet, type EthernetFrame, isGroupMac } from './ethernet.ts'
import type { LinkView, PacketType } from './link-view.ts'

export type Received = { readonly bytes: Uint8Array; readonly packetType: PacketType }

const NOTHING: Announced = { has: () => false }

/**
 * Decides about one received frame: ARP (RFC 826, 5227) or neighbour discovery (RFC 4861, 4862).
 * Never throws, whatever the frame holds.
 * @param announced what this interface answers for.
 * @param checked what it does not answer for yet, but asks whether others do.
 */
export function answerFrame(
  received: Received,
  link: LinkView,
  announced: Announced,
  checked: Announced = NOTHING,
): Answer {
  const frame = decodeEthernet(received.bytes)
  if (!frame.ok) return ignored('Malformed', frame.reason)
  const outer = outerReason(received.packetType, frame.value, link)
  if (outer !== undefined) return ignored(outer)
  if (frame.value.etherType === ETHERTYPE.arp) return answerArp(frame.value, link, { announced, checked })
  if (frame.value.etherType === ETHERTYPE.ipv6) return answerNdp(frame.value, link, { announced, checked })
  return ignored('OtherProtocol')
}

function outerReason(
  type: PacketType,
  { source, destination }: EthernetFrame,
  link: LinkView,
): IgnoredReason | undefined {
  if (type === 'outgoing' || sameBytes(source, link.mac)) return 'OwnFrame'
  if (isGroupMac(source)) return 'GroupSender'
  const isForUs = isGroupMac(destination) || sameBytes(destination, link.mac)
  return type === 'otherhost' || !isForUs ? 'OtherDestination' : undefined
}
