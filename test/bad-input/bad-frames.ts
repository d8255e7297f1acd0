import type { IgnoredReason } from '@steelyard/arp-lib'

/** A frame from the LAN that must neither be answered nor hurt: a captured one with bytes changed or cut off. */
export type BadFrame = {
  readonly what: string
  /** The capture in test/fixtures that it is made from: a request that would be answered. */
  readonly from: 'arp-request-linux' | 'ns-multicast-linux'
  /** Byte offsets and what stands there instead. */
  readonly change?: Readonly<Record<number, number>>
  /** Only this many bytes arrive. */
  readonly cutTo?: number
  readonly reason: IgnoredReason
  readonly says?: string
}

const arp = (what: string, rest: Omit<BadFrame, 'what' | 'from'>): BadFrame => ({
  what,
  from: 'arp-request-linux',
  ...rest,
})
const ns = (what: string, rest: Omit<BadFrame, 'what' | 'from'>): BadFrame => ({
  what,
  from: 'ns-multicast-linux',
  ...rest,
})

export const BAD_FRAMES: readonly BadFrame[] = [
  arp('an empty frame', { cutTo: 0, reason: 'Malformed', says: 'needs 6 bytes, 0 left at byte 0' }),
  arp('an Ethernet header cut off', { cutTo: 13, reason: 'Malformed', says: 'needs 2 bytes, 1 left at byte 12' }),
  arp('an ARP packet cut off', { cutTo: 30, reason: 'Malformed', says: 'needs 4 bytes, 2 left at byte 14' }),
  arp('the hardware type of InfiniBand', {
    change: { 15: 32 },
    reason: 'Malformed',
    says: 'hardware type is 32, not 1 at byte 2',
  }),
  arp('a protocol type that is not IPv4', {
    change: { 16: 0x86, 17: 0xdd },
    reason: 'Malformed',
    says: 'protocol type is 34525, not 2048 at byte 4',
  }),
  arp('a hardware length that lies', {
    change: { 18: 8 },
    reason: 'Malformed',
    says: 'hardware length is 8, not 6 at byte 5',
  }),
  arp('a protocol length that lies', {
    change: { 19: 16 },
    reason: 'Malformed',
    says: 'protocol length is 16, not 4 at byte 6',
  }),
  arp('an unknown ARP operation', {
    change: { 21: 9 },
    reason: 'Malformed',
    says: 'ARP operation 9 is neither request nor reply at byte 8',
  }),
  arp('a sender that is a group', { change: { 6: 0x01, 22: 0x01 }, reason: 'GroupSender' }),
  arp('an ARP request to a multicast address', { change: { 0: 0x01 }, reason: 'OtherDestination' }),
  arp('a request for somebody else', { change: { 41: 0x63 }, reason: 'NotAnnounced' }),
  arp('another protocol', { change: { 12: 0x88, 13: 0xcc }, reason: 'OtherProtocol' }),
  ns('an IPv6 header cut off', { cutTo: 50, reason: 'Malformed', says: 'needs 16 bytes, 12 left at byte 24' }),
  ns('a solicitation cut off', { cutTo: 70, reason: 'Malformed', says: 'needs 32 bytes, 16 left at byte 40' }),
  ns('IP version 5', { change: { 14: 0x50 }, reason: 'Malformed', says: 'IP version is 5, not 6 at byte 0' }),
  ns('a hop limit that a router has touched', {
    change: { 21: 64 },
    reason: 'Malformed',
    says: 'hop limit is 64, not 255 at byte 0',
  }),
  ns('a next header that is not ICMPv6', {
    change: { 20: 17 },
    reason: 'Malformed',
    says: 'next header is 17, not ICMPv6 at byte 0',
  }),
  ns('a wrong checksum', { change: { 57: 0x03 }, reason: 'Malformed', says: 'ICMPv6 checksum is wrong at byte 0' }),
  ns('a length beyond the frame', {
    change: { 19: 0xff },
    reason: 'Malformed',
    says: 'needs 255 bytes, 32 left at byte 40',
  }),
  ns('an option of length 0', {
    change: { 79: 0, 56: 0x6b, 57: 0x03 },
    reason: 'Malformed',
    says: 'option 1 has length 0 at byte 26',
  }),
  ns('another ICMPv6 type', {
    change: { 54: 0x80, 56: 0x72, 57: 0x02 },
    reason: 'Malformed',
    says: 'ICMPv6 type 128 is neither solicitation nor advertisement at byte 0',
  }),
]
