import {
  advertisementsClash,
  anySelectorMatches,
  type BgpAdvertisement,
  EXCLUDE_FROM_BALANCERS_LABEL,
  localPref,
} from '@steelyard/model'
import type { WithdrawalReason } from '../addresses.ts'
import type { AddressedFacts, BgpFacts } from './facts.ts'
import type { BgpRules } from './rules.ts'

/** Why this node does not announce a Service to routers. The first that applies, in this order (contract, 9.1). */
export type BgpReason =
  | 'notOwner'
  | 'noMatchingAdvertisement'
  | 'conflictingAdvertisements'
  | 'nodeNetworkUnavailable'
  | 'nodeLabeledExcludeBalancers'
  /** Not of the contract, which knows no maintenance. */
  | 'nodeInMaintenance'
  | 'noLocalEndpoints'
  | 'noEndpoints'

export type BgpWithheld = { readonly reason: WithdrawalReason | BgpReason; readonly message: string }

export type BgpScope =
  | {
      readonly kind: 'announceable'
      readonly facts: AddressedFacts
      /** In the order of the configuration; never empty. */
      readonly advertisements: readonly BgpAdvertisement[]
    }
  | { readonly kind: 'withheld'; readonly why: BgpWithheld }

/** @param ofPool the advertisements for the Service's pool that select this node */
export function bgpScope(facts: BgpFacts, ofPool: readonly BgpAdvertisement[], rules: BgpRules): BgpScope {
  if (facts.kind === 'withdrawn') return { kind: 'withheld', why: facts.why }
  if (ofPool.length === 0) {
    return withheld('notOwner', `no BGPAdvertisement for pool ${facts.pool} selects node ${rules.node}`)
  }
  const matching = ofPool.filter(({ serviceSelectors }) => anySelectorMatches(serviceSelectors, facts.labels))
  if (matching.length === 0) {
    return withheld('noMatchingAdvertisement', `no BGPAdvertisement for pool ${facts.pool} selects the Service`)
  }
  // The list of the pool itself, where it is the same: there may be thousands of Services.
  const advertisements = matching.length === ofPool.length ? ofPool : matching
  const why = clashing(facts, advertisements) ?? whyNodeIsOut(rules) ?? whyNothingServes(facts, rules)
  return why === undefined ? { kind: 'announceable', facts, advertisements } : { kind: 'withheld', why }
}

function withheld(reason: BgpReason, message: string): BgpScope {
  return { kind: 'withheld', why: { reason, message } }
}

/** Only serviceSelectors bring together what the configuration could not judge. */
function clashing({ addresses }: AddressedFacts, advertisements: readonly BgpAdvertisement[]): BgpWithheld | undefined {
  if (advertisements.every(({ serviceSelectors }) => serviceSelectors.length === 0)) return undefined
  const families = new Set(addresses.map(({ address }) => address.family))
  for (const [at, later] of advertisements.entries()) {
    const earlier = advertisements.slice(0, at).find((one) => advertisementsClash(one, later, families))
    if (earlier === undefined) continue
    const [a, b] = [earlier, later].map((one) => `${one.name} has ${localPref(one)}`)
    return { reason: 'conflictingAdvertisements', message: `localPref of the BGPAdvertisements differs: ${a}, ${b}` }
  }
  return undefined
}

function whyNodeIsOut(rules: BgpRules): BgpWithheld | undefined {
  const { node } = rules
  if (rules.networkUnavailable) {
    return { reason: 'nodeNetworkUnavailable', message: `condition NetworkUnavailable of node ${node} is True` }
  }
  if (rules.excluded) {
    const message = `node ${node} is labelled ${EXCLUDE_FROM_BALANCERS_LABEL}`
    return { reason: 'nodeLabeledExcludeBalancers', message }
  }
  return rules.maintenance ? { reason: 'nodeInMaintenance', message: `node ${node} is in maintenance` } : undefined
}

function whyNothingServes(
  { trafficPolicy, local, hasEndpoints }: AddressedFacts,
  { node }: BgpRules,
): BgpWithheld | undefined {
  if (trafficPolicy === 'Local') {
    const message = `externalTrafficPolicy is Local and node ${node} runs no serving endpoint`
    return local[4] + local[6] > 0 ? undefined : { reason: 'noLocalEndpoints', message }
  }
  return hasEndpoints ? undefined : { reason: 'noEndpoints', message: 'no endpoint is ready or serving' }
}
