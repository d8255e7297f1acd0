import { type Address, addressFromBytes, formatAddress } from '@steelyard/net'
import { checkBytes, checkInteger, IFINDEX_BOUNDS, nameOf } from './checks.ts'
import type { GroupSocketOptions } from './link-io.ts'

/** What `openGroups` and a group socket take: the same checks for the kernel's and the one in memory. */

export function checkGroupOptions(options: GroupSocketOptions): Required<GroupSocketOptions> {
  const receiveTypes: unknown = options.receiveTypes ?? []
  if (!Array.isArray(receiveTypes)) {
    throw new TypeError(`receiveTypes must be an array of ICMPv6 types, not ${nameOf(receiveTypes)}`)
  }
  return {
    ifindex: checkInteger('ifindex', options.ifindex, IFINDEX_BOUNDS),
    receiveTypes: receiveTypes.map((type: unknown, at) => checkInteger(`receiveTypes[${at}]`, type, [0, 255])),
  }
}

/** RFC 4291 section 2.7: ff00::/8. */
export function checkGroup(group: Uint8Array): Address {
  const address = addressFromBytes(checkBytes('group', group, [16, 16]))
  if (address === undefined || group[0] !== 0xff) {
    const found = address === undefined ? 'what was given' : formatAddress(address)
    throw new RangeError(`group must be an IPv6 multicast address, not ${found}`)
  }
  return address
}

/** An ICMPv6 header (type, code, checksum) to the longest payload of IPv6. */
export function checkIcmp6(message: Uint8Array): Uint8Array {
  return checkBytes('message', message, [4, 65535])
}
