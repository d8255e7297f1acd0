import { type Address, ADDRESS_BITS, formatAddress, parseAddress } from './address.ts'

/** A CIDR block. `address` is always the network address: host bits are zero. */
export type Prefix = { readonly address: Address; readonly length: number }

/**
 * Reads `address/length`; host bits are masked off, as everybody's YAML expects.
 * @returns undefined when it is not a CIDR block.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = '', bits = '', ...rest] = text.split('/')
  const address = parseAddress(host)
  if (address === undefined || rest.length > 0 || !/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined
  const length = Number(bits)
  return length > ADDRESS_BITS[address.family] ? undefined : prefixOf(address, length)
}

/** The block of `length` bits that holds `address`. */
export function prefixOf(address: Address, length: number): Prefix {
  const words = address.words.map((word, index) => (word & wordMask(length - index * 32)) >>> 0)
  return { address: { family: address.family, words }, length }
}

/** The highest address of the block. */
export function lastOfPrefix(prefix: Prefix): Address {
  const words = prefix.address.words.map((word, index) => (word | ~wordMask(prefix.length - index * 32)) >>> 0)
  return { family: prefix.address.family, words }
}

function wordMask(bits: number): number {
  if (bits <= 0) return 0
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`
}

/** Asked for each of many blocks, so it makes no new address. */
export function prefixContains({ address: network, length }: Prefix, address: Address): boolean {
  if (network.family !== address.family) return false
  for (let at = 0; at * 32 < length; at++) {
    const difference = (network.words[at] ?? 0) ^ (address.words[at] ?? 0)
    if ((difference & wordMask(length - at * 32)) !== 0) return false
  }
  return true
}

/** Two blocks overlap iff the wider one holds the narrower one. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.address) : prefixContains(b, a.address)
}
