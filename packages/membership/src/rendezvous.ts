/**
 * A number for a text, the same on every machine: FNV-1a (Fowler, Noll, Vo; 32 bits), then mixed, because
 * FNV alone leaves similar texts (`192.0.2.1`, `192.0.2.2`) similar. Not for secrets.
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return mix(hash)
}

/** The finaliser of MurmurHash3: every bit of the input sways every bit of the result, and no two inputs meet. */
function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/**
 * How high a node ranks for a key: the highest rank is the first choice (rendezvous hashing, Thaler and
 * Ravishankar 1998). When a node goes, only the keys it was first for choose anew.
 * @param keyHash `hashText` of the key
 * @param nodeHash `hashText` of the node's name
 */
export function rankOf(keyHash: number, nodeHash: number): number {
  return mix(keyHash ^ Math.imul(nodeHash, 0x9e3779b1))
}
