import { constants } from 'node:os'
import type { Addon } from './addon.ts'
import { MSG_TRUNC, SO_PRIORITY, SO_RCVBUF, SOL_SOCKET } from './constants.ts'
import { CLOSED, type Handle, openFd } from './handle.ts'
import { HOST_ORDER } from './host-order.ts'
import { precedenceOf, writer } from '@steelyard/net'
import { SystemCallError } from './system-call-error.ts'

/** The addon and the buffers that every socket of one adapter receives into, one message at a time. */
export type Kernel = {
  readonly addon: Addon
  readonly bytes: Uint8Array
  /** The sender's address and the control messages: see `Addon.receive`. */
  readonly ancillary: Uint8Array
  readonly told: Int32Array
}

/** The longest datagram, and more than the longest part of a netlink dump (32 KiB). */
const RECEIVE_BYTES = 65536
const NAME_BYTES = 128
const CONTROL_BYTES = 256

export function kernelOf(addon: Addon): Kernel {
  return {
    addon,
    bytes: new Uint8Array(RECEIVE_BYTES),
    ancillary: new Uint8Array(NAME_BYTES + CONTROL_BYTES),
    told: new Int32Array(3),
  }
}

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, value]) => [value, name]),
)

/** The result of a call, unless it is -errno. */
export function checked(result: number, call: string, about?: string): number {
  if (result >= 0) return result
  throw new SystemCallError(call, ERRNO_NAMES.get(-result) ?? `errno ${-result}`, about)
}

/** Closing what is closed does nothing. */
export function closeHandle(kernel: Kernel, handle: Handle): void {
  if (handle.fd === CLOSED) return
  const fd = handle.fd
  handle.fd = CLOSED
  kernel.addon.close(fd)
}

export type SocketKind = {
  readonly what: string
  readonly domain: number
  readonly type: number
  readonly protocol: number
}

/** Opens a socket and sets it up; when that fails nothing stays open. */
export function openSocket(kernel: Kernel, kind: SocketKind, setUp: (handle: Handle) => void): Handle {
  const { what, domain, type, protocol } = kind
  const handle = { what, fd: checked(kernel.addon.socket(domain, type, protocol), 'socket', what) }
  try {
    setUp(handle)
    return handle
  } catch (error) {
    closeHandle(kernel, handle)
    throw error
  }
}

export type SocketOption = { readonly level: number; readonly name: number; readonly about: string }

/** setsockopt(2) with an `int`, which nearly every option is. */
export function setInteger(kernel: Kernel, handle: Handle, option: SocketOption, value: number): void {
  setBytes(kernel, handle, option, HOST_ORDER.putU32(writer(), value).done())
}

export function setBytes(kernel: Kernel, handle: Handle, option: SocketOption, value: Uint8Array): void {
  const result = kernel.addon.setOption(openFd(handle), option.level, option.name, value)
  checked(result, 'setsockopt', option.about)
}

/** Room for a burst while the thread does something else. The kernel takes what `net.core.rmem_max` allows of it, twice. */
const RECEIVE_BUFFER_BYTES = 1_048_576

export function widenReceiveBuffer(kernel: Kernel, handle: Handle): void {
  setInteger(kernel, handle, { level: SOL_SOCKET, name: SO_RCVBUF, about: 'SO_RCVBUF' }, RECEIVE_BUFFER_BYTES)
}

/** More takes CAP_NET_ADMIN (socket(7)). */
const HIGHEST_PRIORITY = 6

/**
 * SO_PRIORITY: the place of what is sent in the queues of this host (`pfifo_fast`, `prio`), and on a VLAN its 802.1Q priority
 * where an egress map says so. To be set after IP_TOS, which sets it too, and to nothing urgent for class selector 6 (`rt_tos2priority`).
 */
export function prioritise(kernel: Kernel, handle: Handle, trafficClass: number): void {
  const priority = Math.min(precedenceOf(trafficClass), HIGHEST_PRIORITY)
  setInteger(kernel, handle, { level: SOL_SOCKET, name: SO_PRIORITY, about: 'SO_PRIORITY' }, priority)
}

/** One message. `bytes` and the rest are views of the adapter's buffers, valid until the next one. */
export type Message = {
  readonly bytes: Uint8Array
  readonly name: Uint8Array
  readonly control: Uint8Array
  readonly truncated: boolean
}

/** undefined when none waits. */
export function receiveMessage(kernel: Kernel, handle: Handle): Message | undefined {
  const { addon, bytes, ancillary, told } = kernel
  const length = addon.receive(openFd(handle), bytes, ancillary, told)
  if (-length === constants.errno.EAGAIN || -length === constants.errno.EINTR) return undefined
  checked(length, 'recvmsg', handle.what)
  const [nameLength = 0, controlLength = 0, flags = 0] = told
  return {
    bytes: bytes.subarray(0, length),
    name: ancillary.subarray(0, nameLength),
    control: ancillary.subarray(NAME_BYTES, NAME_BYTES + controlLength),
    truncated: (flags & MSG_TRUNC) !== 0,
  }
}

const NO_SOCKADDR: Uint8Array = new Uint8Array(0)

/** `sockaddr` left out: to where the socket is bound or connected. */
export function sendMessage(kernel: Kernel, handle: Handle, bytes: Uint8Array, sockaddr = NO_SOCKADDR): void {
  checked(kernel.addon.send(openFd(handle), bytes, sockaddr), 'sendto', handle.what)
}

export function bindTo(kernel: Kernel, handle: Handle, sockaddr: Uint8Array): void {
  checked(kernel.addon.bind(openFd(handle), sockaddr), 'bind', handle.what)
}
