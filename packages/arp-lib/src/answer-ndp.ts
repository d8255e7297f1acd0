import { formatAddress, type Mac } from '@steelyard/net'
import { type Announced, type Answer, ignored } from './answer.ts'
import { type EthernetFrame, isGroupMac } from './ethernet.ts'
import { advertisementFrame, allNodesFrame } from './frames.ts'
import { isGroup, isUnspecified } from './ipv6-scope.ts'
import { isForeign, type LinkView } from './link-view.ts'
import { decodeNdp, type NeighbourAdvertisement, type NeighbourSolicitation } from './ndp.ts'

/**
 * Answers a neighbour solicitation for an address announced here, multicast (resolution) or
 * unicast (unreachability detection), and defends it against duplicate address detection.
 * RFC 4861 section 7.2.4, RFC 4862 section 5.4.3.
 */
export function answerNdp(frame: EthernetFrame, link: LinkView, announced: Announced): Answer {
  if (!link.ndp) return ignored('ProtocolNotUsable')
  const message = decodeNdp(frame.payload)
  if (!message.ok) return ignored('Malformed', message.reason)
  if (message.value.kind === 'advertisement') return judgeAdvertisement(message.value, frame.source, link, announced)
  const target = formatAddress(message.value.target)
  const isProbe = isUnspecified(message.value.source)
  if (isProbe && announced.has(target)) {
    return { kind: 'reply', ip: target, frame: allNodesFrame(message.value.target, link) }
  }
  return isProbe ? ignored('NotAnnounced') : answerAsker(message.value, frame.source, link, announced)
}

/** The link-layer address is the option's; a unicast solicitation may come without (RFC 4861 section 7.2.2), then the frame's. */
function answerAsker(asked: NeighbourSolicitation, from: Mac, link: LinkView, announced: Announced): Answer {
  const mac = asked.sourceLinkLayer ?? from
  if (isGroupMac(mac) || isGroup(asked.source)) return ignored('GroupSender')
  const target = formatAddress(asked.target)
  const ask = { target, ip: asked.source, mac }
  if (announced.has(target)) {
    const frame = advertisementFrame(asked.target, link, { ip: asked.source, mac, solicited: true })
    return { kind: 'reply', ip: target, frame, ask }
  }
  const source = formatAddress(asked.source)
  if (announced.has(source) && isForeign(mac, link)) return { kind: 'claim', ip: source, mac }
  return ignored('NotAnnounced', undefined, ask)
}

function judgeAdvertisement(message: NeighbourAdvertisement, from: Mac, link: LinkView, announced: Announced): Answer {
  const target = formatAddress(message.target)
  const claimant = message.targetLinkLayer ?? from
  const isClaim = announced.has(target) && isForeign(claimant, link)
  return isClaim ? { kind: 'claim', ip: target, mac: claimant } : ignored('NotARequest')
}
