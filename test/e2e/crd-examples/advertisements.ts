import type { RuleExample } from './example.ts'

const COMMUNITY =
  'accepted: a:b with numbers up to 65535, large:a:b:c with numbers up to 4294967295, or the name of an alias that a ' +
  'Community object defines, which has no colon'
const LITERAL = 'accepted: a:b with numbers up to 65535, or large:a:b:c with numbers up to 4294967295'

function twice(field: string, refused: readonly string[], accepted: readonly string[]): RuleExample {
  return {
    rule: `nothing stands twice in ${field}`,
    refused: { [field]: refused },
    at: `spec.${field}`,
    says: `found "${refused[0] ?? ''}" more than once; accepted: each once`,
    accepted: { [field]: accepted },
  }
}

function community(rule: string, refused: string, accepted: string): RuleExample {
  const field = 'spec.communities[0]'
  return {
    rule,
    refused: { communities: [refused] },
    at: field,
    says: `"${refused}": found "${refused}"; ${COMMUNITY}`,
    accepted: { communities: [accepted] },
  }
}

/** `count` large communities, which take 12 bytes each. */
function large(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `large:64512:${number}:1`)
}

const SELECTOR = [{ matchLabels: { app: 'web' } }]

/** `spec` of L2Advertisements; what they share with BGPAdvertisements in selectors stands in `selectors.ts`. */
export const L2_RULES: readonly RuleExample[] = [twice('ipAddressPools', ['a', 'b', 'a'], ['a', 'b', 'A'])]

/** `spec` of BGPAdvertisements. */
export const BGP_RULES: readonly RuleExample[] = [
  twice('ipAddressPools', ['a', 'b', 'a'], ['a', 'b', 'A']),
  twice('peers', ['tor-1', 'tor-1'], ['tor-1', 'tor-2']),
  twice('communities', ['64512:1', '64512:2', '64512:1'], ['64512:1', '64512:2', '64512:3']),
  {
    rule: 'an IPv4 aggregate has at most 32 bits',
    refused: { aggregationLength: 33 },
    at: 'spec.aggregationLength',
    says: '33: found 33; accepted: an IPv4 prefix length from 1 to 32',
    accepted: { aggregationLength: 32 },
  },
  {
    rule: 'an IPv6 aggregate has at most 128 bits',
    refused: { aggregationLengthV6: 129 },
    at: 'spec.aggregationLengthV6',
    says: '129: found 129; accepted: an IPv6 prefix length from 0 to 128',
    accepted: { aggregationLengthV6: 128 },
  },
  {
    rule: 'an IPv6 aggregate has no negative length',
    refused: { aggregationLengthV6: -1 },
    at: 'spec.aggregationLengthV6',
    says: '-1: found -1; accepted: an IPv6 prefix length from 0 to 128',
    accepted: { aggregationLengthV6: 0 },
  },
  {
    rule: 'IPv4 aggregation and serviceSelectors exclude each other',
    refused: { aggregationLength: 24, serviceSelectors: SELECTOR },
    at: 'spec.aggregationLength',
    says: 'found 24 for IPv4 with serviceSelectors, and the two exclude each other; accepted: 32',
    accepted: { aggregationLength: 32, serviceSelectors: SELECTOR },
  },
  {
    rule: 'IPv6 aggregation and serviceSelectors exclude each other',
    refused: { aggregationLengthV6: 64, serviceSelectors: SELECTOR },
    at: 'spec.aggregationLengthV6',
    says: 'found 64 for IPv6 with serviceSelectors, and the two exclude each other; accepted: 128',
    accepted: { aggregationLength: 24, aggregationLengthV6: 64, serviceSelectors: [] },
  },
  community('a number of a community is at most 65535', '64512:65536', '64512:65535'),
  community('a community has two numbers', '64512:', '64512:0'),
  community('a community has no third number', '64512:1:2', 'large:64512:1:2'),
  community('a community has numbers, no names', 'as64512:1', '64512:1'),
  community('a number of a large community is at most 4294967295', 'large:4294967296:1:2', 'large:4294967295:1:2'),
  community('a large community has three numbers', 'large:64512:1', 'large:64512:1:0'),
  { ...community('an alias has no colon', 'no-export:', 'no-export'), acceptedNeedsOthers: true },
  {
    rule: 'the communities fit one UPDATE',
    refused: { communities: large(333) },
    at: 'spec.communities',
    says: 'found 3996 bytes of communities; accepted: 3987, at 4 for a:b and 12 for large:a:b:c',
    accepted: { communities: large(332) },
  },
]

function alias(rule: string, refused: string, accepted: string): RuleExample {
  const named = (value: string) => ({ communities: [{ name: 'backup', value }] })
  return {
    rule,
    refused: named(refused),
    at: 'spec.communities[0].value',
    says: `"${refused}": found "${refused}"; ${LITERAL}`,
    accepted: named(accepted),
  }
}

/** `spec` of Communities. */
export const COMMUNITY_RULES: readonly RuleExample[] = [
  {
    rule: 'a name is given once',
    refused: { communities: ['64512:1', '64512:2'].map((value) => ({ name: 'backup', value })) },
    at: 'spec.communities',
    says: 'found the name "backup" more than once; accepted: each name once',
    accepted: { communities: ['one', 'two'].map((name) => ({ name, value: '64512:1' })) },
  },
  alias('an alias stands for no other alias', 'no-export', '65535:65281'),
  alias('a number of a community is at most 65535', '65536:1', '65535:1'),
  alias('a number of a large community is at most 4294967295', 'large:1:2:4294967296', 'large:1:2:4294967295'),
  alias('a large community has three numbers', 'large:1:2', 'large:1:2:3'),
]
