import type { CheckMode, ClaimForm, IgnoredReason } from '@steelyard/arp-lib'
import type { BfdState } from '@steelyard/bfd'
import type { MembershipConfig, MembershipCounters, MembershipEffect, NodeRecord } from '@steelyard/membership'
import type { Mac } from '@steelyard/net'

/** What this node shall announce, always whole: the worker works out what changed. */
export type LinkDesired = {
  readonly addresses: readonly DesiredAddress[]
  /** Unanchored regular expressions, ORed. An interface that one of them matches does not exist, even when it is listed. */
  readonly excludeInterfaces: readonly string[]
  /** The MACs of other speakers' nodes, as `formatMac` writes them: what they say of an address is no conflict unless it lasts. */
  readonly peerMacs?: readonly string[]
  /** Addresses of others that may move here: for IPv6 their groups are joined, so that it is known who talks to them. */
  readonly standby?: readonly DesiredAddress[]
  /** Left out, as in `SCHEDULE`. A change takes effect without a burst. */
  readonly schedule?: AnnouncePace
  /** Whether a foreign use of an announced address is answered by an announcement; left out, it is. */
  readonly defend?: boolean
  /** Left out, there are no other speakers: what is desired is announced at once and always. */
  readonly membership?: MembershipDesired
  /** Neighbours to watch over by BFD; left out, none. */
  readonly bfd?: readonly DesiredBfd[]
  /** Interfaces, by name, on which the router at the other end is to be found (unnumbered BGP); left out, none. */
  readonly unnumbered?: readonly string[]
  /** Devices, by name, that sessions are bound to: whether they are there is told. Left out, none. */
  readonly devices?: readonly string[]
}

/** One BFD session (RFC 5880). A change of anything but `key`, addresses and kind retunes it without a flap. */
export type DesiredBfd = {
  /** What facts name it by. */
  readonly key: string
  readonly peer: string
  /** Of this host; left out, the kernel chooses. */
  readonly local?: string
  /** The interface of a link-local `peer`. */
  readonly interface?: string
  /** Bind to this device: a VRF. */
  readonly device?: string
  /** RFC 5883: a port of its own, `minimumTtl` counts, no echo. Else RFC 5881. */
  readonly multihop: boolean
  readonly transmitIntervalMs: number
  readonly receiveIntervalMs: number
  readonly detectMultiplier: number
  /** Absent = no echo. */
  readonly echoIntervalMs?: number
  readonly minimumTtl: number
  /** Silent until the peer speaks. */
  readonly passive: boolean
}

/** Who the other speakers are, and what this node says of itself to them. */
export type MembershipDesired = {
  /** Every node that may be a member, without this one, and where to reach it. */
  readonly roster: readonly { readonly node: string; readonly address: string }[]
  /** The first seals, all open. None: the secret is all zeros, which is none. */
  readonly secrets: readonly Uint8Array[]
  readonly record: NodeRecord
  readonly config: MembershipConfig
  /** It says goodbye: others need not wait for it to fall silent. */
  readonly leaving: boolean
  /** Of two nodes, the one that still reaches it goes on. */
  readonly gateway?: { readonly ip: string; readonly interface: string }
}

/** How often an address is announced again at rest, and how many frames are announced a second over all. */
export type AnnouncePace = { readonly refreshMs: number; readonly framesPerSecond: number }

/** The same `ip` may come several times; its interfaces are then united. */
export type DesiredAddress = {
  readonly ip: string
  readonly interfaces: 'all' | readonly string[]
  /**
   * Whether the LAN is asked for the address before it is announced here for the first time; left
   * out, it is not. It counts until the address is announced; taken away, the address is announced at once.
   */
  readonly check?: CheckMode
}

