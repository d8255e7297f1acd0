import type { Endpoint, EndpointSlice } from './kubernetes.ts'
import type { TrafficPolicy } from './service.ts'

/** A backend that takes connections. `node` is unset for backends that no node runs (manual endpoints). */
export type ServableEndpoint = { readonly node: string | undefined; readonly address: string }

/**
 * The backends of one Service that may be sent traffic, from all its EndpointSlices: `ready` true or
 * unset, or `serving` true, so that terminating ones that still serve count.
 */
export function servableEndpoints(slices: readonly EndpointSlice[]): ServableEndpoint[] {
  return slices.filter(isOfAddresses).flatMap(({ endpoints }) => (endpoints ?? []).filter(isServable).flatMap(unfold))
}

/** kube-proxy has no way to a host name. */
function isOfAddresses({ addressType }: EndpointSlice): boolean {
  return addressType !== 'FQDN'
}

function isServable({ conditions }: Endpoint): boolean {
  return (conditions?.ready ?? true) || conditions?.serving === true
}

function unfold({ addresses, nodeName }: Endpoint): ServableEndpoint[] {
  return addresses.map((address) => ({ node: nodeName, address }))
}

/**
 * Whether traffic that arrives at `node` finds a backend: under Cluster kube-proxy forwards it to any
 * node, under Local it must stay.
 */
export function nodeServes(policy: TrafficPolicy, endpoints: readonly ServableEndpoint[], node: string): boolean {
  return policy === 'Cluster' ? endpoints.length > 0 : endpoints.some((endpoint) => endpoint.node === node)
}
