import type { Address } from '@steelyard/net'
import type { Clock, FakeClock } from '@steelyard/runtime'
import { CLOSED, type Handle } from '../handle.ts'
import type {
  BpfInstruction,
  InterfaceAddress,
  Link,
  Neighbour,
  NetlinkEvent,
  NetlinkTopic,
  PacketType,
} from '../link-io.ts'
import type { Plug } from './segment.ts'
import type { UdpPacket } from '@steelyard/arp-lib'

/** What a host in memory knows, shared by its interfaces and sockets. */
export type Host = {
  readonly clock: Clock
  /** Turned by `poll` while it waits; undefined: the test turns it, and `poll` never waits. */
  readonly turned: FakeClock | undefined
  readonly nics: Map<number, Nic>
  readonly neighbours: Map<string, Neighbour>
  readonly netlinks: Set<NetlinkState>
  readonly udps: Set<UdpState>
  /** What each open descriptor is ready by. Numbers are never used twice. */
  readonly descriptors: Map<number, Descriptor>
  /** What was received last, overwritten by the next: so that a test sees who keeps what he must not. */
  readonly buffer: Uint8Array
  nextFd: number
  nextIndex: number
}

export type Descriptor = { readonly isReady: () => boolean; readonly event?: EventState }

export type EventState = { awake: boolean }

export type Nic = {
  /** `up` and `running` are kept by `isUp` and `carrier`. */
  link: Link
  carrier: boolean
  plug: Plug | undefined
  addresses: readonly InterfaceAddress[]
  readonly packets: Set<PacketState>
  readonly groups: Set<GroupState>
}

export type PacketState = {
  readonly filter: readonly BpfInstruction[]
  readonly etherType: number
  readonly queue: { readonly frame: Uint8Array; readonly packetType: PacketType }[]
  readonly joined: Set<string>
  /** What the next `receive` throws. */
  error: string | undefined
}

export type GroupState = {
  readonly types: ReadonlySet<number>
  readonly queue: Uint8Array[]
  /** Groups as text. */
  readonly joined: Set<string>
}

export type UdpState = {
  readonly address: Address
  readonly port: number
  /** The only interface it sends and hears on; 0: all. */
  readonly ifindex: number
  readonly shared: boolean
  readonly queue: (UdpPacket & { readonly ifindex: number })[]
}

export type NetlinkState = { readonly topics: ReadonlySet<NetlinkTopic>; readonly events: NetlinkEvent[] }

/** A socket nobody reads drops what comes then, as the kernel's does. */
const LONGEST_QUEUE = 1000

export function enqueue<T>(queue: T[], value: T): void {
  if (queue.length < LONGEST_QUEUE) queue.push(value)
}

/** Gives out the next descriptor. */
export function openDescriptor(host: Host, what: string, descriptor: Descriptor): Handle {
  const handle = { fd: host.nextFd++, what }
  host.descriptors.set(handle.fd, descriptor)
  return handle
}

/** Closing what is closed does nothing. */
export function closeDescriptor(host: Host, handle: Handle): void {
  host.descriptors.delete(handle.fd)
  handle.fd = CLOSED
}

/** A view of the host's receive buffer with these bytes in it. */
export function received(host: Host, bytes: Uint8Array): Uint8Array {
  host.buffer.set(bytes)
  return host.buffer.subarray(0, bytes.length)
}

/** Too many events for one socket: the kernel's buffer would be full long before. */
const MOST_EVENTS = 10_000

export function tell(host: Host, event: NetlinkEvent): void {
  for (const { topics, events } of host.netlinks) {
    if (event.kind !== 'overrun' && !topics.has(event.kind)) continue
    if (events.length < MOST_EVENTS) events.push(event)
    else events.splice(0, events.length, { kind: 'overrun', reason: 'ENOBUFS' })
  }
}