/** What the worker tells. Main never asks: facts come when they change. */
export type LinkFact =
  /** How long the worker's thread runs at a time, as the scheduler has granted it; 0 = as any other. Once, and first. */
  | { readonly kind: 'slice'; readonly nanoseconds: number; readonly refused?: string }
  /** The interfaces are known and sockets stand open: desires are carried out from here on. Once. */
  | { readonly kind: 'ready' }
  /** All that can be announced on, by name; told whole, on each change and before `ready`. */
  | {
      readonly kind: 'interfaces'
      readonly interfaces: readonly UsableInterface[]
      /** Could be announced on earlier in this life, still exist, and cannot now: no carrier, or nobody hears it. */
      readonly impaired: readonly string[]
      /** Of those that are announced on, and of those that are only not heard. */
      readonly macs: readonly Mac[]
    }
  /** At most each second, and only what changed since: the numbers are totals. */
  | ({ readonly kind: 'counters' } & LinkCounters)
  /** Something of the world failed; it is tried again by itself. Repetitions are folded into `times`. */
  | ({ readonly kind: 'fault' } & LinkFault)
  /** A conflict is told at once when it is new, then each minute while it goes on; and when it has ended. */
  | ConflictFact
  /** A check of an address found nobody; with `refuse`, it is announced from here on. */
  | { readonly kind: 'checked'; readonly ip: string; readonly interface: string }
  /** Who lives and what they say of themselves (see `MembershipEffect`); `since` is on the worker's own clock. */
  | Extract<MembershipEffect, { kind: 'members' | 'record' | 'deafLinks' }>
  /** All addresses that are silent because a living node has the better claim, until this one has a better again. */
  | { readonly kind: 'silenced'; readonly ips: readonly string[] }
  /** What came from the address of another node could not be opened: it has another key. At most each second and node. */
  | { readonly kind: 'unreadable'; readonly node: string }
  /** Totals: at most each second when more was dropped, else each ten seconds. */
  | ({ readonly kind: 'memberCounters' } & MembershipCounters)
  /** All BFD sessions, whenever one changes its state or its intervals, or comes or goes. At once. */
  | { readonly kind: 'bfd'; readonly sessions: readonly BfdFact[] }
  /** Packets of all BFD sessions, each ten seconds while there are any. */
  | { readonly kind: 'bfdCounters'; readonly sessions: readonly BfdCounters[] }
  /** All neighbours found on `unnumbered` interfaces, whenever one changes. */
  | { readonly kind: 'linkNeighbours'; readonly neighbours: readonly LinkNeighbour[] }
  /** All `devices` that are wanted, whenever one comes, goes, or is switched on or off. */
  | { readonly kind: 'devices'; readonly devices: readonly WatchedDevice[] }

export type BfdFact = {
  readonly key: string
  readonly state: BfdState
  /** Of `state`, on the worker's clock. */
  readonly since: number
  /** What the peer says of itself; undefined while it was never heard. */
  readonly remoteState?: BfdState
  /** Why it was last lost, as a sentence; undefined = it never was up and lost. */
  readonly lastDown?: string
  /** In effect now (RFC 5880 section 6.8.2 to 6.8.4), milliseconds. */
  readonly transmitMs: number
  readonly receiveMs: number
  readonly detectMs: number
  /** While echoes are sent. */
  readonly echoMs?: number
  readonly ups: number
  readonly downs: number
}

/** Totals since the session was wanted. */
export type BfdCounters = {
  readonly key: string
  readonly controlReceived: number
  readonly controlSent: number
  readonly echoReceived: number
  readonly echoSent: number
}

/** The router at the other end of an interface, found by its Router Advertisements. */
export type LinkNeighbour = { readonly interface: string; readonly ifindex: number; readonly address: string }

/** `ifindex` is undefined while there is none of this name: one that is made anew is another. `up`: it is switched on. */
export type WatchedDevice = { readonly name: string; readonly ifindex: number | undefined; readonly up: boolean }

export type ConflictFact =
  | ({ readonly kind: 'conflict' } & AddressConflict)
  /** Nothing was heard of it for two minutes, or the address is not this node's any more. */
  | ({ readonly kind: 'conflictEnded' } & Pick<AddressConflict, 'ip' | 'mac' | 'interface' | 'whose' | 'times'>)

/** Another machine uses an address of this node. */
export type AddressConflict = {
  readonly ip: string
  readonly mac: string
  /** Where it was heard last. */
  readonly interface: string
  /** In what, last. */
  readonly form: ClaimForm
  /** Frames since the conflict began. */
  readonly times: number
  /** Whether the MAC is that of another speaker's node. */
  readonly whose: 'peer' | 'foreign'
  /** The address is not announced here because of it; it is tried again by itself. */
  readonly refused?: true
}

export type UsableInterface = { readonly name: string; readonly arp: boolean; readonly ndp: boolean }

export type LinkFault = {
  readonly interface?: string
  /** The system call, or what else was tried. */
  readonly call: string
  readonly errno: string
  readonly message: string
  readonly times: number
}

export type LinkCounters = {
  /** Only addresses whose numbers changed; those not desired any more are dropped without a word. */
  readonly addresses: readonly AddressCounters[]
  /** Frames that got no answer, by reason. */
  readonly ignored: Readonly<Partial<Record<IgnoredReason, number>>>
  /** The longest time since the last report in which a frame or a deadline may have waited for the loop. */
  readonly worstLagMs: number
}

export type AddressCounters = {
  readonly ip: string
  readonly requests: number
  readonly responses: number
  /** Frames, not rounds. */
  readonly gratuitous: number
  /** Frames in which another machine used the address as its own, and who did last. */
  readonly claims: number
  readonly claimedBy?: string
}
