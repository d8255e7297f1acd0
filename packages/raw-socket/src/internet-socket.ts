import { checkAddress, checkInteger, IFINDEX_BOUNDS } from './checks.ts'
import { SO_BINDTODEVICE, SOL_SOCKET } from './constants.ts'
import { type Handle, openFd } from './handle.ts'
import { checked, type Kernel, setBytes } from './kernel.ts'
import { type InternetName, readInternetSockaddr } from './sockaddr.ts'
import type { UdpTarget } from './transport-io.ts'

/** SO_BINDTODEVICE (socket(7)): only this interface, or this VRF, sends and receives. */
export function bindToDevice(kernel: Kernel, handle: Handle, device: Uint8Array): void {
  setBytes(kernel, handle, { level: SOL_SOCKET, name: SO_BINDTODEVICE, about: 'SO_BINDTODEVICE' }, device)
}

/** The port a socket is bound to. */
export function localPort(kernel: Kernel, handle: Handle): number {
  const length = checked(kernel.addon.localAddress(openFd(handle), kernel.ancillary), 'getsockname', handle.what)
  return readInternetSockaddr(kernel.ancillary.subarray(0, length)).port
}

/** A port of 0 cannot be sent to. */
export function checkTarget(to: UdpTarget, family: 4 | 6): InternetName {
  return {
    address: checkAddress('to.address', to.address, family),
    port: checkInteger('to.port', to.port, [1, 65535]),
    ifindex: to.ifindex === undefined ? 0 : checkInteger('to.ifindex', to.ifindex, IFINDEX_BOUNDS),
  }
}
