// Only what decides: whoever looks at a cluster from outside asks the same functions as the program itself
// (docs/decisions/0018-cli-asks-the-cores.md). Nothing here touches the world, so a bundle takes no more than it uses.
export { type Addressed, addressesOf, type WithdrawalReason } from './decide/addresses.ts'
export {
  type ArpPair,
  type ArpSettings,
  IPVS_DEVICE,
  kernelCondition,
  kernelVerdict,
  STRICT_ARP_ADVICE,
} from './decide/arp-settings.ts'
export { bgpFacts } from './decide/bgp/facts.ts'
export { type BgpRules, sessionFamilies } from './decide/bgp/rules.ts'
export { type BgpReason, bgpScope, type BgpWithheld } from './decide/bgp/scope.ts'
export { type Terms, termsBook } from './decide/bgp/terms.ts'
export { isNetworkUnavailable, isReadyNode } from './decide/cluster-objects.ts'
export { stateNameOf } from './decide/configuration-state.ts'
export { drainOf, MAINTENANCE_ANNOTATION } from './decide/drain.ts'
export {
  type Eligibility,
  eligibility,
  type EligibilityRules,
  EVERY_INTERFACE,
  type NodeState,
} from './decide/eligibility.ts'
export { announcementGroups, byAge } from './decide/groups.ts'
export { readNotice } from './decide/interface-notice.ts'
export { advertisementsByPool, type Interfaces, nodeTerms } from './decide/layer2.ts'
export type { Candidate, Claim } from './decide/ownership.ts'
export { type Ownership, ownershipOf, type Plan, whyWithheld, type World } from './decide/plan.ts'
export { readySpeakers } from './decide/ready-speakers.ts'
export { type AnnounceableService, layer2Facts, type ServiceFacts, type Withheld } from './decide/service-facts.ts'
