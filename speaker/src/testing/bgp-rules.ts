import {
  type BgpAdvertisement,
  type BgpPeer,
  DEFAULT_PEER_POLICY,
  type Labels,
  type LabelSelector,
  type TrafficPolicy,
} from '@steelyard/model'
import { parseAddress } from '@steelyard/net'
import type { AddressedFacts, EndpointCounts } from '../decide/bgp/facts.ts'
import { type BgpRules, NO_BGP_RULES } from '../decide/bgp/rules.ts'

/** For tests about what is announced to routers. */
export function bgpPeer(name: string, parts: Partial<BgpPeer> = {}): BgpPeer {
  return {
    name,
    myAsn: 64_512,
    peerAsn: { kind: 'number', asn: 64_513 },
    neighbour: { kind: 'address', address: '192.0.2.1' },
    port: 179,
    holdMs: 90_000,
    keepaliveMs: 30_000,
    nodeSelectors: [],
    gracefulRestart: false,
    ebgpMultiHop: false,
    dualStack: false,
    policy: DEFAULT_PEER_POLICY,
    ...parts,
  }
}

export function bgpAdvertisement(name: string, parts: Partial<BgpAdvertisement> = {}): BgpAdvertisement {
  return {
    name,
    pools: new Set(['one']),
    nodeSelectors: [],
    serviceSelectors: [],
    aggregationLength: 32,
    aggregationLengthV6: 128,
    communities: [],
    peers: new Set(),
    ...parts,
  }
}

export function bgpRules(parts: Partial<BgpRules> = {}): BgpRules {
  return { ...NO_BGP_RULES, node: 'n1', advertisements: [bgpAdvertisement('all')], peers: [bgpPeer('tor')], ...parts }
}

type FactsParts = {
  readonly ips?: readonly string[]
  readonly pool?: string
  readonly labels?: Labels
  readonly trafficPolicy?: TrafficPolicy
  readonly hasEndpoints?: boolean
  readonly local?: EndpointCounts
}

export function addressedFacts(key: string, parts: FactsParts = {}): AddressedFacts {
  const { ips = ['203.0.113.1'], pool = 'one', labels = {}, trafficPolicy = 'Cluster', hasEndpoints = true } = parts
  const addresses = ips.flatMap((ip) => {
    const address = parseAddress(ip)
    return address === undefined ? [] : [{ ip, address }]
  })
  const local = parts.local ?? { 4: 1, 6: 1 }
  return { kind: 'addressed', key, pool, addresses, ips, labels, trafficPolicy, hasEndpoints, local }
}

export function appIs(app: string): LabelSelector {
  return [{ key: 'app', operator: 'In', values: [app] }]
}
