import { type Address, type Mac, sameBytes } from '@steelyard/net'

/** What the kernel says of a frame's way; `linux/if_packet.h`, PACKET_HOST and its fellows. */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing'

/**
 * One interface as the decisions see it. `linkLocal` is where advertisements come from.
 *
 * RFC 4861 section 4.4 wants "an address assigned to the interface" as the source of an
 * advertisement. The announced address is not (contract: it is never put there), so it is the
 * interface's link-local address, always, also towards a global asker:
 * - it exists wherever IPv6 does, is unique on the link and never renumbered;
 * - no check of section 7.1.2 looks at the source, hence every receiver takes it;
 * - receivers and switches that check sources (reverse path filters, IPv6 source guard) know
 *   fe80::/10 to be on this very link and port, while an announced address may lie in no on-link
 *   prefix at all and would fail them.
 */
export type LinkView = {
  readonly mac: Mac
  /** Whether ARP is spoken here: the interface can broadcast. */
  readonly arp: boolean
  /** Undefined: no NDP is spoken here. Never a tentative address (RFC 4862 section 5.4). */
  readonly linkLocal: Address | undefined
  /** The Ethernet addresses of this machine's other interfaces: what they claim is no conflict. */
  readonly ownMacs: readonly Mac[]
}

/** Whether a claim made by this Ethernet address is made by another machine. */
export function isForeign(mac: Mac, link: LinkView): boolean {
  return !sameBytes(mac, link.mac) && !link.ownMacs.some((own) => sameBytes(own, mac))
}
