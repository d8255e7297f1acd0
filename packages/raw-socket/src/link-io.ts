import type { Address, Mac } from '@steelyard/net'

/**
 * One instruction of classic BPF (`struct sock_filter`, linux/filter.h). A program runs over the
 * whole Ethernet frame; what it returns is how many bytes of the frame are kept, and 0 drops it.
 */
export type BpfInstruction = { readonly code: number; readonly jt: number; readonly jf: number; readonly k: number }

/** Whom the kernel found a frame to be for: `sll_pkttype`, packet(7). `outgoing` is a copy of what this host sent. */
export type PacketType = 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing'

/** `bytes` is the frame from its Ethernet header on, valid until the next `receive` of any socket of this adapter. */
export type ReceivedFrame = { readonly bytes: Uint8Array; readonly packetType: PacketType }

/** What every socket has. `fd` is for `poll`; it is -1 once closed, when every other call throws a plain `Error`. */
export type Closable = {
  readonly fd: number
  /** Gives the descriptor back. Closing what is closed does nothing. */
  readonly close: () => void
}

/**
 * Whole Ethernet frames of one interface (AF_PACKET, packet(7)); what a VLAN above it takes is not of it.
 *
 * When the interface goes down, `receive` throws ENETDOWN once and `send` throws it until the
 * interface is up again; the same socket then goes on. When the interface is removed it throws too,
 * and the socket is of no more use.
 *
 * Closing one keeps the thread for some 15 ms, in which the kernel makes sure that no processor still
 * delivers to it.
 */
export type PacketSocket = Closable & {
  /** The next frame that passed the filter; undefined when none waits. Never blocks. */
  readonly receive: () => ReceivedFrame | undefined
  /** Sends a whole frame, Ethernet header included (14 to 65535 bytes; longer than the MTU is EMSGSIZE). */
  readonly send: (frame: Uint8Array) => void
  /** Has the interface accept frames for a multicast MAC. Joining twice is one membership. */
  readonly joinMulticastMac: (mac: Mac) => void
  /** Leaving what was not joined does nothing. */
  readonly leaveMulticastMac: (mac: Mac) => void
  /** Has the interface accept every multicast frame, where lists of MACs are too long for it. */
  readonly joinAllMulticast: () => void
  readonly leaveAllMulticast: () => void
}

export type PacketSocketOptions = {
  readonly ifindex: number
  /** In force before the first frame can arrive. 1 to 4092 instructions. */
  readonly filter: readonly BpfInstruction[]
  /**
   * Receive only this EtherType. Left out, every frame is seen: then those this host sends are too,
   * and frames of a VLAN arrive with their tag taken off, so that a filter that must not take them
   * for untagged ones loads SKF_AD_VLAN_TAG_PRESENT.
   */
  readonly etherType?: number
  /** How urgent what is sent is in this host's own queues, as the traffic class of a packet is, 0 to 255; left out, not at all. */
  readonly trafficClass?: number
}

export type ReceivedIcmp6 = {
  /** The ICMPv6 message, from its type on; its checksum was right. Valid until the next `receive` of this adapter. */
  readonly bytes: Uint8Array
  readonly source: Address
  /** The multicast group, or this host's address, that it was sent to. undefined: the kernel did not say. */
  readonly destination: Address | undefined
  /** 255 means: from a neighbour, not through a router (RFC 4861 section 6.1). undefined: the kernel did not say. */
  readonly hopLimit: number | undefined
}

/**
 * A raw ICMPv6 socket of one interface (RFC 3542): it holds multicast memberships, which MLD tells
 * the switches, and sends and receives ICMPv6 with hop limit 255. It never sees what is sent to an
 * address that is not this host's: for that there is `PacketSocket`.
 */
export type GroupSocket = Closable & {
  /** `group`: 16 bytes, ff00::/8. Joining twice is one membership. There is no limit but memory. */
  readonly join: (group: Uint8Array) => void
  /** Leaving what was not joined does nothing, nor does leaving on an interface that is gone. */
  readonly leave: (group: Uint8Array) => void
  /** Sends an ICMPv6 message from an address the kernel picks; it also fills in the checksum. */
  readonly send: (to: Address, message: Uint8Array) => void
  /** The next message of one of `receiveTypes`; undefined when none waits. Never blocks. */
  readonly receive: () => ReceivedIcmp6 | undefined
}

export type GroupSocketOptions = {
  readonly ifindex: number
  /** The ICMPv6 types to receive (0 to 255). Left out, none: the socket then only holds memberships. */
  readonly receiveTypes?: readonly number[]
}

