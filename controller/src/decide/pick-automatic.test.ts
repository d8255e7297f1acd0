import { IPV6_ONLY } from '../testing/examples.ts'
import { inPool, NOWHERE, pickTable, pinned } from '../testing/pick-table.ts'

pickTable('a Service that asks for nothing', [
  [
    'gets the lowest address of the first pool by name',
    { b: ['10.0.1.0/24'], a: ['10.0.2.0/24'] },
    {},
    { ips: ['10.0.2.0'], pool: 'a' },
  ],
  [
    'gets none of a pool without autoAssign',
    { a: { addresses: ['10.0.1.0/24'], autoAssign: false }, b: ['10.0.2.0/24'] },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets nothing when no pool has autoAssign',
    { a: { addresses: ['10.0.1.0/24'], autoAssign: false } },
    {},
    { ips: [], event: /AllocationFailed: .*no pool with autoAssign admits/ },
  ],
  [
    'gets IPv6 when its clusterIP is IPv6',
    { a: ['10.0.1.0/24', 'fd00::/64'] },
    { spec: IPV6_ONLY },
    { ips: ['fd00::'], pool: 'a' },
  ],
  [
    'passes by a pool without its family',
    { a: ['fd00::/64'], b: ['10.0.1.0/24'] },
    {},
    { ips: ['10.0.1.0'], pool: 'b' },
  ],
  [
    'is told that no pool has its family',
    { a: ['fd00::/64'] },
    {},
    { ips: [], event: /AllocationFailed: no IPv4 address is available: pool a has no IPv4 addresses/ },
  ],
  [
    'gets a pool with serviceAllocation before plain ones',
    { a: ['10.0.1.0/24'], z: { addresses: ['10.0.2.0/24'], ...pinned(undefined) } },
    {},
    { ips: ['10.0.2.0'], pool: 'z' },
  ],
  [
    'gets the lowest priority number first',
    { a: { addresses: ['10.0.1.0/24'], ...pinned(20) }, b: { addresses: ['10.0.2.0/24'], ...pinned(10) } },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets priority 0 last among those with serviceAllocation',
    { a: { addresses: ['10.0.1.0/24'], ...pinned(0) }, b: { addresses: ['10.0.2.0/24'], ...pinned(99) } },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets unset priority last among those with serviceAllocation',
    { a: { addresses: ['10.0.1.0/24'], ...pinned(undefined) }, b: { addresses: ['10.0.2.0/24'], ...pinned(99) } },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets equal priorities by name',
    { b: { addresses: ['10.0.1.0/24'], ...pinned(5) }, a: { addresses: ['10.0.2.0/24'], ...pinned(5) } },
    {},
    { ips: ['10.0.2.0'], pool: 'a' },
  ],
  [
    'gets none of a pool for other namespaces',
    { a: { addresses: ['10.0.1.0/24'], ...pinned(1, { namespaces: ['shop'] }) }, b: ['10.0.2.0/24'] },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets a pool for its namespace',
    { a: ['10.0.1.0/24'], b: { addresses: ['10.0.2.0/24'], ...pinned(1, { namespaces: ['default'] }) } },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets a pool for its namespace by label',
    {
      a: ['10.0.1.0/24'],
      b: {
        addresses: ['10.0.2.0/24'],
        ...pinned(1, { namespaceSelectors: [{ matchLabels: { 'kubernetes.io/metadata.name': 'default' } }] }),
      },
    },
    {},
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets none when the namespace labels match nobody',
    { b: { addresses: ['10.0.2.0/24'], ...pinned(1, NOWHERE) } },
    {},
    { ips: [], event: /AllocationFailed/ },
  ],
  [
    'gets a pool for its labels',
    {
      a: ['10.0.1.0/24'],
      b: { addresses: ['10.0.2.0/24'], ...pinned(1, { serviceSelectors: [{ matchLabels: { tier: 'gold' } }] }) },
    },
    { labels: { tier: 'gold' } },
    { ips: ['10.0.2.0'], pool: 'b' },
  ],
  [
    'gets none of a pool for other labels',
    {
      a: ['10.0.1.0/24'],
      b: { addresses: ['10.0.2.0/24'], ...pinned(1, { serviceSelectors: [{ matchLabels: { tier: 'gold' } }] }) },
    },
    {},
    { ips: ['10.0.1.0'], pool: 'a' },
  ],
  [
    'needs both criteria when a pool has both',
    {
      a: ['10.0.1.0/24'],
      b: {
        addresses: ['10.0.2.0/24'],
        ...pinned(1, { namespaces: ['shop'], serviceSelectors: [{ matchLabels: { tier: 'gold' } }] }),
      },
    },
    { labels: { tier: 'gold' } },
    { ips: ['10.0.1.0'], pool: 'a' },
  ],
  [
    'an empty address-pool annotation asks for nothing',
    { a: ['10.0.0.0/31'] },
    inPool(''),
    { ips: ['10.0.0.0'], pool: 'a' },
  ],
])

pickTable(
  'a Service that asks for nothing while pools fill',
  [
    [
      'goes on to the next pinned pool',
      { a: { addresses: ['10.0.0.0/31'], ...pinned(1) }, b: { addresses: ['10.0.2.0/24'], ...pinned(2) } },
      {},
      { ips: ['10.0.2.0'], pool: 'b' },
    ],
    [
      'goes on from pinned to plain pools',
      { a: { addresses: ['10.0.0.0/31'], ...pinned(1) }, b: ['10.0.2.0/24'] },
      {},
      { ips: ['10.0.2.0'], pool: 'b' },
    ],
    [
      'is told which pools are full',
      { a: ['10.0.0.0/31'] },
      {},
      {
        ips: [],
        event:
          /Warning default\/web AllocationFailed: no IPv4 address is available: pool a is full: no IPv4 address is free/,
      },
    ],
    [
      'is told of five pools by name, and how many more there are',
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, at) => [name, [`fd0${at}::/64`]])),
      {},
      { ips: [], event: /pool e has no IPv4 addresses; and 2 more pools have none either$/ },
    ],
  ],
  ['10.0.0.0', '10.0.0.1'],
)
