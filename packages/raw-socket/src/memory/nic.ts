import { ALL_NODES, BROADCAST_MAC, groupMac } from '@steelyard/arp-lib'
import { formatMac, parseAddress, sameBytes } from '@steelyard/net'
import { ALL_MULTICAST } from '../packet-arguments.ts'
import type { PacketType } from '../link-io.ts'
import type { Nic } from './state.ts'

export const ETHERNET_HEADER_BYTES = 14

/** Puts a frame on the wire; with no cable or no carrier it is lost, as on any interface. */
export function transmit(nic: Nic, frame: Uint8Array): void {
  if (nic.carrier) nic.plug?.send(frame)
}

/**
 * Whom a frame from the wire is for; undefined when the interface does not take it in: switched off,
 * or a multicast that nobody here joined. A real card filters multicasts so; a veth does not, which
 * hides a membership that was forgotten.
 */
export function packetTypeOf(nic: Nic, frame: Uint8Array): PacketType | undefined {
  if (!nic.link.up || !nic.carrier || frame.length < ETHERNET_HEADER_BYTES) return undefined
  const destination = frame.subarray(0, 6)
  if (sameBytes(destination, nic.link.mac)) return 'host'
  if (sameBytes(destination, BROADCAST_MAC)) return 'broadcast'
  if (((destination[0] ?? 0) & 1) === 0) return 'otherhost'
  return acceptsMulticast(nic, formatMac(destination)) ? 'multicast' : undefined
}

function acceptsMulticast(nic: Nic, mac: string): boolean {
  for (const { joined } of nic.packets) {
    if (joined.has(mac) || joined.has(ALL_MULTICAST)) return true
  }
  if (mac === formatMac(groupMac(ALL_NODES))) return true
  return joinedGroups(nic).some((group) => macOfGroup(group) === mac)
}

function macOfGroup(group: string): string | undefined {
  const address = parseAddress(group)
  return address && formatMac(groupMac(address))
}

/** The IPv6 groups that sockets joined on this interface, as text. */
export function joinedGroups(nic: Nic): string[] {
  return [...new Set([...nic.groups].flatMap(({ joined }) => [...joined]))].toSorted()
}
