import {
  anySelectorMatches,
  type L2Advertisement,
  type Labels,
  readAnnotations,
  type ServableEndpoint,
  type ServiceView,
} from '@steelyard/model'

/** Why this node does not announce a Service on the LAN. The first that applies, in this order (contract, 7.2). */
export type Layer2Reason = 'notOwner' | 'sharedIPWithServiceSelector' | 'noMatchingAdvertisement'

export type Announceable = {
  readonly kind: 'announceable'
  /** Those for its pool whose `serviceSelectors` match it; never empty. */
  readonly advertisements: readonly L2Advertisement[]
  /** Under Local only these nodes may answer, sorted; absent = any node. */
  readonly servingNodes?: readonly string[]
}

/** What is the same for every node: whether the LAN may hear of a Service, by which advertisements, and from where. */
export type Layer2Scope =
  | Announceable
  | { readonly kind: 'withheld'; readonly reason: Layer2Reason; readonly message: string }

/** Advertisements by the pool they are for. */
export type AdvertisementsByPool = ReadonlyMap<string, readonly L2Advertisement[]>

export function advertisementsByPool(advertisements: readonly L2Advertisement[]): AdvertisementsByPool {
  const byPool = new Map<string, L2Advertisement[]>()
  for (const advertisement of advertisements) {
    for (const pool of advertisement.pools) byPool.set(pool, [...(byPool.get(pool) ?? []), advertisement])
  }
  return byPool
}

export function layer2Scope(
  service: ServiceView,
  endpoints: readonly ServableEndpoint[],
  ofPool: readonly L2Advertisement[],
): Layer2Scope {
  if (endpoints.length === 0) return withheld('notOwner', 'no endpoint is ready or serving')
  const advertisements = ofPool.filter(({ serviceSelectors }) => anySelectorMatches(serviceSelectors, service.labels))
  const sharing = readAnnotations(service).sharingKey
  const choosy = advertisements.find(({ serviceSelectors }) => serviceSelectors.length > 0)
  if (sharing !== undefined && choosy !== undefined) {
    const message = `annotation ${sharing.key} does not go with the serviceSelectors of L2Advertisement ${choosy.name}`
    return withheld('sharedIPWithServiceSelector', message)
  }
  if (advertisements.length === 0)
    return withheld('noMatchingAdvertisement', 'no L2Advertisement is for its pool and it')
  // The list of the pool itself, where it is the same: there may be thousands of Services.
  const list = advertisements.length === ofPool.length ? ofPool : advertisements
  if (service.trafficPolicy === 'Cluster') return { kind: 'announceable', advertisements: list }
  return { kind: 'announceable', advertisements: list, servingNodes: servingNodes(endpoints) }
}

function withheld(reason: Layer2Reason, message: string): Layer2Scope {
  return { kind: 'withheld', reason, message }
}

function servingNodes(endpoints: readonly ServableEndpoint[]): string[] {
  return [...new Set(endpoints.flatMap(({ node }) => node ?? []))].sort()
}

/** The interfaces a Service is announced on, by name and sorted. */
export type Interfaces = 'all' | readonly string[]

/** What the advertisements of a Service say for one node: absent when none selects it. */
export type NodeTerms = { readonly weight: number; readonly interfaces: Interfaces }

/**
 * Weight and interfaces from the advertisements that select the node; the others count for nothing. Weights
 * add up; one advertisement without `interfaces` means all.
 */
export function nodeTerms(advertisements: readonly L2Advertisement[], labels: Labels): NodeTerms | undefined {
  const selecting = advertisements.filter(({ nodeSelectors }) => anySelectorMatches(nodeSelectors, labels))
  if (selecting.length === 0) return undefined
  const weight = selecting
    .flatMap(({ preferredNodes }) => preferredNodes)
    .filter(({ preference }) => anySelectorMatches([preference], labels))
    .reduce((sum, { weight: more }) => sum + more, 0)
  const all = selecting.some(({ interfaces }) => interfaces.length === 0)
  const named = new Set(selecting.flatMap(({ interfaces }) => interfaces))
  return { weight, interfaces: all ? 'all' : [...named].sort() }
}
