import { DUAL, PREFER_DUAL } from '../testing/examples.ts'
import { pickTable, pinned } from '../testing/pick-table.ts'

pickTable(
  'a dual-stack Service',
  [
    [
      'gets IPv4 then IPv6 of the first pool with both',
      { a: ['10.0.1.0/24'], b: ['fd00:b::/64', '10.0.2.0/24'] },
      { spec: { ...DUAL, ipFamilies: ['IPv6', 'IPv4'] } },
      { ips: ['10.0.2.0', 'fd00:b::'], pool: 'b' },
    ],
    [
      'gets nothing when no pool has both',
      { a: ['10.0.1.0/24'], b: ['fd00:b::/64'] },
      { spec: DUAL },
      { ips: [], event: /AllocationFailed: .*pool a has no IPv6 addresses; pool b has no IPv4 addresses/ },
    ],
    [
      'gets nothing when one family is full',
      { a: ['10.0.0.0/32', 'fd00:b::/64'] },
      { spec: DUAL },
      { ips: [], event: /no IPv4 address is free/ },
    ],
    [
      'that would like both gets both from a later pool',
      { a: ['10.0.1.0/24'], b: ['fd00:b::/64', '10.0.2.0/24'] },
      { spec: PREFER_DUAL },
      { ips: ['10.0.2.0', 'fd00:b::'], pool: 'b' },
    ],
    [
      'that would like both gets both from a plain pool before one from a pinned one',
      { a: { addresses: ['10.0.1.0/24'], ...pinned(1) }, b: ['fd00:b::/64', '10.0.2.0/24'] },
      { spec: PREFER_DUAL },
      { ips: ['10.0.2.0', 'fd00:b::'], pool: 'b' },
    ],
    [
      'that would like both gets its first family when no pool has both',
      { a: ['10.0.1.0/24'], b: ['fd00:b::/64'] },
      { spec: { ...PREFER_DUAL, ipFamilies: ['IPv6', 'IPv4'] } },
      { ips: ['fd00:b::'], pool: 'b' },
    ],
    [
      'that would like both gets IPv4 first when the order of families is unset',
      { a: ['fd00:b::/64'], b: ['10.0.1.0/24'] },
      { spec: { clusterIPs: ['10.96.0.1', 'fd00:96::1'], ipFamilyPolicy: 'PreferDualStack', ipFamilies: [] } },
      { ips: ['10.0.1.0'], pool: 'b' },
    ],
    [
      'that would like both gets the other family when its first is not to be had',
      { a: ['fd00:b::/64'] },
      { spec: PREFER_DUAL },
      { ips: ['fd00:b::'], pool: 'a' },
    ],
    [
      'that would like both is told why there is no second',
      { a: ['10.0.1.0/24'] },
      { spec: PREFER_DUAL },
      {
        ips: ['10.0.1.0'],
        pool: 'a',
        event:
          /Normal default\/web AdditionalAssignFailed: 10\.0\.1\.0 stays the only address: pool a has no IPv6 address/,
      },
    ],
    [
      'with one clusterIP is single stack, whatever it would like',
      { a: ['10.0.1.0/24', 'fd00::/64'] },
      { spec: { ...PREFER_DUAL, clusterIPs: ['fd00:96::9'], ipFamilies: ['IPv6'] } },
      { ips: ['fd00::'], pool: 'a' },
    ],
  ],
  ['10.0.0.0'],
)
