import { type Address, addressBytes, type Mac } from '@steelyard/net'
import {
  ALL_NODES_WORDS,
  ALL_ROUTERS_WORDS,
  IPV6_GROUP_FIRST_OCTET,
  IPV6_GROUP_MAC_PREFIX,
  LINK_LOCAL_FIRST_WORD,
  LINK_LOCAL_MASK,
  SOLICITED_NODE_LOW_BITS,
  SOLICITED_NODE_WORDS,
} from './constants.ts'

/** ff02::1: every IPv6 node of the link listens to it. */
export const ALL_NODES: Address = { family: 6, words: ALL_NODES_WORDS }

/** ff02::2: every IPv6 router of the link listens to it. */
export const ALL_ROUTERS: Address = { family: 6, words: ALL_ROUTERS_WORDS }

/** 0.0.0.0 and `::`, by family: the sender who has no address yet. */
export const UNSPECIFIED: { readonly 4: Address; readonly 6: Address } = {
  4: { family: 4, words: [0] },
  6: { family: 6, words: [0, 0, 0, 0] },
}

/**
 * The group to which a neighbour solicitation for `address` is sent: ff02::1:ff and its low 24
 * bits (RFC 4291 section 2.7.1). Addresses with the same low bits share one.
 */
export function solicitedNodeGroup(address: Address): Address {
  const [first = 0, second = 0, third = 0, fourth = 0] = SOLICITED_NODE_WORDS
  const low = (address.words[3] ?? 0) & SOLICITED_NODE_LOW_BITS
  return { family: 6, words: [first, second, third, (fourth | low) >>> 0] }
}

/** The Ethernet address of an IPv6 group: 33:33 and its last four octets (RFC 2464 section 7). */
export function groupMac(group: Address): Mac {
  return Uint8Array.from([...IPV6_GROUP_MAC_PREFIX, ...addressBytes(group).subarray(12)])
}

export function isGroup(address: Address): boolean {
  return (address.words[0] ?? 0) >>> 24 === IPV6_GROUP_FIRST_OCTET
}

/** `::` or 0.0.0.0, the address of who has none yet. */
export function isUnspecified(address: Address): boolean {
  return address.words.every((word) => word === 0)
}

/** fe80::/10, RFC 4291 section 2.5.6. */
export function isLinkLocal(address: Address): boolean {
  return address.family === 6 && ((address.words[0] ?? 0) & LINK_LOCAL_MASK) >>> 0 === LINK_LOCAL_FIRST_WORD
}
