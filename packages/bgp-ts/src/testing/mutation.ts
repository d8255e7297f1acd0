import type { Random } from '@steelyard/runtime'
import { HEADER_BYTES } from '../constants.ts'

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit)

/**
 * One of `seeds` with some of its bytes changed, cut off, doubled or spliced with another. Three in four get a header with the
 * right length again, so that what is behind it is reached.
 */
export function mutated(random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const seed = pick(random, seeds)
  const bytes = Uint8Array.from(reshaped(random, seed, pick(random, seeds)))
  const first = random() < 0.1 ? 0 : HEADER_BYTES
  for (let left = upTo(random, 4); left > 0 && bytes.length > first; left--) {
    const at = first + upTo(random, bytes.length - first)
    bytes[at] = random() < 0.5 ? upTo(random, 256) : (bytes[at] ?? 0) ^ (1 << upTo(random, 8))
  }
  if (random() < 0.75 && bytes.length >= HEADER_BYTES) {
    bytes[HEADER_BYTES - 3] = bytes.length >> 8
    bytes[HEADER_BYTES - 2] = bytes.length & 0xff
  }
  return bytes
}

function reshaped(random: Random, seed: Uint8Array, other: Uint8Array): Uint8Array {
  const at = upTo(random, seed.length)
  const shape = random()
  if (shape < 0.1) return seed.subarray(0, at)
  if (shape < 0.2) return Buffer.concat([seed, seed.subarray(at)])
  if (shape < 0.3) return Buffer.concat([seed.subarray(0, at), other.subarray(upTo(random, other.length))])
  return seed
}

function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[upTo(random, from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}
