import { bad, type BadResource, community, object, pool } from './resources.ts'

export const BAD_POOLS: readonly BadResource[] = [
  bad(
    'controller',
    'a pool without addresses',
    pool({ addresses: [] }),
    'IPAddressPool bad: spec.addresses: found an empty list; accepted: at least one entry',
  ),
  bad(
    'controller',
    'a pool without a spec',
    [object('IPAddressPool', 'bad', {})],
    'IPAddressPool bad: spec: is missing; accepted: an object',
  ),
  bad(
    'controller',
    'addresses that are one text instead of a list',
    pool({ addresses: '192.0.2.0/24' }),
    'IPAddressPool bad: spec.addresses: found "192.0.2.0/24"; accepted: a list',
  ),
  bad(
    'controller',
    'a bare address',
    pool({ addresses: ['192.0.2.7'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.7", which is no CIDR block; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'a number among the addresses',
    pool({ addresses: [7] }),
    'IPAddressPool bad: spec.addresses[0]: found 7; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'an octet above 255',
    pool({ addresses: ['192.0.2.300/32'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.300/32", which is no CIDR block; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'a prefix length above 32',
    pool({ addresses: ['192.0.2.0/33'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.0/33", which is no CIDR block; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'a range whose start is above its end',
    pool({ addresses: ['192.0.2.9-192.0.2.1'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.9-192.0.2.1": start 192.0.2.9 is above end 192.0.2.1; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'a range across families',
    pool({ addresses: ['192.0.2.1-2001:db8::1'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.1-2001:db8::1": start and end are of different families; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'a range of three',
    pool({ addresses: ['192.0.2.1-192.0.2.2-192.0.2.3'] }),
    'IPAddressPool bad: spec.addresses[0]: found "192.0.2.1-192.0.2.2-192.0.2.3": is not "start-end"; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'an IPv6 range upside down',
    pool({ addresses: ['2001:db8::9-2001:db8::1'] }),
    'IPAddressPool bad: spec.addresses[0]: found "2001:db8::9-2001:db8::1": start 2001:db8::9 is above end 2001:db8::1; accepted: a CIDR block such as 192.0.2.0/28, or a range such as 192.0.2.1-192.0.2.9',
  ),
  bad(
    'controller',
    'two lines of one pool that overlap',
    pool({ addresses: ['192.0.2.0/24', '192.0.2.128/25'] }),
    'IPAddressPool bad: spec.addresses[1]: found "192.0.2.128/25", whose 192.0.2.128/25 overlaps 192.0.2.0/24 of "192.0.2.0/24", which is spec.addresses[0] of IPAddressPool bad; accepted: addresses that stand in no other entry of any pool',
  ),
  bad(
    'controller',
    'a pool that overlaps another',
    pool({ addresses: ['198.51.100.64/26'] }),
    'IPAddressPool good: spec.addresses[0]: found "198.51.100.0/24", whose 198.51.100.0/24 overlaps 198.51.100.64/26 of "198.51.100.64/26", which is spec.addresses[0] of IPAddressPool bad; accepted: addresses that stand in no other entry of any pool',
  ),
  bad(
    'controller',
    'autoAssign that is a text',
    pool({ addresses: ['192.0.2.0/24'], autoAssign: 'yes' }),
    'IPAddressPool bad: spec.autoAssign: found "yes"; accepted: true or false',
  ),
  bad(
    'controller',
    'a namespace named twice',
    pool({ addresses: ['192.0.2.0/24'], serviceAllocation: { namespaces: ['shop', 'shop'] } }),
    'IPAddressPool bad: spec.serviceAllocation.namespaces[1]: repeats "shop", which stands at spec.serviceAllocation.namespaces[0]; accepted: each once',
  ),
  bad(
    'controller',
    'a selector with an unknown operator',
    pool({
      addresses: ['192.0.2.0/24'],
      serviceAllocation: { serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Near', values: ['b'] }] }] },
    }),
    'IPAddressPool bad: spec.serviceAllocation.serviceSelectors[0].matchExpressions[0].operator: found "Near"; accepted: In, NotIn, Exists, DoesNotExist',
  ),
  bad(
    'controller',
    'a community that is no pair of numbers',
    community({ name: 'far', value: 'abc' }),
    'Community bad: spec.communities[0].value: found "abc"; accepted: a:b with numbers up to 65535, or large:a:b:c with numbers up to 4294967295',
  ),
  bad(
    'controller',
    'a community half above 16 bits',
    community({ name: 'far', value: '70000:1' }),
    'Community bad: spec.communities[0].value: found "70000:1"; accepted: a:b with numbers up to 65535, or large:a:b:c with numbers up to 4294967295',
  ),
  bad(
    'controller',
    'a community name given twice',
    community({ name: 'far', value: '1:2' }, { name: 'far', value: '1:3' }),
    'Community bad: spec.communities[1]: repeats "far", which stands at spec.communities[0]; accepted: each once',
  ),
]
