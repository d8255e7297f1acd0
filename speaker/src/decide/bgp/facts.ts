import type { Labels, ServableEndpoint, ServiceView, TrafficPolicy } from '@steelyard/model'
import type { Addressed, ServiceAddress, WithdrawalReason } from '../addresses.ts'

/** How many backends take connections, by the family of their addresses. */
export type EndpointCounts = { readonly 4: number; readonly 6: number }

export type AddressedFacts = {
  readonly kind: 'addressed'
  /** `namespace/name`. */
  readonly key: string
  readonly pool: string
  readonly addresses: readonly ServiceAddress[]
  readonly ips: readonly string[]
  readonly labels: Labels
  readonly trafficPolicy: TrafficPolicy
  /** Servable ones on whatever node. */
  readonly hasEndpoints: boolean
  /** Servable ones of this node. */
  readonly local: EndpointCounts
}

/** All that announcing a Service to routers needs to know of it on one node, whatever the configuration. */
export type BgpFacts =
  | AddressedFacts
  | {
      readonly kind: 'withdrawn'
      readonly key: string
      readonly why: { readonly reason: WithdrawalReason; readonly message: string }
    }

/** @param addressed what `addressesOf` says of the Service. @param node the own one */
export function bgpFacts(
  { key, labels, trafficPolicy }: ServiceView,
  endpoints: readonly ServableEndpoint[],
  addressed: Addressed,
  node: string,
): BgpFacts {
  if (addressed.kind === 'withdrawn') return { kind: 'withdrawn', key, why: addressed }
  const { addresses, pool } = addressed
  const ips = addresses.map(({ ip }) => ip)
  const local = localCounts(endpoints, node)
  return {
    kind: 'addressed',
    key,
    pool,
    addresses,
    ips,
    labels,
    trafficPolicy,
    hasEndpoints: endpoints.length > 0,
    local,
  }
}

/** A backend may stand in two slices for a moment, and counts once. */
function localCounts(endpoints: readonly ServableEndpoint[], node: string): EndpointCounts {
  const own = new Set(endpoints.flatMap((endpoint) => (endpoint.node === node ? endpoint.address : [])))
  const six = [...own].filter((address) => address.includes(':')).length
  return { 4: own.size - six, 6: six }
}
