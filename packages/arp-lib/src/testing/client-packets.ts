import { type Address, type Mac, parseAddress, parseMac } from '@steelyard/net'
import type { ArpPacket } from '../arp.ts'
import { solicitedNodeGroup } from '../ipv6-scope.ts'
import type { LinkView } from '../link-view.ts'
import type { NeighbourAdvertisement, NeighbourSolicitation } from '../ndp.ts'

export function address(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new Error(`${text} is not an IP address`)
  return parsed
}

export function mac(text: string): Mac {
  const parsed = parseMac(text)
  if (parsed === undefined) throw new Error(`${text} is not a MAC address`)
  return parsed
}

export const OUR_MAC = mac('02:00:00:00:00:01')
export const OTHER_PORT_MAC = mac('02:00:00:00:00:02')
export const CLIENT_MAC = mac('02:00:00:00:00:0c')
export const NOBODY_MAC = mac('00:00:00:00:00:00')
export const LINK: LinkView = { mac: OUR_MAC, arp: true, ndp: true, ownMacs: [OUR_MAC, OTHER_PORT_MAC] }
/** What this node announces. */
export const ANNOUNCED = new Set(['192.0.2.99', '2001:db8::99'])

/** What a client asks, and says, of the addresses announced here. */
export const REQUEST: ArpPacket = {
  operation: 'request',
  senderMac: CLIENT_MAC,
  senderIp: address('192.0.2.12'),
  targetMac: NOBODY_MAC,
  targetIp: address('192.0.2.99'),
}
export const TARGET = address('2001:db8::99')
export const SOLICITATION: NeighbourSolicitation = {
  kind: 'solicitation',
  source: address('2001:db8::c'),
  destination: solicitedNodeGroup(TARGET),
  target: TARGET,
  sourceLinkLayer: CLIENT_MAC,
}
export const ADVERTISEMENT: NeighbourAdvertisement = {
  kind: 'advertisement',
  source: address('fe80::c'),
  destination: address('ff02::1'),
  target: TARGET,
  router: false,
  solicited: false,
  override: true,
  targetLinkLayer: CLIENT_MAC,
}
