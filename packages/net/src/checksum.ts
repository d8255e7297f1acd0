/** The Internet checksum (RFC 1071): one's complement of the one's complement sum of 16-bit words. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) sum += sumWords(part)
  while (sum > 0xffff) sum = (sum % 65536) + Math.floor(sum / 65536)
  return ~sum & 0xffff
}

/** An odd last byte counts as the high half of a word, so only the last part may be of odd length. */
function sumWords(bytes: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
  return sum
}
