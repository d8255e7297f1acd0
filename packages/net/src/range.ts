import { type Address, ADDRESS_BITS, addressValue, compareAddresses, nextAddress, parseAddress } from './address.ts'
import { lastOfPrefix, type Prefix, prefixOf } from './prefix.ts'

/** A run of addresses of one family, both ends included; `first` is not above `last`. */
export type Range = { readonly first: Address; readonly last: Address }

/** What `parseRange` found wrong, in words that fit into "…: <reason>". */
export type RangeProblem = { readonly problem: string }

/** Reads `start-end`, with optional blanks around either end. */
export function parseRange(text: string): Range | RangeProblem {
  const parts = text.split('-').map((part) => part.trim())
  if (parts.length !== 2) return { problem: 'is not "start-end"' }
  const [first, last] = parts.map(parseAddress)
  if (first === undefined) return { problem: `start "${parts[0]}" is not an IP address` }
  if (last === undefined) return { problem: `end "${parts[1]}" is not an IP address` }
  if (first.family !== last.family) return { problem: 'start and end are of different families' }
  if (compareAddresses(first, last) > 0) return { problem: `start ${parts[0]} is above end ${parts[1]}` }
  return { first, last }
}

export function rangeOfPrefix(prefix: Prefix): Range {
  return { first: prefix.address, last: lastOfPrefix(prefix) }
}

/** The shortest ascending list of CIDR blocks that is exactly this range. */
export function rangeToPrefixes(range: Range): Prefix[] {
  const prefixes: Prefix[] = []
  let at: Address | undefined = range.first
  while (at !== undefined && compareAddresses(at, range.last) <= 0) {
    const widest = widestPrefixAt(at, range.last)
    prefixes.push(widest)
    at = nextAddress(lastOfPrefix(widest))
  }
  return prefixes
}

/**
 * The widest block that starts at `first` and ends at or before `last`. Where the two differ at all,
 * `first` lies in the lower half of the window they share, so every block that is aligned at `first`
 * and no larger than that half fits; the whole window fits only if the range is exactly that.
 */
function widestPrefixAt(first: Address, last: Address): Prefix {
  const bits = ADDRESS_BITS[first.family]
  const window = bits - commonBits(first.words, last.words)
  const zeros = trailingZeros(first.words)
  const isWhole = zeros >= window && trailingZeros(last.words.map((word) => ~word)) >= window
  return prefixOf(first, bits - (isWhole ? window : Math.min(zeros, window - 1)))
}

function commonBits(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((word, index) => word !== b[index])
  return at < 0 ? a.length * 32 : at * 32 + Math.clz32((a[at] ?? 0) ^ (b[at] ?? 0))
}

function trailingZeros(words: readonly number[]): number {
  const at = words.findLastIndex((word) => word !== 0)
  const word = words[at] ?? 0
  return (words.length - 1 - at) * 32 + (at < 0 ? 0 : 31 - Math.clz32(word & -word))
}

export function rangeContains(range: Range, address: Address): boolean {
  return (
    range.first.family === address.family &&
    compareAddresses(range.first, address) <= 0 &&
    compareAddresses(address, range.last) <= 0
  )
}

/** How many addresses; a /0 of IPv6 has 2^128, hence BigInt. */
export function rangeSize(range: Range): bigint {
  return addressValue(range.last) - addressValue(range.first) + 1n
}
