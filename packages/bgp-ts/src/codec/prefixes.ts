import { ADDRESS_BITS, type Family, type Prefix, prefixOf, type Reader, WireError, type Writer } from '@steelyard/net'

export type PrefixField = { readonly count: number; readonly prefixes: readonly Prefix[] }

/** How many bytes a prefix takes in an UPDATE: its length, and as many octets as that needs. RFC 4271 section 4.3. */
export const prefixBytes = (prefix: Prefix): number => 1 + octetsOf(prefix.length)

const octetsOf = (bits: number): number => (bits + 7) >> 3

/**
 * Reads prefixes to the end. Host bits that are set are no error: "the value of trailing bits is irrelevant".
 * @throws WireError for a prefix longer than its family has bits, or than what is left
 */
export function readPrefixes(from: Reader, family: Family, keep: boolean): PrefixField {
  const prefixes: Prefix[] = []
  let count = 0
  while (from.remaining() > 0) {
    const bits = from.u8()
    if (bits > ADDRESS_BITS[family]) throw new WireError(`an IPv${family} prefix of ${bits} bits`, from.offset() - 1)
    if (keep) prefixes.push(readPrefix(from, family, bits))
    else from.skip(octetsOf(bits))
    count++
  }
  return { count, prefixes }
}

function readPrefix(from: Reader, family: Family, bits: number): Prefix {
  const words = Array<number>(ADDRESS_BITS[family] / 32).fill(0)
  for (let at = 0; at < octetsOf(bits); at++) {
    words[at >> 2] = ((words[at >> 2] ?? 0) | (from.u8() << (24 - 8 * (at & 3)))) >>> 0
  }
  return prefixOf({ family, words }, bits)
}

/** @throws WireError for a prefix of another family */
export function writePrefixes(to: Writer, family: Family, prefixes: readonly Prefix[]): void {
  for (const { address, length } of prefixes) {
    if (address.family !== family) throw new WireError(`an IPv${address.family} prefix among IPv${family}`, to.length())
    to.u8(length)
    for (let at = 0; at < octetsOf(length); at++) {
      to.u8(((address.words[at >> 2] ?? 0) >>> (24 - 8 * (at & 3))) & 0xff)
    }
  }
}
