import {
  type Address,
  ADDRESS_BITS,
  addressValue,
  compareAddresses,
  nextAddress,
  parseAddress,
  sameAddress,
} from './address.ts'
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

function widestPrefixAt(first: Address, last: Address): Prefix {
  let found = prefixOf(first, ADDRESS_BITS[first.family])
  while (found.length > 0) {
    const wider = prefixOf(first, found.length - 1)
    if (!sameAddress(wider.address, first) || compareAddresses(lastOfPrefix(wider), last) > 0) break
    found = wider
  }
  return found
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
