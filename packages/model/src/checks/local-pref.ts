import type { Family } from '@steelyard/net'
import type { BgpAdvertisement, Pool, Problem } from '../config.ts'
import { DEFAULT_LOCAL_PREF } from '../kinds/bgp-advertisement.ts'
import { KINDS } from '../names.ts'
import { problemAt } from '../reading/found.ts'

/**
 * One route has one LOCAL_PREF, so two advertisements that could make the same route to the same peer
 * must agree. Those with `serviceSelectors` are judged per Service, when it is known which apply.
 * @param advertisements those that select this node, so that all have a node in common.
 */
export function localPrefProblems(advertisements: readonly BgpAdvertisement[], pools: readonly Pool[]): Problem[] {
  const judged = advertisements.filter(({ serviceSelectors }) => serviceSelectors.length === 0)
  if (new Set(judged.map(localPref)).size < 2) return []
  const clashes = new Map<string, Problem>()
  for (const pool of pools) {
    const sharers = judged.filter(({ pools: names }) => names.has(pool.name))
    const families = familiesOf(pool)
    for (const [index, later] of sharers.entries()) {
      const earlier = sharers.slice(0, index).find((candidate) => advertisementsClash(candidate, later, families))
      if (earlier !== undefined && !clashes.has(later.name)) clashes.set(later.name, tell(earlier, later, pool))
    }
  }
  return [...clashes.values()]
}

/** The one in effect: absent means the default. */
export function localPref({ localPref: given }: BgpAdvertisement): number {
  return given ?? DEFAULT_LOCAL_PREF
}

/**
 * Whether two advertisements want another LOCAL_PREF for one route to one peer.
 * @param families of the addresses that both announce
 */
export function advertisementsClash(a: BgpAdvertisement, b: BgpAdvertisement, families: ReadonlySet<Family>): boolean {
  return localPref(a) !== localPref(b) && sharePeer(a, b) && sharePrefixLength(a, b, families)
}

/** Empty means all peers. */
function sharePeer(a: BgpAdvertisement, b: BgpAdvertisement): boolean {
  return a.peers.size === 0 || b.peers.size === 0 || [...a.peers].some((peer) => b.peers.has(peer))
}

/** Different lengths make different routes. */
function sharePrefixLength(a: BgpAdvertisement, b: BgpAdvertisement, families: ReadonlySet<Family>): boolean {
  return (
    (families.has(4) && a.aggregationLength === b.aggregationLength) ||
    (families.has(6) && a.aggregationLengthV6 === b.aggregationLengthV6)
  )
}

function familiesOf({ entries }: Pool): ReadonlySet<Family> {
  return new Set(entries.flatMap(({ prefixes }) => prefixes.map(({ address }) => address.family)))
}

function tell(earlier: BgpAdvertisement, later: BgpAdvertisement, pool: Pool): Problem {
  return problemAt(
    { object: `${KINDS.bgpAdvertisement} ${later.name}`, path: 'spec.localPref' },
    `found ${localPref(later)}, but ${KINDS.bgpAdvertisement} ${earlier.name} has ${localPref(earlier)} for the same ` +
      `routes of ${KINDS.ipAddressPool} ${pool.name}; accepted: one value, or other peers, nodes or aggregation lengths`,
  )
}
