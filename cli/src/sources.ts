import {
  type Api,
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEER_POLICIES,
  BGP_PEERS,
  COMMUNITIES,
  CONFIG_MAPS,
  CONFIGURATION_STATES,
  ENDPOINT_SLICES,
  EVENTS,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  NAMESPACES,
  NODES,
  PODS,
  type Resource,
  type Scope,
  SECRETS,
  SERVICES,
  SPEAKER_POLICIES,
  SPEAKER_STATUSES,
} from '@steelyard/kube'
import type { ClusterObjects, ObjectKey } from './decide/cluster-objects.ts'

/** Where objects are listed; `event`: in the namespace of the Service that is asked about. */
export type Where = 'cluster' | 'product' | 'system' | 'service'

export type Source = {
  readonly resource: Resource
  readonly where: Where
  /** Without it, too, something can be said. */
  readonly optional?: true
}

export const SOURCES: Readonly<Record<ObjectKey, Source>> = {
  services: { resource: SERVICES, where: 'cluster' },
  endpointSlices: { resource: ENDPOINT_SLICES, where: 'cluster' },
  nodes: { resource: NODES, where: 'cluster' },
  namespaces: { resource: NAMESPACES, where: 'cluster' },
  pods: { resource: PODS, where: 'product' },
  secrets: { resource: SECRETS, where: 'product', optional: true },
  pools: { resource: IP_ADDRESS_POOLS, where: 'product' },
  communities: { resource: COMMUNITIES, where: 'product' },
  l2Advertisements: { resource: L2_ADVERTISEMENTS, where: 'product' },
  bgpAdvertisements: { resource: BGP_ADVERTISEMENTS, where: 'product' },
  bgpPeers: { resource: BGP_PEERS, where: 'product' },
  bfdProfiles: { resource: BFD_PROFILES, where: 'product' },
  bgpPeerPolicies: { resource: BGP_PEER_POLICIES, where: 'product', optional: true },
  configurationStates: { resource: CONFIGURATION_STATES, where: 'product', optional: true },
  speakerStatuses: { resource: SPEAKER_STATUSES, where: 'product', optional: true },
  speakerPolicies: { resource: SPEAKER_POLICIES, where: 'cluster', optional: true },
  systemConfigMaps: { resource: CONFIG_MAPS, where: 'system', optional: true },
  events: { resource: EVENTS, where: 'service', optional: true },
}

/** All that decides what Services have and who announces them. */
export const DECIDING: readonly ObjectKey[] = [
  'services',
  'endpointSlices',
  'nodes',
  'namespaces',
  'pods',
  'secrets',
  'pools',
  'communities',
  'l2Advertisements',
  'bgpAdvertisements',
  'bgpPeers',
  'bfdProfiles',
  'bgpPeerPolicies',
  'configurationStates',
  'speakerStatuses',
  'speakerPolicies',
]

export type Listed<Key extends ObjectKey> = ClusterObjects[Key]

const SYSTEM_NAMESPACE = 'kube-system'

export function scopeOf(where: Where, product: string, service: string): Scope {
  if (where === 'cluster') return {}
  return { namespace: where === 'product' ? product : where === 'system' ? SYSTEM_NAMESPACE : service }
}

const PAGE = 500

/** A list as a whole. */
export async function listPages(api: Pick<Api, 'list'>, resource: Resource, scope: Scope): Promise<readonly object[]> {
  const items: object[] = []
  let page = await api.list(resource, { ...scope, limit: PAGE })
  for (;;) {
    items.push(...page.items)
    if (page.continue === undefined) return items
    page = await api.list(resource, { ...scope, limit: PAGE, continue: page.continue })
  }
}
