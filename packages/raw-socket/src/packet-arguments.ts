import { formatMac, type Mac } from '@steelyard/net'
import { checkProgram } from './bpf/check-program.ts'
import { checkBytes, checkInteger, IFINDEX_BOUNDS, TRAFFIC_CLASS_BOUNDS } from './checks.ts'
import { ETH_P_ALL } from './constants.ts'
import type { PacketSocketOptions } from './link-io.ts'

/** What `openPacket` and a packet socket take: the same checks for the kernel's and the one in memory. */

export function checkPacketOptions(options: PacketSocketOptions): Required<PacketSocketOptions> {
  return {
    ifindex: checkInteger('ifindex', options.ifindex, IFINDEX_BOUNDS),
    filter: checkProgram(options.filter),
    etherType: options.etherType === undefined ? ETH_P_ALL : checkInteger('etherType', options.etherType, ETHER_TYPES),
    trafficClass: checkInteger('trafficClass', options.trafficClass ?? 0, TRAFFIC_CLASS_BOUNDS),
  }
}

/** IEEE 802.3 clause 3.2.6: what is less than 0x0600 is a length. */
const ETHER_TYPES = [0x0600, 0xffff] as const

/** An Ethernet header to the longest packet a socket takes. */
export function checkFrame(frame: Uint8Array): Uint8Array {
  return checkBytes('frame', frame, [14, 65535])
}

/** Returns the MAC as text, which memberships are kept by. */
export function checkMulticastMac(mac: Mac): string {
  const [first = 0] = checkBytes('mac', mac, [6, 6])
  if ((first & 1) === 0) throw new RangeError(`mac must be a multicast address, not ${formatMac(mac)}`)
  return formatMac(mac)
}

/** Stands in the place of a MAC among what was joined: every multicast. */
export const ALL_MULTICAST = 'all'
