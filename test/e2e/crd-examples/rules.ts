import { BGP_RULES, COMMUNITY_RULES, L2_RULES } from './advertisements.ts'
import { type Kind, KINDS, type RuleExample } from './example.ts'
import { NEW_PEER_RULES, PEER, PEER_RULES } from './peers.ts'
import { PEER_POLICY_RULES } from './peer-policy.ts'
import { POLICY_RULES } from './policy.ts'
import { POOL_RULES } from './pools.ts'
import { preferenceRules, selectorRules } from './selectors.ts'

type Rules = { readonly kind: Kind; readonly rules: readonly RuleExample[] }

const POOL = { addresses: ['192.0.2.0/24'] }

const forPool = (field: string): readonly RuleExample[] =>
  selectorRules(`serviceAllocation.${field}`, (selectors) => ({ ...POOL, serviceAllocation: { [field]: selectors } }))
const plain = (field: string): readonly RuleExample[] => selectorRules(field, (selectors) => ({ [field]: selectors }))
const forPeer = selectorRules('nodeSelectors', (nodeSelectors) => ({ ...PEER, nodeSelectors }))
const preferred = preferenceRules('preferredNodeSelectors', (preferences) => ({ preferredNodeSelectors: preferences }))

const ADVERTISED = ['ipAddressPoolSelectors', 'nodeSelectors', 'serviceSelectors'].flatMap(plain)

/** Every rule of every kind by example, both versions of BGPPeer alike. */
export const RULES: readonly Rules[] = [
  { kind: KINDS.pool, rules: [...POOL_RULES, ...forPool('namespaceSelectors'), ...forPool('serviceSelectors')] },
  { kind: KINDS.l2, rules: [...L2_RULES, ...ADVERTISED, ...preferred] },
  { kind: KINDS.bgp, rules: [...BGP_RULES, ...ADVERTISED] },
  { kind: KINDS.peer, rules: [...PEER_RULES, ...NEW_PEER_RULES, ...forPeer] },
  { kind: KINDS.oldPeer, rules: [...PEER_RULES, ...forPeer] },
  { kind: KINDS.community, rules: COMMUNITY_RULES },
  { kind: KINDS.policy, rules: POLICY_RULES },
  { kind: KINDS.peerPolicy, rules: PEER_POLICY_RULES },
]
