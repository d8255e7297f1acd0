import { formatAddress, sameAddress, sameBytes } from '@steelyard/net'
import { type Announced, type Answer, ignored } from './answer.ts'
import { type ArpPacket, decodeArp } from './arp.ts'
import { BROADCAST_MAC } from './constants.ts'
import { type EthernetFrame, isGroupMac } from './ethernet.ts'
import { arpReplyFrame } from './frames.ts'
import { isUnspecified } from './ipv6-scope.ts'
import { isForeign, type LinkView } from './link-view.ts'

/**
 * Answers an ARP request for an address announced here, a probe from 0.0.0.0 included: the address
 * is taken, and RFC 5227 section 2.1.1 makes the prober learn it that way. A gratuitous request
 * (sender = target) asks nothing, it claims.
 */
export function answerArp(frame: EthernetFrame, link: LinkView, announced: Announced): Answer {
  if (isGroupMac(frame.destination) && !sameBytes(frame.destination, BROADCAST_MAC)) return ignored('OtherDestination')
  if (!link.arp) return ignored('ProtocolNotUsable')
  const packet = decodeArp(frame.payload)
  if (!packet.ok) return ignored('Malformed', packet.reason)
  return sameBytes(packet.value.senderMac, link.mac) ? ignored('OwnFrame') : decide(packet.value, link, announced)
}

function decide(packet: ArpPacket, link: LinkView, announced: Announced): Answer {
  if (isGroupMac(packet.senderMac)) return ignored('GroupSender')
  const target = formatAddress(packet.targetIp)
  const asks = packet.operation === 'request' && !sameAddress(packet.senderIp, packet.targetIp)
  if (asks && announced.has(target)) {
    return { kind: 'reply', ip: target, frame: replyTo(packet, link), ...askOf(packet, target) }
  }
  const claimed = formatAddress(packet.senderIp)
  if (announced.has(claimed) && isForeign(packet.senderMac, link)) {
    return { kind: 'claim', ip: claimed, mac: packet.senderMac }
  }
  return asks ? { ...ignored('NotAnnounced'), ...askOf(packet, target) } : ignored('NotARequest')
}

function askOf({ senderIp, senderMac }: ArpPacket, target: string): Pick<Extract<Answer, { kind: 'reply' }>, 'ask'> {
  return isUnspecified(senderIp) ? {} : { ask: { target, ip: senderIp, mac: senderMac } }
}

function replyTo({ senderMac, senderIp, targetIp }: ArpPacket, link: LinkView): Uint8Array {
  return arpReplyFrame(targetIp, link, { ip: senderIp, mac: senderMac })
}
