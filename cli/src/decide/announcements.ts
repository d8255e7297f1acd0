import {
  type BgpAdvertisement,
  type Compiled,
  EXCLUDE_FROM_BALANCERS_LABEL,
  poolIndex,
  type PoolIndex,
  type ServiceView,
  type SpeakerConfig,
} from '@steelyard/model'
import { formatPrefix, prefixOf } from '@steelyard/net'
import {
  advertisementsByPool,
  type Addressed,
  addressesOf,
  bgpFacts,
  bgpScope,
  type BgpReason,
  type EligibilityRules,
  layer2Facts,
  type NodeState,
  type ServiceFacts,
  type Terms,
  termsBook,
  type WithdrawalReason,
} from '@steelyard/speaker'
import type { Situation } from './situation.ts'

/** A configuration that a speaker works by, with what is reckoned once for all Services. */
type SpeakerView = {
  readonly config: SpeakerConfig
  readonly pools: PoolIndex
  readonly layer2: ReturnType<typeof advertisementsByPool>
  readonly bgp: ReadonlyMap<string, readonly BgpAdvertisement[]>
  readonly termsOf: (applicable: readonly BgpAdvertisement[]) => Terms
}

/** One prefix, and who is told of it. */
export type Route = { readonly prefix: string; readonly peers: readonly string[] }
export type BgpVerdict =
  | { readonly kind: 'announced'; readonly routes: readonly Route[]; readonly advertisements: readonly string[] }
  | { readonly kind: 'withheld'; readonly reason: BgpReason | WithdrawalReason; readonly message: string }

/** What each node makes of Services, by the functions of its speaker. */
export type Announcing = {
  /** Undefined where the configuration is refused on that node. */
  readonly viewOn: (node: string) => SpeakerView | undefined
  readonly factsOn: (node: string, view: ServiceView) => ServiceFacts | undefined
  readonly bgpOn: (node: NodeState, view: ServiceView) => BgpVerdict | undefined
}

export function announcingOf(situation: Situation): Announcing {
  const { loadBalancerClass, endpointsOf, rules: eligibility } = situation
  const views = new Map<Compiled<SpeakerConfig>, SpeakerView | undefined>()
  const viewOn = (node: string): SpeakerView | undefined => {
    const compiled = situation.speakerOn(node)
    if (!views.has(compiled)) views.set(compiled, compiled.ok ? speakerView(compiled.config) : undefined)
    return views.get(compiled)
  }
  // L2Advertisements are never dropped for a node (contract, 2.1): wherever there is a configuration, this is the same.
  const factsOf = new Map<string, ServiceFacts>()
  const addressed = (speaker: SpeakerView, view: ServiceView): Addressed =>
    addressesOf(view, { pools: speaker.pools, loadBalancerClass })
  return {
    viewOn,
    factsOn: (node, view) => {
      const speaker = viewOn(node)
      if (speaker === undefined) return undefined
      const rules = { advertisements: speaker.layer2, revision: 0 }
      const facts = factsOf.get(view.key) ?? layer2Facts(view, endpointsOf(view.key), addressed(speaker, view), rules)
      factsOf.set(view.key, facts)
      return facts
    },
    bgpOn: (node, view) => {
      const speaker = viewOn(node.name)
      if (speaker === undefined) return undefined
      const facts = bgpFacts(view, endpointsOf(view.key), addressed(speaker, view), node.name)
      const ofPool = facts.kind === 'addressed' ? (speaker.bgp.get(facts.pool) ?? []) : []
      const scope = bgpScope(facts, ofPool, bgpRules(speaker, node, eligibility))
      if (scope.kind === 'withheld') return { kind: 'withheld', reason: scope.why.reason, message: scope.why.message }
      const routes = routesOf(scope.facts.addresses, speaker.termsOf(scope.advertisements))
      return { kind: 'announced', routes, advertisements: scope.advertisements.map(({ name }) => name) }
    },
  }
}

function speakerView(config: SpeakerConfig): SpeakerView {
  const bgp = new Map<string, BgpAdvertisement[]>()
  for (const advertisement of config.bgpAdvertisements) {
    for (const pool of advertisement.pools) bgp.set(pool, [...(bgp.get(pool) ?? []), advertisement])
  }
  const { of } = termsBook(config.bgpPeers)
  const layer2 = advertisementsByPool(config.l2Advertisements)
  return { config, pools: poolIndex(config.pools), layer2, bgp, termsOf: of }
}

function bgpRules(
  { config }: SpeakerView,
  node: NodeState,
  { ignoreExcludeLabel }: EligibilityRules,
): Parameters<typeof bgpScope>[2] {
  return {
    node: node.name,
    advertisements: config.bgpAdvertisements,
    peers: config.bgpPeers,
    networkUnavailable: node.networkUnavailable,
    excluded: !ignoreExcludeLabel && node.labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined,
    maintenance: node.draining,
  }
}

function routesOf(addresses: Extract<Addressed, { kind: 'addressed' }>['addresses'], terms: Terms): Route[] {
  const routes = addresses.flatMap(({ address }) =>
    terms[address.family].map(({ length, byPeer }) => ({
      prefix: formatPrefix(prefixOf(address, length)),
      peers: [...byPeer.keys()].sort(),
    })),
  )
  return routes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))
}
