/**
 * The kernel's numbers for sockets. Source: the header of Linux's user-space interface named beside
 * each group. They are the same on every architecture that Node runs on (x64, arm64, arm, ppc64, s390x).
 */

/** linux/socket.h */
export const AF_INET = 2
export const AF_INET6 = 10
export const AF_NETLINK = 16
export const AF_PACKET = 17
export const MSG_CTRUNC = 0x08
export const MSG_TRUNC = 0x20

/** linux/net.h */
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_RAW = 3

/** linux/in.h, IANA protocol numbers */
export const IPPROTO_IP = 0
export const IPPROTO_TCP = 6
export const IPPROTO_IPV6 = 41
export const IPPROTO_ICMPV6 = 58

/** asm-generic/socket.h */
export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_RCVBUF = 8
export const SO_PRIORITY = 12
export const SO_BINDTODEVICE = 25
/** Since Linux 5.1: as SO_BINDTODEVICE, by index, which a rename cannot make wrong. */
export const SO_BINDTOIFINDEX = 62

/** linux/in.h */
export const IP_TOS = 1
export const IP_TTL = 2
export const IP_PKTINFO = 8
export const IP_RECVTTL = 12
export const IP_MINTTL = 21

/** linux/in6.h, RFC 3493 and RFC 3542 */
export const IPV6_UNICAST_HOPS = 16
export const IPV6_MULTICAST_IF = 17
export const IPV6_MULTICAST_HOPS = 18
export const IPV6_MULTICAST_LOOP = 19
export const IPV6_JOIN_GROUP = 20
export const IPV6_LEAVE_GROUP = 21
export const IPV6_V6ONLY = 26
export const IPV6_RECVPKTINFO = 49
export const IPV6_PKTINFO = 50
export const IPV6_RECVHOPLIMIT = 51
export const IPV6_HOPLIMIT = 52
export const IPV6_TCLASS = 67
export const IPV6_MINHOPCOUNT = 73

/** linux/icmpv6.h: an option of level IPPROTO_ICMPV6 */
export const ICMPV6_FILTER = 1

/** linux/tcp.h */
export const TCP_MD5SIG = 14
export const TCP_MD5SIG_MAXKEYLEN = 80

/** linux/if_packet.h */
export const SOL_PACKET = 263
export const PACKET_ADD_MEMBERSHIP = 1
export const PACKET_DROP_MEMBERSHIP = 2
export const PACKET_MR_MULTICAST = 0
export const PACKET_MR_ALLMULTI = 2
export const PACKET_HOST = 0
export const PACKET_BROADCAST = 1
export const PACKET_MULTICAST = 2
export const PACKET_OTHERHOST = 3
export const PACKET_OUTGOING = 4

/** linux/if_ether.h: every EtherType */
export const ETH_P_ALL = 0x0003

/** linux/if.h: room for an interface's name, its closing NUL included */
export const IFNAMSIZ = 16
