import { isLinkLocal } from '@steelyard/arp-lib'
import { type Address, formatAddress } from '@steelyard/net'

/** What is looked at when a connection fails. `password` is only whether there is one. */
export type FailedTarget = {
  readonly address: Address
  readonly port: number
  /** Of a link-local address. */
  readonly interfaceName?: string | undefined
  readonly sourceAddress?: Address | undefined
  readonly device?: string | undefined
  readonly hasPassword: boolean
}

/**
 * The session gives connection and OPEN together 10 s (contract section 9.2), and would not know why there was none.
 * The kernel asks after 0, 1, 3, 7 and 15 s, so that nothing comes of waiting for the rest.
 */
export const CONNECT_WITHIN_MS = 9000
/** TCP_MD5SIG_MAXKEYLEN, linux/tcp.h: RFC 2385 section 4.5 asks for no less. */
export const LONGEST_PASSWORD_BYTES = 80
/** IFNAMSIZ, linux/if.h, without its closing zero. */
const LONGEST_DEVICE_BYTES = 15

/** What nobody need try to find out; undefined = worth trying. */
export function impossible(target: FailedTarget, passwordBytes: number): string | undefined {
  const { address, sourceAddress, device, interfaceName } = target
  if (passwordBytes > LONGEST_PASSWORD_BYTES) {
    return `the password has ${passwordBytes} bytes, and TCP MD5 signatures take at most ${LONGEST_PASSWORD_BYTES}`
  }
  if (sourceAddress !== undefined && sourceAddress.family !== address.family) {
    const [source, peer] = [formatAddress(sourceAddress), formatAddress(address)]
    return `spec.sourceAddress ${source} is IPv${sourceAddress.family}, and the peer ${peer} is IPv${address.family}`
  }
  const zoned = [address, sourceAddress].find((one) => one !== undefined && isLinkLocal(one))
  if (zoned !== undefined && interfaceName === undefined) {
    return `${formatAddress(zoned)} is a link-local address, and no interface is named that it is on`
  }
  return device !== undefined && device.length > LONGEST_DEVICE_BYTES ? noDevice(device) : undefined
}

/** Why a connection could not be had or was lost, as a sentence with what to look at. @param errno symbolic */
export function connectFailure(target: FailedTarget, errno: string): string {
  return SENTENCES[errno]?.(target) ?? `the connection to ${formatAddress(target.address)} failed (${errno})`
}

const SENTENCES: Readonly<Record<string, (target: FailedTarget) => string>> = {
  ECONNREFUSED: ({ address, port }) =>
    `${formatAddress(address)} refuses connections to port ${port} (ECONNREFUSED): does BGP run there, and does it know this node?`,
  ETIMEDOUT: (target) => noAnswer(target),
  EHOSTUNREACH: ({ address }) =>
    `${formatAddress(address)} cannot be reached (EHOSTUNREACH): nobody on the link answers for it, or a router on the way says so`,
  ENETUNREACH: ({ address, device }) =>
    `this host has no route to ${formatAddress(address)}${device === undefined ? '' : ` in ${device}`} (ENETUNREACH)`,
  EADDRNOTAVAIL: ({ sourceAddress, address }) =>
    sourceAddress === undefined
      ? `this host has no address of its own towards ${formatAddress(address)} (EADDRNOTAVAIL)`
      : `spec.sourceAddress ${formatAddress(sourceAddress)} is not an address of this host`,
  ENODEV: ({ device, interfaceName }) =>
    interfaceName === undefined && device !== undefined ? noDevice(device) : gone(interfaceName, 'ENODEV'),
  // What the kernel says of a link-local address whose interface has no IPv6.
  EINVAL: ({ interfaceName }) => gone(interfaceName, 'EINVAL'),
  EACCES: ({ address }) => `a rule of this host forbids the connection to ${formatAddress(address)} (EACCES)`,
  EPERM: ({ address }) => `a rule of this host forbids the connection to ${formatAddress(address)} (EPERM)`,
  EMFILE: () => 'this process has no file descriptor left (EMFILE)',
  ECONNRESET: ({ address }) =>
    `${formatAddress(address)} reset the connection (ECONNRESET): its log says why, if it does not know this node for instance`,
  EPIPE: ({ address }) => `${formatAddress(address)} closed the connection while it was being sent to (EPIPE)`,
}

function noAnswer({ address, port, hasPassword }: FailedTarget): string {
  const start = `no answer within ${CONNECT_WITHIN_MS / 1000} s from ${formatAddress(address)} port ${port}`
  return hasPassword
    ? `${start}; if the password differs, or is not set there, the router drops our packets without a word`
    : `${start}; a firewall on the way, or a password that the router asks for and we do not have, drops packets without a word`
}

/** Of a peer that ended an established connection. */
export function peerEnded(address: Address, heard: boolean): string {
  const peer = formatAddress(address)
  return heard
    ? `${peer} closed the connection`
    : `${peer} closed the connection without a word: does it know this node's address, and is the session enabled there?`
}

function gone(interfaceName: string | undefined, errno: string): string {
  return interfaceName === undefined
    ? `the connection failed (${errno})`
    : `the interface ${interfaceName} cannot be used (${errno}): is it there, and up, and has it a link-local address?`
}

/** Also while it is there no more. */
export function noDevice(device: string): string {
  return `spec.vrf ${device}: there is no such device on this host`
}
