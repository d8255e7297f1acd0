import { convergeTable, FROM_A } from '../testing/converge-table.ts'
import { DUAL, PREFER_DUAL } from '../testing/examples.ts'

convergeTable('step 8: an address that is no longer allowed', [
  [
    'because it is in no pool: told, another is given',
    { ips: ['192.0.2.1'], annotations: FROM_A },
    {
      ips: ['10.0.0.0'],
      pool: 'a',
      events: [
        /Normal default\/web ClearAssignment: 192\.0\.2\.1 is in no pool; looking for another address/,
        /IPAllocated/,
      ],
      writes: 1,
    },
  ],
  [
    'because its two are of different pools: told, others are given',
    { ips: ['10.0.0.9', 'fd01::9'], annotations: FROM_A, spec: DUAL },
    {
      ips: ['10.0.0.0', 'fd00::'],
      pool: 'a',
      events: [/ClearAssignment: 10\.0\.0\.9 of pool a and fd01::9 of pool b are not of one pool/, /IPAllocated/],
    },
  ],
  [
    'in a pool but under no annotation: only the annotation is written',
    { ips: ['10.0.1.9'] },
    { ips: ['10.0.1.9'], pool: 'b', writes: 1 },
  ],
  [
    'in another pool than the annotation has: only the annotation is written',
    { ips: ['10.0.1.9'], annotations: FROM_A },
    { ips: ['10.0.1.9'], pool: 'b', writes: 1 },
  ],
])

convergeTable('step 9: the annotation names another pool', [
  [
    'another address is given, of that pool',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/address-pool': 'b' } },
    { ips: ['10.0.1.0'], pool: 'b', events: [/IPAllocated/], writes: 1 },
  ],
  [
    'a pool that does not exist: cleared and told',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/address-pool': 'nope' } },
    { ips: [], events: [/AllocationFailed/], writes: 1 },
  ],
  [
    'the same pool: kept',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/address-pool': 'a' } },
    { ips: ['10.0.0.9'], pool: 'a', writes: 0 },
  ],
])

convergeTable('step 10: addresses asked for', [
  [
    'that make no sense: told, and what it has is kept',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': 'ten' } },
    {
      ips: ['10.0.0.9'],
      pool: 'a',
      events: [/Warning default\/web LoadBalancerFailed: annotation metallb\.io\/loadBalancerIPs is "ten"/],
      writes: 0,
    },
  ],
  [
    'that make no sense, by one that is not allowed what it has: told, and cleared',
    { ips: ['192.0.2.1'], annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': 'ten' } },
    { ips: [], events: [/ClearAssignment: 192\.0\.2\.1 is in no pool/, /LoadBalancerFailed/], writes: 1 },
  ],
  [
    'twice over: told, and what it has is kept',
    {
      ips: ['10.0.0.9'],
      annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': '10.0.0.9' },
      spec: { loadBalancerIP: '10.0.0.9' },
    },
    { ips: ['10.0.0.9'], pool: 'a', events: [/LoadBalancerFailed/], writes: 0 },
  ],
  [
    'other than it has: it gets those',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': '10.0.0.7' } },
    { ips: ['10.0.0.7'], pool: 'a', events: [/IPAllocated/], writes: 1 },
  ],
  [
    'other than it has, and not to be had: it loses what it has',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': '192.0.2.1' } },
    { ips: [], events: [/AllocationFailed/], writes: 1 },
  ],
  [
    'that it has, in another order: kept',
    {
      ips: ['fd00::9', '10.0.0.9'],
      annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': '10.0.0.9,fd00::9' },
      spec: DUAL,
    },
    { ips: ['fd00::9', '10.0.0.9'], pool: 'a', writes: 0 },
  ],
])

convergeTable('step 11: one address where two would be better', [
  [
    'the missing family is added behind it, of the same pool',
    { ips: ['fd01::9'], annotations: { 'metallb.io/ip-allocated-from-pool': 'b' }, spec: PREFER_DUAL },
    {
      ips: ['fd01::9', '10.0.1.0'],
      pool: 'b',
      events: [/Normal default\/web IPAllocated: assigned 10\.0\.1\.0 of pool b/],
      writes: 1,
    },
  ],
  [
    'not with one clusterIP',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: { ipFamilyPolicy: 'PreferDualStack' } },
    { ips: ['10.0.0.9'], pool: 'a', writes: 0 },
  ],
  [
    'not to one that named its address',
    { ips: ['10.0.0.9'], annotations: { ...FROM_A, 'metallb.io/loadBalancerIPs': '10.0.0.9' }, spec: PREFER_DUAL },
    {
      ips: ['10.0.0.9'],
      pool: 'a',
      events: [
        /Normal default\/web AdditionalAssignFailed: 10\.0\.0\.9 stays the only address: metallb\.io\/loadBalancerIPs names one address/,
      ],
      writes: 0,
    },
  ],
])

convergeTable(
  'step 11 where the pool has no second family',
  [
    [
      'the one address stays, and why is told',
      { ips: ['10.0.0.9'], annotations: FROM_A, spec: PREFER_DUAL },
      {
        ips: ['10.0.0.9'],
        pool: 'a',
        events: [/Normal default\/web AdditionalAssignFailed: .*pool a has no IPv6 address/],
        writes: 0,
      },
    ],
  ],
  { a: ['10.0.0.0/24'], b: ['fd01::/64'] },
)
