import { hashText, rankOf } from './rendezvous.ts'

/** What decides between two claims on one address. */
export type Contender = { readonly node: string; readonly epoch: number; readonly minority: boolean }

/**
 * Whether `one` beats `other` for an address; of two different nodes exactly one does, on every speaker alike:
 * what was taken by a majority, then the higher epoch, then the higher rendezvous rank, then the name.
 */
export function beats(ip: string, one: Contender, other: Contender): boolean {
  return beatsByRank(hashText(ip), one, other)
}

/** The same rule for what is not one address. @param hash `hashText` of what nodes are ranked by */
export function beatsByRank(hash: number, one: Contender, other: Contender): boolean {
  if (one.minority !== other.minority) return other.minority
  if (one.epoch !== other.epoch) return one.epoch > other.epoch
  const [mine, theirs] = [rankOf(hash, hashText(one.node)), rankOf(hash, hashText(other.node))]
  return mine === theirs ? one.node < other.node : mine > theirs
}
