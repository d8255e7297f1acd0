import type { Route } from '@steelyard/bgp-ts'
import { type BgpAdvertisement, type BgpPeer, localPref } from '@steelyard/model'
import type { Family } from '@steelyard/net'
import { sessionFamilies } from './rules.ts'

/** What a route says beside its prefix. Equal ones of one book are one object. */
export type RouteAttributes = Pick<Route, 'localPref' | 'communities' | 'largeCommunities'>

/** By the name of a peer that is told; never empty. */
export type AttributesByPeer = ReadonlyMap<string, RouteAttributes>

/** How the addresses of one family are announced: with which prefix length to whom, each length once. */
export type LengthTerms = { readonly length: number; readonly byPeer: AttributesByPeer }
export type Terms = { readonly [F in Family]: readonly LengthTerms[] }

/** What advertisements mean together, reckoned once for all Services that they apply to. */
export type TermsBook = {
  /** @param applicable in the order of the configuration */
  readonly of: (applicable: readonly BgpAdvertisement[]) => Terms
}

export function termsBook(peers: readonly BgpPeer[]): TermsBook {
  const known = new Map<string, Terms>()
  const seen = new Map<string, RouteAttributes>()
  const interned = (made: RouteAttributes): RouteAttributes => {
    const text = JSON.stringify(made)
    const before = seen.get(text)
    if (before === undefined) seen.set(text, made)
    return before ?? made
  }
  return {
    of: (applicable) => {
      const key = applicable.map(({ name }) => name).join(' ')
      const before = known.get(key)
      if (before !== undefined) return before
      const made = { 4: termsOf(applicable, peers, 4, interned), 6: termsOf(applicable, peers, 6, interned) }
      known.set(key, made)
      return made
    },
  }
}

function termsOf(
  applicable: readonly BgpAdvertisement[],
  peers: readonly BgpPeer[],
  family: Family,
  interned: (made: RouteAttributes) => RouteAttributes,
): LengthTerms[] {
  const carriers = peers.filter((peer) => sessionFamilies(peer).includes(family))
  const byLength = Map.groupBy(applicable, (one) => (family === 4 ? one.aggregationLength : one.aggregationLengthV6))
  return [...byLength].flatMap(([length, alike]) => {
    const byPeer = new Map<string, RouteAttributes>()
    for (const { name } of carriers) {
      const meant = alike.filter((one) => one.peers.size === 0 || one.peers.has(name))
      if (meant.length > 0) byPeer.set(name, interned(united(meant)))
    }
    return byPeer.size === 0 ? [] : [{ length, byPeer }]
  })
}

/** Those that do not agree on the LOCAL_PREF were withheld before (`conflictingAdvertisements`). */
function united(meant: readonly BgpAdvertisement[]): RouteAttributes {
  const [first] = meant
  const standard = new Set<number>()
  const large = new Map<string, readonly [number, number, number]>()
  for (const community of meant.flatMap(({ communities }) => communities)) {
    if (community.kind === 'standard') standard.add(community.value)
    else large.set(community.words.join(':'), community.words)
  }
  return {
    localPref: first === undefined ? 0 : localPref(first),
    communities: [...standard].sort((a, b) => a - b),
    largeCommunities: [...large.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]),
  }
}
