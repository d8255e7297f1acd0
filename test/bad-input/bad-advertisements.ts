import { bad, type BadResource, bgp, l2 } from './resources.ts'

export const BAD_ADVERTISEMENTS: readonly BadResource[] = [
  bad(
    'speaker',
    'a pool named twice',
    l2({ ipAddressPools: ['good', 'good'] }),
    'L2Advertisement bad: spec.ipAddressPools[1]: repeats "good", which stands at spec.ipAddressPools[0]; accepted: each once',
  ),
  bad(
    'speaker',
    'interfaces that are no list',
    l2({ interfaces: 'eth0' }),
    'L2Advertisement bad: spec.interfaces: found "eth0"; accepted: a list',
  ),
  bad(
    'speaker',
    'a preference of weight 0',
    l2({ preferredNodeSelectors: [{ weight: 0, preference: { matchLabels: { a: 'b' } } }] }),
    'L2Advertisement bad: spec.preferredNodeSelectors[0].weight: found 0; accepted: a whole number from 1 to 100',
  ),
  bad(
    'speaker',
    'a node selector given twice',
    l2({ nodeSelectors: [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'b' } }] }),
    'L2Advertisement bad: spec.nodeSelectors[1]: repeats {"matchLabels":{"a":"b"}}, which stands at spec.nodeSelectors[0]; accepted: each once',
  ),
  bad(
    'speaker',
    'an aggregation length of 33',
    bgp({ aggregationLength: 33 }),
    'BGPAdvertisement bad: spec.aggregationLength: found 33; accepted: an IPv4 prefix length from 1 to 32',
  ),
  bad(
    'speaker',
    'an aggregate wider than the pool',
    bgp({ ipAddressPools: ['good'], aggregationLength: 16 }),
    'BGPAdvertisement bad: spec.aggregationLength: found /16, but "198.51.100.0/24" of IPAddressPool good has nothing wider than /24; accepted: at least 24',
  ),
  bad(
    'speaker',
    'an unknown community alias',
    bgp({ communities: ['no-such'] }),
    'BGPAdvertisement bad: spec.communities[0]: found "no-such", which no Community object defines; accepted: a name defined there, or a:b with numbers up to 65535, or large:a:b:c with numbers up to 4294967295',
  ),
  bad(
    'speaker',
    'a community literal with three parts',
    bgp({ communities: ['1:2:3'] }),
    'BGPAdvertisement bad: spec.communities[0]: found "1:2:3", which is no community; accepted: a:b with numbers up to 65535, or large:a:b:c with numbers up to 4294967295',
  ),
  bad(
    'speaker',
    'a local preference below 0',
    bgp({ localPref: -1 }),
    'BGPAdvertisement bad: spec.localPref: found -1; accepted: a whole number from 0 to 4294967295',
  ),
  bad(
    'speaker',
    'aggregation together with service selectors',
    bgp({ aggregationLength: 28, serviceSelectors: [{ matchLabels: { a: 'b' } }] }),
    'BGPAdvertisement bad: spec.aggregationLength: found 28 for IPv4 together with serviceSelectors, which exclude each other; accepted: 32',
  ),
]
