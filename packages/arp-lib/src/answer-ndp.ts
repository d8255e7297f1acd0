import { formatAddress, type Mac } from '@steelyard/net'
import { type AddressClaim, type Answer, type Held, ignored, isHeld } from './answer.ts'
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
export function answerNdp(frame: EthernetFrame, link: LinkView, held: Held): Answer {
  if (!link.ndp) return ignored('ProtocolNotUsable')
  const message = decodeNdp(frame.payload)
  if (!message.ok) return ignored('Malformed', message.reason)
  const { value } = message
  if (value.kind === 'advertisement') return judgeAdvertisement(value, frame.source, link, held)
  return isUnspecified(value.source)
    ? answerProbe(value, frame.source, link, held)
    : answerAsker(value, frame.source, link, held)
}

/** A probe of what is announced here is defended against; of what is checked here too, it counts against both (RFC 4862 section 5.4.3). */
function answerProbe(probe: NeighbourSolicitation, from: Mac, link: LinkView, held: Held): Answer {
  const target = formatAddress(probe.target)
  if (held.announced.has(target)) return { kind: 'reply', ip: target, frame: allNodesFrame(probe.target, link) }
  const isClaim = held.checked.has(target) && isForeign(from, link)
  return isClaim ? { kind: 'claim', ip: target, mac: from, form: 'probe' } : ignored('NotAnnounced')
}

/** The link-layer address is the option's; a unicast solicitation may come without (RFC 4861 section 7.2.2), then the frame's. */
function answerAsker(asked: NeighbourSolicitation, from: Mac, link: LinkView, held: Held): Answer {
  const mac = asked.sourceLinkLayer ?? from
  if (isGroupMac(mac) || isGroup(asked.source)) return ignored('GroupSender')
  const target = formatAddress(asked.target)
  const source = formatAddress(asked.source)
  const ask = { target, ip: asked.source, mac }
  const isClaim = isHeld(held, source) && isForeign(mac, link)
  const claim: AddressClaim | undefined = isClaim ? { ip: source, mac, form: 'solicitation' } : undefined
  if (held.announced.has(target)) {
    const frame = advertisementFrame(asked.target, link, { ip: asked.source, mac, solicited: true })
    return { kind: 'reply', ip: target, frame, ask, ...(claim === undefined ? {} : { claim }) }
  }
  return claim === undefined ? ignored('NotAnnounced', undefined, ask) : { kind: 'claim', ...claim }
}

function judgeAdvertisement(message: NeighbourAdvertisement, from: Mac, link: LinkView, held: Held): Answer {
  const target = formatAddress(message.target)
  const mac = message.targetLinkLayer ?? from
  const isClaim = isHeld(held, target) && isForeign(mac, link)
  return isClaim ? { kind: 'claim', ip: target, mac, form: 'advertisement' } : ignored('NotARequest')
}
