import { type Addon, loadAddon } from './addon.ts'
import { openGroupSocket } from './group-socket.ts'
import { kernelOf } from './kernel.ts'
import type { LinkIo } from './link-io.ts'
import { openNetlinkSocket } from './netlink/netlink-socket.ts'
import { openPacketSocket } from './packet-socket.ts'
import { pollKernel } from './poll.ts'
import { listenTcpSocket, openTcpSocket } from './tcp-socket.ts'
import { setThreadSlice, type ThreadIo } from './thread-io.ts'
import type { TransportIo } from './transport-io.ts'
import { openUdpSocket } from './udp-socket.ts'
import { adoptWake, openWake } from './wake.ts'

/**
 * The kernel's sockets, for the thread that calls it: what one thread opened only that thread can
 * use, and a thread that ends leaves none open. Sockets of one adapter share one receive buffer.
 * @throws Error when the addon is missing or stale.
 */
export function kernelIo(addon: Addon = loadAddon()): LinkIo & TransportIo & ThreadIo {
  const kernel = kernelOf(addon)
  return {
    openPacket: (options) => openPacketSocket(kernel, options),
    openGroups: (options) => openGroupSocket(kernel, options),
    openNetlink: (options) => openNetlinkSocket(kernel, options),
    openWake: () => openWake(kernel),
    adoptWake: (handle) => adoptWake(kernel, handle),
    poll: (fds, timeoutMs) => pollKernel(kernel, fds, timeoutMs),
    openUdp: (options) => openUdpSocket(kernel, options),
    openTcp: (options) => openTcpSocket(kernel, options),
    listenTcp: (options) => listenTcpSocket(kernel, options),
    setSlice: (nanoseconds) => setThreadSlice(kernel, nanoseconds),
  }
}
