import type { GroupSocket, LinkIo, NetlinkSocket, PacketSocket, UdpIo, Wake } from '@steelyard/raw-socket'
import type { MemberSelf } from './decide/member-state.ts'
import { type LinkConfig, linkState, type LinkState } from './decide/state.ts'
import { type MemberSockets, memberSockets } from './member-sockets.ts'
import type { RouterSockets } from './router-sockets.ts'
import type { LinkDesired, LinkFact } from './messages.ts'

/** What the loop is joined with. */
export type LinkWorld = {
  readonly io: LinkIo & UdpIo
  /** Made ready by whoever has put a desire into the inbox. */
  readonly wake: Wake
  /** The oldest desire not taken yet. */
  readonly nextDesired: () => LinkDesired | undefined
  readonly tell: (fact: LinkFact) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly config: LinkConfig
  /** Left out: this worker is never a member. */
  readonly self?: MemberSelf
}

/** The sockets of one channel. The second one only holds the memberships of NDP. */
export type ChannelSockets = { readonly packet: PacketSocket; readonly groups: GroupSocket | undefined }

/** The link core with its sockets. One thread owns it, and does nothing else. */
export type LinkLoop = {
  readonly world: LinkWorld
  readonly state: LinkState
  /** By the key of the channel. */
  readonly sockets: Map<string, ChannelSockets>
  readonly members: MemberSockets
  readonly routers: RouterSockets
  netlink: NetlinkSocket | undefined
  /** When the turn before began to work. */
  wokeAt: number
}

export function linkLoop(world: LinkWorld): LinkLoop {
  return {
    world,
    state: linkState(world.self),
    sockets: new Map(),
    members: memberSockets(),
    routers: new Map(),
    netlink: undefined,
    wokeAt: world.now(),
  }
}
