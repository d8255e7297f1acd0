import { DUAL, PREFER_DUAL } from '../testing/examples.ts'
import { ADMITS_SHOP, NOWHERE, TWO_POOLS, inPool, pickTable, pinned } from '../testing/pick-table.ts'

pickTable(
  'a Service that names a pool',
  [
    ['gets an address of it', TWO_POOLS, inPool('b'), { ips: ['10.0.1.0'], pool: 'b' }],
    [
      'gets it under the deprecated annotation',
      TWO_POOLS,
      { annotations: { 'metallb.universe.tf/address-pool': 'b' } },
      { ips: ['10.0.1.0'], pool: 'b', event: /deprecatedAnnotation/ },
    ],
    [
      'asks for none when an empty stable annotation beats the deprecated one',
      TWO_POOLS,
      { annotations: { 'metallb.io/address-pool': '', 'metallb.universe.tf/address-pool': 'b' } },
      { ips: ['10.0.0.0'], pool: 'a' },
    ],
    [
      'is told that the pool does not exist',
      TWO_POOLS,
      inPool('nope'),
      {
        ips: [],
        event: /AllocationFailed: annotation metallb\.io\/address-pool asks for pool nope, which does not exist/,
      },
    ],
    [
      'is told that the pool is full',
      { a: ['10.0.0.5/32'], b: ['10.0.1.0/24'] },
      inPool('a'),
      { ips: [], event: /AllocationFailed: .*pool a, which is full: no IPv4 address is free/ },
    ],
    [
      'is told that the pool lacks the family',
      { a: ['fd00::/64'], b: ['10.0.1.0/24'] },
      inPool('a'),
      { ips: [], event: /pool a, which has no IPv4 addresses/ },
    ],
    [
      'is told that the pool lacks one of both families',
      { a: ['10.0.0.0/24'] },
      inPool('a', { spec: DUAL }),
      { ips: [], event: /pool a, which has no IPv6 addresses/ },
    ],
    [
      'is told that the pool does not admit it',
      ADMITS_SHOP,
      inPool('a'),
      { ips: [], event: /whose serviceAllocation does not admit this Service/ },
    ],
    [
      'is told that the pool admits no namespace at all',
      { a: { addresses: ['10.0.0.0/24'], ...pinned(1, NOWHERE) } },
      inPool('a'),
      { ips: [], event: /whose serviceAllocation does not admit this Service/ },
    ],
    [
      'that would like both families gets the one the pool has',
      { a: ['fd00::/64'], b: ['10.0.1.0/24'] },
      inPool('a', { spec: PREFER_DUAL }),
      { ips: ['fd00::'], pool: 'a' },
    ],
  ],
  ['10.0.0.5'],
)
