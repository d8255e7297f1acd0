import { isIPv4, isIPv6 } from 'node:net'

export type Family = 4 | 6

/**
 * An IP address as big-endian 32-bit words: one for IPv4, four for IPv6. Plain numbers, so that
 * comparing and counting need no BigInt. Equal addresses have equal text (`formatAddress`), which
 * is what maps are keyed by.
 */
export type Address = { readonly family: Family; readonly words: readonly number[] }

const WORD = 2 ** 32
export const ADDRESS_BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 }

/**
 * Reads an address as people write it. Strict: no leading zeros, no zone, and no IPv4-mapped IPv6
 * (the API server refuses those too, and they would be two spellings of one address).
 * @returns undefined when `text` is not such an address.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, words: [dottedQuad(text)] }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const words = ipv6Words(text)
  const mapped = words[0] === 0 && words[1] === 0 && words[2] === 0xffff
  return mapped ? undefined : { family: 6, words }
}

function dottedQuad(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0)
}

/** `text` has passed `isIPv6`, so only its shape is left to unfold. */
function ipv6Words(text: string): number[] {
  const [head = '', tail] = text.split('::')
  const before = ipv6Groups(head)
  const after = tail === undefined ? [] : ipv6Groups(tail)
  const groups = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return [0, 2, 4, 6].map((at) => (groups[at] ?? 0) * 65536 + (groups[at + 1] ?? 0))
}

function ipv6Groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const quad = dottedQuad(group)
    return [Math.floor(quad / 65536), quad % 65536]
  })
}

/** The canonical text: dotted quad, or RFC 5952 (lower case, longest run of zero groups folded). */
export function formatAddress(address: Address): string {
  if (address.family === 4) return octets(address).join('.')
  const groups = address.words.flatMap((word) => [Math.floor(word / 65536), word % 65536])
  const { at, length } = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, at).join(':')}::${hex.slice(at + length).join(':')}`
}

/** RFC 5952 section 4.2: the first of the longest runs; a single zero group is not folded. */
function longestZeroRun(groups: readonly number[]): { at: number; length: number } {
  let best = { at: 0, length: 0 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
    at += length
  }
  return best
}

function octets(address: Address): number[] {
  return address.words.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff))
}

/** Network byte order: 4 bytes or 16. */
export function addressBytes(address: Address): Uint8Array {
  return Uint8Array.from(octets(address))
}

/** @returns undefined unless `bytes` are 4 or 16. */
export function addressFromBytes(bytes: Uint8Array): Address | undefined {
  if (bytes.length !== 4 && bytes.length !== 16) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Spelt out: this is done for every packet.
  if (bytes.length === 4) return { family: 4, words: [view.getUint32(0)] }
  return { family: 6, words: [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)] }
}

/** Negative, zero or positive; every IPv4 address stands before every IPv6 address. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family
  for (let at = 0; at < a.words.length; at++) {
    const difference = (a.words[at] ?? 0) - (b.words[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function sameAddress(a: Address, b: Address): boolean {
  return compareAddresses(a, b) === 0
}

/** The address one above; undefined at the very top of the family. */
export function nextAddress(address: Address): Address | undefined {
  const words = [...address.words]
  for (let at = words.length - 1; at >= 0; at--) {
    const value = (words[at] ?? 0) + 1
    words[at] = value % WORD
    if (value < WORD) return { family: address.family, words }
  }
  return undefined
}

/** The address one below; undefined at the very bottom of the family. */
export function previousAddress(address: Address): Address | undefined {
  const words = [...address.words]
  for (let at = words.length - 1; at >= 0; at--) {
    const value = (words[at] ?? 0) - 1
    words[at] = value < 0 ? WORD - 1 : value
    if (value >= 0) return { family: address.family, words }
  }
  return undefined
}

/** The address as one integer, for arithmetic that is not in a hot path (sizes, differences). */
export function addressValue(address: Address): bigint {
  return address.words.reduce((value, word) => value * BigInt(WORD) + BigInt(word), 0n)
}
