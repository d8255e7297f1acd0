import type { Route } from '@steelyard/bgp-ts'
import type { BgpPeer, WeightedEcmp } from '@steelyard/model'
import { GRACEFUL_SHUTDOWN, LEAVING_LOCAL_PREF, MEGABIT_IN_BYTES } from './constants.ts'
import { type Overruled, type PrefixEntry, verdictFor } from './prefix-book.ts'
import type { RouteAttributes } from './terms.ts'

export type WantedRoute = { readonly route: Route; readonly overruled: readonly Overruled[] }

/** What a peer is to be told of a prefix; undefined = nothing. */
export function wantedRoute(entry: PrefixEntry, peer: BgpPeer, isLeaving: boolean): WantedRoute | undefined {
  const verdict = verdictFor(entry, peer.name)
  if (verdict === undefined) return undefined
  const { attributes, localEndpoints, overruled } = verdict
  const weight = weightOf(localEndpoints, peer.policy.weightedEcmp)
  const { prefix } = entry
  return { route: { prefix, ...(isLeaving ? leaving(attributes) : attributes), ...weight }, overruled }
}

function weightOf(
  localEndpoints: number | undefined,
  weighted: WeightedEcmp | undefined,
): Pick<Route, 'linkBandwidth'> {
  if (weighted === undefined || localEndpoints === undefined) return {}
  return { linkBandwidth: localEndpoints * weighted.megabitsPerEndpoint * MEGABIT_IN_BYTES }
}

function leaving({ communities, largeCommunities }: RouteAttributes): RouteAttributes {
  const asked = new Set([...communities, GRACEFUL_SHUTDOWN])
  return { localPref: LEAVING_LOCAL_PREF, communities: [...asked].sort((a, b) => a - b), largeCommunities }
}
