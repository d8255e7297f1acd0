/** rtnetlink(7). Source: the header of Linux's user-space interface named beside each group. */

/** linux/netlink.h */
export const NETLINK_ROUTE = 0
export const NLM_F_REQUEST = 0x0001
export const NLM_F_DUMP_INTR = 0x0010
export const NLM_F_DUMP = 0x0300
export const NLMSG_ERROR = 2
export const NLMSG_DONE = 3
export const NLMSG_OVERRUN = 4
/** The two high bits of an attribute's type are flags: nested, and network byte order. */
export const NLA_TYPE_MASK = 0x3fff
/** Messages and attributes start at multiples of this. */
export const NLMSG_ALIGNTO = 4

/** linux/rtnetlink.h: messages */
export const RTM_NEWLINK = 16
export const RTM_DELLINK = 17
export const RTM_GETLINK = 18
export const RTM_NEWADDR = 20
export const RTM_DELADDR = 21
export const RTM_GETADDR = 22
export const RTM_NEWNEIGH = 28
export const RTM_DELNEIGH = 29
export const RTM_GETNEIGH = 30

/** linux/rtnetlink.h: what bind(2) subscribes to */
export const RTMGRP_LINK = 0x0001
export const RTMGRP_NEIGH = 0x0004
export const RTMGRP_IPV4_IFADDR = 0x0010
export const RTMGRP_IPV6_IFADDR = 0x0100

/** linux/socket.h */
export const AF_UNSPEC = 0

/** linux/if_link.h */
export const IFLA_ADDRESS = 1
export const IFLA_IFNAME = 3
export const IFLA_MTU = 4
export const IFLA_MASTER = 10
export const IFLA_OPERSTATE = 16
export const IFLA_LINKINFO = 18
export const IFLA_EVENT = 44
export const IFLA_INFO_KIND = 1
/** Values of IFLA_EVENT: why a link is told of. */
export const IFLA_EVENT_BONDING_FAILOVER = 3
export const IFLA_EVENT_NOTIFY_PEERS = 4

/** linux/if.h */
export const IFF_UP = 0x1
export const IFF_BROADCAST = 0x2
export const IFF_LOOPBACK = 0x8
export const IFF_NOARP = 0x80
export const IFF_LOWER_UP = 0x10000
export const IF_OPER_UNKNOWN = 0
export const IF_OPER_UP = 6

/** linux/if_addr.h */
export const IFA_ADDRESS = 1
export const IFA_LOCAL = 2
export const IFA_F_TENTATIVE = 0x40

/** linux/neighbour.h */
export const NDA_DST = 1
export const NDA_LLADDR = 2
