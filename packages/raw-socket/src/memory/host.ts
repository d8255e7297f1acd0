import type { Clock, FakeClock } from '@steelyard/runtime'
import type { LinkIo } from '../link-io.ts'
import type { UdpIo } from '../transport-io.ts'
import { checkPoll } from '../poll.ts'
import { SystemCallError } from '../system-call-error.ts'
import { openMemoryGroups } from './group-socket.ts'
import { addInterface, type MemoryInterface, type MemoryInterfaceOptions } from './interface.ts'
import { openMemoryNetlink } from './netlink-socket.ts'
import { openMemoryPacket } from './packet-socket.ts'
import type { Host } from './state.ts'
import { openMemoryUdp } from './udp-socket.ts'
import { adoptMemoryWake, openMemoryWake } from './wake.ts'

export type MemoryHostOptions = {
  readonly clock: Clock
  /**
   * The same clock, when `poll` shall turn it while it waits, for a loop that polls as it does in
   * earnest. Left out, `poll` returns at once, for a test that turns the clock itself.
   */
  readonly pollTurns?: FakeClock
}

/** A machine with a network, in memory. */
export type MemoryHost = {
  readonly io: LinkIo & UdpIo
  readonly addInterface: (options: MemoryInterfaceOptions) => MemoryInterface
  /** Throws away every event that waits and says `overrun` in their place, as a kernel does that has no room. */
  readonly loseEvents: () => void
  /** How many descriptors are open. */
  readonly openDescriptors: () => number
}

/** Descriptors here are seen not to be real ones. */
const FIRST_FD = 1_000_000
const RECEIVE_BYTES = 65536

export function memoryHost({ clock, pollTurns }: MemoryHostOptions): MemoryHost {
  const host: Host = {
    clock,
    turned: pollTurns,
    nics: new Map(),
    neighbours: new Map(),
    netlinks: new Set(),
    udps: new Set(),
    descriptors: new Map(),
    buffer: new Uint8Array(RECEIVE_BYTES),
    nextFd: FIRST_FD,
    nextIndex: 1,
  }
  return {
    io: ioOf(host),
    addInterface: (options) => addInterface(host, options),
    loseEvents: () => loseEvents(host),
    openDescriptors: () => host.descriptors.size,
  }
}

function ioOf(host: Host): LinkIo & UdpIo {
  return {
    openPacket: (options) => openMemoryPacket(host, options),
    openGroups: (options) => openMemoryGroups(host, options),
    openNetlink: (options) => openMemoryNetlink(host, options),
    openWake: () => openMemoryWake(host),
    adoptWake: (handle) => adoptMemoryWake(host, handle),
    poll: (fds, timeoutMs) => poll(host, fds, timeoutMs),
    openUdp: (options) => openMemoryUdp(host, options),
  }
}

function poll(host: Host, fds: readonly number[], timeoutMs: number): readonly number[] {
  const { clock, turned } = host
  const until = clock.now() + checkPoll(fds, timeoutMs)
  const isReady = (fd: number): boolean => {
    const descriptor = host.descriptors.get(fd)
    if (descriptor === undefined) throw new SystemCallError('poll', 'EBADF')
    return descriptor.isReady()
  }
  for (;;) {
    const ready = fds.filter(isReady)
    if (ready.length > 0 || turned === undefined || clock.now() >= until) return ready
    turned.advance(Math.min(turned.nextWakeAt() ?? until, until) - clock.now())
  }
}

function loseEvents(host: Host): void {
  for (const { events } of host.netlinks) events.splice(0, events.length, { kind: 'overrun', reason: 'ENOBUFS' })
}
