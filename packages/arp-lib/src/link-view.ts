import { type Mac, sameBytes } from '@steelyard/net'

/** What the kernel says of a frame's way; `linux/if_packet.h`, PACKET_HOST and its fellows. */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing'

/** One interface as the decisions see it. */
export type LinkView = {
  readonly mac: Mac
  /** Whether ARP is spoken here: the interface can broadcast. */
  readonly arp: boolean
  /** Whether NDP is spoken here: the interface does IPv6, hence has a link-local address (RFC 4291 section 2.1). */
  readonly ndp: boolean
  /** The Ethernet addresses of this machine's other interfaces: what they claim is no conflict. */
  readonly ownMacs: readonly Mac[]
}

/** Whether a claim made by this Ethernet address is made by another machine. */
export function isForeign(mac: Mac, link: LinkView): boolean {
  return !sameBytes(mac, link.mac) && !link.ownMacs.some((own) => sameBytes(own, mac))
}
