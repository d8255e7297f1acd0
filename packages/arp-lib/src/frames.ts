import type { Address, Mac } from '@steelyard/net'
import { encodeArp } from './arp.ts'
import { type ArpOperation, BROADCAST_MAC, ETHERTYPE, NOBODY_MAC } from './constants.ts'
import { encodeEthernet } from './ethernet.ts'
import { ALL_NODES, groupMac, solicitedNodeGroup, UNSPECIFIED } from './ipv6-scope.ts'
import type { LinkView } from './link-view.ts'
import { encodeNdp } from './ndp.ts'

/** A station that is told of an address. */
export type Station = { readonly ip: Address; readonly mac: Mac }

/** RFC 826: "`address` is at `link.mac`", to one station. */
export function arpReplyFrame(address: Address, link: LinkView, to: Station): Uint8Array {
  const payload = encodeArp({
    operation: 'reply',
    senderMac: link.mac,
    senderIp: address,
    targetMac: to.mac,
    targetIp: to.ip,
  })
  return encodeEthernet({ destination: to.mac, source: link.mac, etherType: ETHERTYPE.arp, payload })
}

/**
 * A neighbour advertisement for `address`, RFC 4861 section 4.4: Override set, since the address
 * may have moved here; Router clear; always with the target link-layer option, which only an
 * answer to a unicast solicitation could do without.
 *
 * Its source is `address` itself. Section 4.4 wants "an address assigned to the interface", and to
 * every neighbour this one is, although our own kernel does not know: it is what any host does with
 * an address it has, and the packets of the service bear that source anyway, so that a switch or a
 * filter that would refuse it here would refuse the service. The interface's link-local address was
 * tried: `ndisc6` does not take an answer from there for a global target.
 * @param to `solicited` when this is the answer to a solicitation from an address.
 */
export function advertisementFrame(
  address: Address,
  link: LinkView,
  to: Station & { readonly solicited: boolean },
): Uint8Array {
  const payload = encodeNdp({
    kind: 'advertisement',
    source: address,
    destination: to.ip,
    target: address,
    router: false,
    solicited: to.solicited,
    override: true,
    targetLinkLayer: link.mac,
  })
  return encodeEthernet({ destination: to.mac, source: link.mac, etherType: ETHERTYPE.ipv6, payload })
}

/** To ff02::1: an unsolicited advertisement, or the defence against one who has no address yet (RFC 4861 section 7.2.4). */
export function allNodesFrame(address: Address, link: LinkView): Uint8Array {
  return advertisementFrame(address, link, { ip: ALL_NODES, mac: groupMac(ALL_NODES), solicited: false })
}

/**
 * One round of announcing that `address` is here: for IPv4 a gratuitous ARP request and then a
 * reply, since some stations believe only the one or the other (RFC 5227 section 3); for IPv6 one
 * unsolicited advertisement (RFC 4861 section 7.2.6).
 * @returns no frame when the link does not speak that family's protocol.
 */
export function gratuitousFrames(address: Address, link: LinkView): Uint8Array[] {
  if (address.family === 4)
    return link.arp ? [gratuitousArp('request', address, link), gratuitousArp('reply', address, link)] : []
  return link.ndp ? [allNodesFrame(address, link)] : []
}

function gratuitousArp(operation: ArpOperation, address: Address, { mac }: LinkView): Uint8Array {
  const payload = encodeArp({
    operation,
    senderMac: mac,
    senderIp: address,
    targetMac: BROADCAST_MAC,
    targetIp: address,
  })
  return encodeEthernet({ destination: BROADCAST_MAC, source: mac, etherType: ETHERTYPE.arp, payload })
}

/**
 * The same news to one station that asked lately, for LANs that swallow gratuitous frames: a reply,
 * or an advertisement nobody solicited.
 */
export function talkerFrames(address: Address, link: LinkView, talker: Station): Uint8Array[] {
  if (address.family === 4) return link.arp ? [arpReplyFrame(address, link, talker)] : []
  return link.ndp ? [advertisementFrame(address, link, { ...talker, solicited: false })] : []
}

/**
 * Asks whether anybody has `address`, without a word that could change a neighbour's cache: an ARP
 * probe from 0.0.0.0 (RFC 5227 section 2.1.1), or a solicitation from :: (RFC 4862 section 5.4.2).
 */
export function probeFrame(address: Address, link: LinkView): Uint8Array {
  return address.family === 4 ? arpProbe(address, link) : solicitationProbe(address, link)
}

function arpProbe(address: Address, { mac }: LinkView): Uint8Array {
  const payload = encodeArp({
    operation: 'request',
    senderMac: mac,
    senderIp: UNSPECIFIED[4],
    targetMac: NOBODY_MAC,
    targetIp: address,
  })
  return encodeEthernet({ destination: BROADCAST_MAC, source: mac, etherType: ETHERTYPE.arp, payload })
}

function solicitationProbe(target: Address, { mac }: LinkView): Uint8Array {
  const destination = solicitedNodeGroup(target)
  const source = UNSPECIFIED[6]
  const payload = encodeNdp({ kind: 'solicitation', source, destination, target, sourceLinkLayer: undefined })
  return encodeEthernet({ destination: groupMac(destination), source: mac, etherType: ETHERTYPE.ipv6, payload })
}