export type Link = {
  readonly index: number
  readonly name: string
  /** The hardware address; 6 bytes on Ethernet, none (length 0) on an interface that has no such thing. */
  readonly mac: Uint8Array
  readonly mtu: number
  /** An administrator switched it on (IFF_UP). */
  readonly up: boolean
  /** It has a carrier and nothing below holds it back (IFF_LOWER_UP, and RFC 2863 operstate up or unknown). */
  readonly running: boolean
  readonly broadcast: boolean
  readonly noArp: boolean
  readonly loopback: boolean
  /** The bridge, bond, team or VRF this is a port of. */
  readonly masterIndex?: number
  /** What made it: `veth`, `bridge`, `vlan`, `bond` …; a plain network card has none. */
  readonly kind?: string
}

/** rtnetlink(7) `ifa_scope`; `other` is one that an administrator numbered. */
export type AddressScope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | 'other'

export type InterfaceAddress = {
  readonly index: number
  readonly address: Address
  readonly prefixLength: number
  readonly scope: AddressScope
  /** Duplicate address detection has not passed it, or found a duplicate: not usable. */
  readonly tentative: boolean
}

/** RFC 4861 section 7.3.2, and the kernel's own (`NUD_*`, linux/neighbour.h). */
export type NeighbourState =
  | 'none'
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent'

export type Neighbour = {
  readonly index: number
  readonly address: Address
  /** undefined while it is not known. */
  readonly mac: Uint8Array | undefined
  readonly state: NeighbourState
}

/**
 * `moved`: an interface that is up all the while has come to hang at another place of the network, and whoever has addresses there
 * ought to announce them: a bond or a team uses another port, or a virtual machine has been moved (IFLA_EVENT, linux/if_link.h).
 */
export type NetlinkEvent =
  | { readonly kind: 'link'; readonly change: 'new' | 'deleted'; readonly link: Link; readonly moved?: true }
  | { readonly kind: 'address'; readonly change: 'new' | 'deleted'; readonly address: InterfaceAddress }
  | { readonly kind: 'neighbour'; readonly change: 'new' | 'deleted'; readonly neighbour: Neighbour }
  /** Events were lost (`reason` says how), so what is known may be wrong: dump again. */
  | { readonly kind: 'overrun'; readonly reason: string }

/** 'new' is also said when something that was known changes. */
export type NetlinkTopic = 'link' | 'address' | 'neighbour'

/** What the kernel says of interfaces, addresses and neighbours (rtnetlink(7)). Dumps are whole: one that changed while it was read is read again. */
export type NetlinkSocket = Closable & {
  readonly dumpLinks: () => Link[]
  readonly dumpAddresses: () => InterfaceAddress[]
  readonly dumpNeighbours: () => Neighbour[]
  /** Events that wait, oldest first; none when nothing happened. In a storm, poll tells that more wait. Never blocks. */
  readonly receive: () => NetlinkEvent[]
}

/** A descriptor that another thread can make ready (eventfd(2)). */
export type Wake = Closable & {
  /** Makes `fd` ready until `clear`, here and in every thread that adopted it. */
  readonly wake: () => void
  readonly clear: () => void
  /** Hand this to another thread, which gives it to `adoptWake`; stay open until it has. */
  readonly handle: number
}

/**
 * The port to the LAN: `kernelIo` is the real one, `ethernetSegment` the one in memory.
 *
 * What a caller gets wrong throws TypeError or RangeError before the kernel is asked. What the kernel
 * refuses throws SystemCallError, and nothing stays half open.
 */
export type LinkIo = {
  readonly openPacket: (options: PacketSocketOptions) => PacketSocket
  readonly openGroups: (options: GroupSocketOptions) => GroupSocket
  /** Events of all three kinds, unless `topics` names fewer: a busy node has many neighbours. */
  readonly openNetlink: (options?: { readonly topics?: readonly NetlinkTopic[] }) => NetlinkSocket
  readonly openWake: () => Wake
  /** A second `Wake` on the same event, with a descriptor of its own, from another thread's `handle`. */
  readonly adoptWake: (handle: number) => Wake
  /**
   * Waits until one of `fds` (of sockets that this adapter opened) can be received from or has
   * failed; those that can. Waits at most `timeoutMs`, rounded up, and never longer than
   * `LONGEST_POLL_MS`, so that a thread can always be stopped; 0 or less returns at once. A signal
   * may end it early with none.
   */
  readonly poll: (fds: readonly number[], timeoutMs: number) => readonly number[]
}

export const LONGEST_POLL_MS = 1000
