import { formatAddress, sameAddress, sameBytes } from '@steelyard/net'
import { type AddressClaim, type Answer, type Held, ignored, isHeld } from './answer.ts'
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
export function answerArp(frame: EthernetFrame, link: LinkView, held: Held): Answer {
  if (isGroupMac(frame.destination) && !sameBytes(frame.destination, BROADCAST_MAC)) return ignored('OtherDestination')
  if (!link.arp) return ignored('ProtocolNotUsable')
  const packet = decodeArp(frame.payload)
  if (!packet.ok) return ignored('Malformed', packet.reason)
  return sameBytes(packet.value.senderMac, link.mac) ? ignored('OwnFrame') : decide(packet.value, link, held)
}

function decide(packet: ArpPacket, link: LinkView, held: Held): Answer {
  if (isGroupMac(packet.senderMac)) return ignored('GroupSender')
  const target = formatAddress(packet.targetIp)
  const asks = packet.operation === 'request' && !sameAddress(packet.senderIp, packet.targetIp)
  const claim = claimOf(packet, link, held)
  if (asks && held.announced.has(target)) {
    const frame = replyTo(packet, link)
    return { kind: 'reply', ip: target, frame, ...askOf(packet, target), ...(claim === undefined ? {} : { claim }) }
  }
  if (claim !== undefined) return { kind: 'claim', ...claim }
  return asks ? { ...ignored('NotAnnounced'), ...askOf(packet, target) } : ignored('NotARequest')
}

/**
 * RFC 5227 section 2.4: any packet from this address; and section 2.1.1, while it is checked here:
 * a probe of it by another machine.
 */
function claimOf({ senderIp, senderMac, ...packet }: ArpPacket, link: LinkView, held: Held): AddressClaim | undefined {
  if (!isForeign(senderMac, link)) return undefined
  const sender = formatAddress(senderIp)
  const target = formatAddress(packet.targetIp)
  if (isUnspecified(senderIp)) {
    const isProbe = packet.operation === 'request' && held.checked.has(target)
    return isProbe ? { ip: target, mac: senderMac, form: 'probe' } : undefined
  }
  if (!isHeld(held, sender)) return undefined
  const isReply = packet.operation === 'reply' && sender !== target
  return { ip: sender, mac: senderMac, form: isReply ? 'arp-reply' : 'arp-announcement' }
}

function askOf({ senderIp, senderMac }: ArpPacket, target: string): Pick<Extract<Answer, { kind: 'reply' }>, 'ask'> {
  return isUnspecified(senderIp) ? {} : { ask: { target, ip: senderIp, mac: senderMac } }
}

function replyTo({ senderMac, senderIp, targetIp }: ArpPacket, link: LinkView): Uint8Array {
  return arpReplyFrame(targetIp, link, { ip: senderIp, mac: senderMac })
}
