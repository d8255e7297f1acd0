/**
 * The one home of the numbers of Ethernet, ARP and NDP.
 * IEEE 802 Numbers, "Address Resolution Protocol Parameters", "IPv6 Parameters" and "ICMPv6
 * Parameters" at IANA; RFC 826, 4861, 5227, 8200.
 */

export const MAC_BYTES = 6
export const IPV4_BYTES = 4
export const IPV6_BYTES = 16

/** IEEE 802 Numbers. A smaller value in that field is a length, of an 802.3 frame. */
export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const
export const LOWEST_ETHERTYPE = 0x0600
export const ETHERNET_HEADER_BYTES = 14
export const ETHERTYPE_OFFSET = 12

/** The bit of the first octet that makes an Ethernet address a group's (broadcast included). */
export const GROUP_BIT = 0x01
export const BROADCAST_MAC: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
/** RFC 5227 section 2.1.1: the target of a probe, whose hardware address nobody knows. */
export const NOBODY_MAC: Uint8Array = new Uint8Array(MAC_BYTES)
/** RFC 2464 section 7: an IPv6 group is the Ethernet group 33:33 and the last four octets of the address. */
export const IPV6_GROUP_MAC_PREFIX: readonly number[] = [0x33, 0x33]

/** RFC 826; "Hardware Types" and "Operation Codes" at IANA. */
export const ARP_HARDWARE_ETHERNET = 1
export const ARP_OPERATION = { request: 1, reply: 2 } as const
export type ArpOperation = keyof typeof ARP_OPERATION

/** RFC 5227 section 1.1: how often an address is defended at most. */
export const DEFEND_INTERVAL_MS = 10_000

/** RFC 8200 section 3. */
export const IPV6_VERSION = 6
export const IPV6_HEADER_BYTES = 40
export const IPV6_NEXT_HEADER_OFFSET = 6
/** "Assigned Internet Protocol Numbers" at IANA. */
export const NEXT_HEADER_ICMPV6 = 58

/** RFC 4861 sections 4.3, 4.4 and 4.6. */
export const NDP_TYPE = { solicitation: 135, advertisement: 136 } as const
/** RFC 4861 sections 4.1 and 4.2. */
export const ROUTER_TYPE = { solicitation: 133, advertisement: 134 } as const
export const NDP_CODE = 0
export const NDP_OPTION = { sourceLinkLayer: 1, targetLinkLayer: 2 } as const
/** An option says its length in units of 8 octets, its own two header octets included. */
export const NDP_OPTION_UNIT_BYTES = 8
export const NDP_OPTION_HEADER_BYTES = 2
/** Of a neighbour advertisement, the first of the four flag octets. */
export const NA_FLAG = { router: 0x80, solicited: 0x40, override: 0x20 } as const
/** RFC 4861 section 7.1: less than 255 has passed a router, so it does not come from this link. */
export const NDP_HOP_LIMIT = 255

/** First words of IPv6 groups and scopes. RFC 4291 sections 2.5.6 and 2.7. */
export const IPV6_GROUP_FIRST_OCTET = 0xff
export const LINK_LOCAL_FIRST_WORD = 0xfe80_0000
export const LINK_LOCAL_MASK = 0xffc0_0000
/** ff02::1, all nodes of the link. */
export const ALL_NODES_WORDS: readonly number[] = [0xff02_0000, 0, 0, 1]
/** ff02::2, all routers of the link. */
export const ALL_ROUTERS_WORDS: readonly number[] = [0xff02_0000, 0, 0, 2]
/** ff02::1:ff00:0/104, RFC 4291 section 2.7.1; the low 24 bits are those of the address solicited. */
export const SOLICITED_NODE_WORDS: readonly number[] = [0xff02_0000, 0, 1, 0xff00_0000]
export const SOLICITED_NODE_LOW_BITS = 0x00ff_ffff
