import { writer } from '@steelyard/net'
import { HOST_ORDER } from './host-order.ts'

/** `struct icmp6_filter` (RFC 3542 section 3.2): on Linux a set bit blocks the type. */
export function icmp6Filter(receiveTypes: readonly number[]): Uint8Array {
  const words = Array.from({ length: 8 }, () => 0xffffffff)
  for (const type of receiveTypes) {
    const at = Math.floor(type / 32)
    words[at] = ((words[at] ?? 0) & ~(1 << (type % 32))) >>> 0
  }
  return words.reduce((out, word) => HOST_ORDER.putU32(out, word), writer()).done()
}
