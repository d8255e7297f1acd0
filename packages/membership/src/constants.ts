/**
 * The one home of the numbers of the membership protocol. It is our own: where no other source stands,
 * docs/decisions/0008-membership-wire.md is the source.
 */

/** First byte of every envelope. A change of the format that older speakers would misread raises it. */
export const ENVELOPE_VERSION = 1
export const KEY_ID_BYTES = 4
export const BOOT_BYTES = 16
export const COUNTER_BYTES = 6
export const LARGEST_COUNTER = 2 ** (8 * COUNTER_BYTES) - 1
/** What is authenticated and not encrypted. */
export const HEADER_BYTES = 1 + KEY_ID_BYTES + BOOT_BYTES + COUNTER_BYTES
/** AES-256-GCM: NIST SP 800-38D sections 5.2.1.1 (a nonce of 96 bits) and 5.2.1.2 (the longest tag). */
export const TAG_BYTES = 16
export const NONCE_BYTES = 12
export const SEAL_KEY_BYTES = 32
/** Info strings of HKDF, RFC 5869 section 3.2: a key for one purpose is of no use for another. */
export const SEAL_INFO = 'steelyard membership v1 seal'
export const KEY_ID_INFO = 'steelyard membership v1 id'

/** Fits a link of MTU 1500 behind IPv6 and UDP (48 bytes), with 52 bytes left for a tunnel's header. */
export const LARGEST_DATAGRAM_BYTES = 1400
export const LARGEST_BODY_BYTES = LARGEST_DATAGRAM_BYTES - HEADER_BYTES - TAG_BYTES

/** First byte of every message. */
export const MESSAGE_CODE = {
  beat: 1,
  challenge: 2,
  proof: 3,
  probe: 4,
  probed: 5,
  ask: 6,
  answer: 7,
  news: 8,
  pull: 9,
  record: 10,
  digest: 11,
  leave: 12,
} as const
export const NEWS_STATUS_CODE = { alive: 1, dead: 2, left: 3 } as const

export const CHALLENGE_BYTES = 8
export const DIGEST_BYTES = 8
/** RFC 1123 section 2.1, as Kubernetes enforces it on the names of Nodes: a DNS subdomain. */
export const LONGEST_NAME_BYTES = 253
/** `IFNAMSIZ` of `linux/if.h` less its final zero. */
export const LONGEST_INTERFACE_BYTES = 15
/** An entry of `interfaces` of an L2Advertisement is any text of at most 100 characters, each up to 4 bytes of UTF-8. */
export const LONGEST_WANTED_INTERFACE_BYTES = 400
/** In `silentMs` of an answer: never heard, or longer ago than the field can say. */
export const NEVER_HEARD = 0xffff
/** In one beat of an interface: the most that fit beside the longest names, rounded down. */
export const MOST_HEARD = 256
export const LARGEST_RECORD_BYTES = 2 ** 20
export const MAC_BYTES = 6

/** How far behind the highest counter a datagram may come in. RFC 4303 section 3.4.3 wants 64 or more for faster links. */
export const REPLAY_WINDOW = 128

/** IEEE 802 Numbers: local experimental EtherType 1. */
export const BEAT_ETHERTYPE = 0x88b5
/** Locally administered group address (IEEE 802 section 8.2): the two low bits of 03, then "SYLB" and 1. */
export const BEAT_GROUP_MAC: Uint8Array = Uint8Array.of(0x03, 0x53, 0x59, 0x4c, 0x42, 0x01)
