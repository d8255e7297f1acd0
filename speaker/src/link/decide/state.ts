import {
  type CheckConfig,
  type CheckMode,
  type DuplicateChecks,
  duplicateChecks,
  type LinkView,
  type Schedule,
  schedule,
  type ScheduleConfig,
  type Talkers,
} from '@steelyard/arp-lib'
import type { Address, Mac } from '@steelyard/net'
import type { Backoff, Random } from '@steelyard/runtime'
import type { LinkDesired, LinkFact } from '../messages.ts'
import { type BfdAct, type BfdEvent, type BfdPart, bfdPart } from './bfd-state.ts'
import { type ConflictConfig, type ConflictWatch, conflictWatch } from './conflict-watch.ts'
import { type DevicePart, devicePart } from './devices.ts'
import { compileExclusion, type Exclusion } from './exclusion.ts'
import { type Faults, noFaults } from './faults.ts'
import type { KernelAddress, KernelEvent, KernelLink, KernelView } from './kernel-view.ts'
import { type MemberAct, type MemberEvent, type MemberPart, memberPart, type MemberSelf } from './member-state.ts'
import type { Pace } from './pace.ts'
import { type RouterAct, type RouterEvent, type RouterPart, routerPart } from './router-state.ts'
import { type Tally, tally } from './tally.ts'
import type { ChannelPlan } from './usable-channels.ts'

/** An address to announce, the desires for it united. */
export type Wanted = {
  readonly ip: string
  readonly address: Address
  readonly on: 'all' | ReadonlySet<string>
  readonly check: CheckMode | undefined
}

/** A solicited-node group on one interface: several addresses may share it. */
export type Group = { readonly address: Address; members: number; isJoined: boolean }

/** A channel that has, or ought to have, its socket. */
export type Channel = {
  plan: ChannelPlan
  link: LinkView
  /** False from a failure until `retryAt`. */
  isOpen: boolean
  failures: number
  retryAt: number
  readonly announced: Map<string, Address>
  /** Not announced before it is known that nobody else has them. */
  readonly checked: Map<string, Address>
  /** Of other nodes, whose groups are joined to hear who asks. */
  readonly standby: Map<string, Address>
  readonly groups: Map<string, Group>
}

/**
 * All that the link worker knows. It belongs to its loop, which changes it in place through `step`:
 * copying thousands of entries per frame would cost more than the frame.
 */
export type LinkState = {
  wanted: ReadonlyMap<string, Wanted>
  standby: ReadonlyMap<string, Wanted>
  /** Of the wanted addresses those that need no check any more, since they were announced or their check is over. */
  readonly known: Set<string>
  readonly checks: DuplicateChecks
  readonly conflicts: ConflictWatch
  peerMacs: ReadonlySet<string>
  defends: boolean
  /** Undefined while the built-in one is in force. */
  pace: Pace | undefined
  exclusion: Exclusion
  /** Undefined until the kernel has been asked for the first time. */
  view: KernelView | undefined
  ownMacs: readonly Mac[]
  readonly channels: Map<string, Channel>
  readonly schedule: Schedule
  readonly talkers: Talkers
  readonly tally: Tally
  readonly faults: Faults
  readonly member: MemberPart
  readonly routers: RouterPart
  readonly devices: DevicePart
  readonly bfd: BfdPart
  rescanAt: number
  isReadyTold: boolean
  /** Whether a channel was gained, lost or renamed since the interfaces were told. */
  isInterfacesStale: boolean
  interfacesTold: string | undefined
}

export type LinkConfig = {
  readonly schedule: ScheduleConfig
  readonly check: CheckConfig
  readonly conflicts: ConflictConfig
  /** The rounds in which known talkers are told directly as well. */
  readonly talkerRounds: readonly number[]
  /** Netlink tells all that changes; this finds what it did not (contract §7.3). */
  readonly rescanMs: number
  readonly reportMs: number
  /** What went to other speakers and came from them is told so often when there is nothing else to tell of them. */
  readonly beatsReportMs: number
  /** A fault that goes on is told again after this time. */
  readonly faultRepeatMs: number
  /** A lag below this is not worth a report of its own. */
  readonly lagWorthTellingMs: number
  readonly retry: Backoff
  readonly random: Random
  /** 16 random bytes: one life among the speakers. */
  readonly newBoot: () => Uint8Array
}

/** What happened. `key` names a channel. */
export type LinkEvent =
  | { readonly kind: 'desired'; readonly desired: LinkDesired }
  | { readonly kind: 'scanned'; readonly links: readonly KernelLink[]; readonly addresses: readonly KernelAddress[] }
  | { readonly kind: 'kernel'; readonly events: readonly KernelEvent[] }
  /** Kernel events were lost. */
  | { readonly kind: 'overrun' }
  | {
      readonly kind: 'frame'
      readonly key: string
      readonly bytes: Uint8Array
      readonly packetType: 'host' | 'broadcast' | 'multicast' | 'otherhost' | 'outgoing'
    }
  | { readonly kind: 'failed'; readonly tried: Attempt; readonly error: FailedCall }
  | { readonly kind: 'member'; readonly what: MemberEvent }
  | { readonly kind: 'routers'; readonly what: RouterEvent }
  | { readonly kind: 'bfd'; readonly what: BfdEvent }
  /** The end of a turn of the loop. @property lagMs how long something may have waited for it. */
  | { readonly kind: 'tick'; readonly lagMs: number }

export type FailedCall = { readonly call: string; readonly errno: string; readonly message: string }

/** What to do, in this order. Those that can fail come back in a `failed` event. */
export type LinkEffect =
  | Fallible
  | { readonly kind: 'close'; readonly key: string }
  | { readonly kind: 'tell'; readonly fact: LinkFact }
  | { readonly kind: 'member'; readonly act: MemberAct }
  | { readonly kind: 'routers'; readonly act: RouterAct }
  | { readonly kind: 'bfd'; readonly act: BfdAct }

export type Fallible =
  | { readonly kind: 'scan' }
  | { readonly kind: 'open'; readonly plan: ChannelPlan }
  | { readonly kind: 'join' | 'leave'; readonly key: string; readonly group: Address }
  | {
      readonly kind: 'send'
      readonly key: string
      readonly frame: Uint8Array
      readonly ip: string
      readonly as: 'responses' | 'gratuitous' | 'probes'
    }

/** What can fail: an effect, or reading from a socket that was polled. */
export type Attempt = Fallible | { readonly kind: 'receive'; readonly key: string }

/** @param self left out: membership is never desired of this worker. */
export function linkState(self?: MemberSelf): LinkState {
  return {
    wanted: new Map(),
    standby: new Map(),
    known: new Set(),
    checks: duplicateChecks(),
    conflicts: conflictWatch(),
    peerMacs: new Set(),
    defends: true,
    pace: undefined,
    exclusion: compileExclusion([]),
    view: undefined,
    ownMacs: [],
    channels: new Map(),
    schedule: schedule(),
    talkers: new Map(),
    tally: tally(),
    faults: noFaults(),
    member: memberPart(self),
    routers: routerPart(),
    devices: devicePart(),
    bfd: bfdPart(),
    rescanAt: Number.NEGATIVE_INFINITY,
    isReadyTold: false,
    isInterfacesStale: true,
    interfacesTold: undefined,
  }
}
