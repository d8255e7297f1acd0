import { DUAL, IPV6_ONLY, PREFER_DUAL } from '../testing/examples.ts'
import { ADMITS_SHOP, asking, inPool, NOWHERE, pickTable, pinned, TWO_POOLS } from '../testing/pick-table.ts'

pickTable(
  'a Service that names addresses',
  [
    ['gets the one it named', TWO_POOLS, asking('10.0.0.9'), { ips: ['10.0.0.9'], pool: 'a' }],
    ['gets it with blanks around', TWO_POOLS, asking('  10.0.0.9 '), { ips: ['10.0.0.9'], pool: 'a' }],
    [
      'gets it under the deprecated annotation, and is told',
      TWO_POOLS,
      { annotations: { 'metallb.universe.tf/loadBalancerIPs': '10.0.0.9' } },
      {
        ips: ['10.0.0.9'],
        pool: 'a',
        event:
          /deprecatedAnnotation: annotation metallb\.universe\.tf\/loadBalancerIPs is deprecated: write metallb\.io\/loadBalancerIPs/,
      },
    ],
    [
      'asks for nothing when an empty stable annotation beats the deprecated one',
      TWO_POOLS,
      { annotations: { 'metallb.io/loadBalancerIPs': '', 'metallb.universe.tf/loadBalancerIPs': '10.0.0.9' } },
      { ips: ['10.0.0.0'], pool: 'a' },
    ],
    [
      'gets the one of spec.loadBalancerIP',
      TWO_POOLS,
      { spec: { loadBalancerIP: '10.0.0.9' } },
      { ips: ['10.0.0.9'], pool: 'a' },
    ],
    ['gets one of a pool without autoAssign', TWO_POOLS, asking('10.0.1.9'), { ips: ['10.0.1.9'], pool: 'b' }],
    [
      'gets two in the order IPv4, IPv6',
      TWO_POOLS,
      asking('fd00::9, 10.0.0.9', { spec: DUAL }),
      { ips: ['10.0.0.9', 'fd00::9'], pool: 'a' },
    ],
    [
      'gets two when it would do with one',
      TWO_POOLS,
      asking('fd00::9,10.0.0.9', { spec: PREFER_DUAL }),
      { ips: ['10.0.0.9', 'fd00::9'], pool: 'a' },
    ],
    [
      'is refused two of different pools',
      TWO_POOLS,
      asking('10.0.0.9,fd01::9', { spec: DUAL }),
      {
        ips: [],
        event:
          /AllocationFailed: 10\.0\.0\.9, fd01::9 was asked for: 10\.0\.0\.9 of pool a and fd01::9 of pool b are not of one pool/,
      },
    ],
    [
      'is refused one outside all pools',
      TWO_POOLS,
      asking('192.0.2.1'),
      { ips: [], event: /AllocationFailed: 192\.0\.2\.1 was asked for: 192\.0\.2\.1 is in no pool/ },
    ],
    [
      'is refused one of the other family',
      TWO_POOLS,
      asking('fd00::9'),
      { ips: [], event: /AllocationFailed: .*the clusterIPs need exactly one IPv4 address/ },
    ],
    [
      'is refused two when it has one clusterIP',
      TWO_POOLS,
      asking('10.0.0.9,fd00::9'),
      { ips: [], event: /AllocationFailed: .*need exactly one IPv4 address/ },
    ],
    [
      'is refused one when it has two clusterIPs',
      TWO_POOLS,
      asking('10.0.0.9', { spec: DUAL }),
      { ips: [], event: /AllocationFailed: .*need exactly one IPv4 address and one IPv6 address/ },
    ],
    [
      'is refused one even when it would do with one',
      TWO_POOLS,
      asking('10.0.0.9', { spec: PREFER_DUAL }),
      { ips: [], event: /AllocationFailed/ },
    ],
    [
      'is refused spec.loadBalancerIP when it has two clusterIPs',
      TWO_POOLS,
      { spec: { ...DUAL, loadBalancerIP: '10.0.0.9' } },
      { ips: [], event: /AllocationFailed/ },
    ],
    [
      'is refused the annotation with spec.loadBalancerIP, even when they agree',
      TWO_POOLS,
      asking('10.0.0.9', { spec: { loadBalancerIP: '10.0.0.9' } }),
      { ips: [], event: /Warning default\/web LoadBalancerFailed: both/ },
    ],
    [
      'is refused text that is no address',
      TWO_POOLS,
      asking('10.0.0'),
      { ips: [], event: /LoadBalancerFailed: .*"10\.0\.0" is no IP address/ },
    ],
    [
      'is refused two of one family',
      TWO_POOLS,
      asking('10.0.0.8,10.0.0.9', { spec: DUAL }),
      { ips: [], event: /LoadBalancerFailed: .*several addresses of one family/ },
    ],
    [
      'is refused spec.loadBalancerIP that is no address',
      TWO_POOLS,
      { spec: { loadBalancerIP: 'ten' } },
      { ips: [], event: /LoadBalancerFailed: spec\.loadBalancerIP is "ten"/ },
    ],
    [
      'is refused one that another holds',
      TWO_POOLS,
      asking('10.0.0.5'),
      {
        ips: [],
        event:
          /AllocationFailed: 10\.0\.0\.5 was asked for: 10\.0\.0\.5 cannot be had: it is held by taken\/10-0-0-5, which does not share it/,
      },
    ],
    [
      'gets both when it names the address and its pool',
      TWO_POOLS,
      asking('10.0.0.9', inPool('a')),
      { ips: ['10.0.0.9'], pool: 'a' },
    ],
    [
      'is refused an address of another pool than it names',
      TWO_POOLS,
      asking('10.0.0.9', inPool('b')),
      { ips: [], event: /AllocationFailed: .*it is of pool a, but annotation metallb\.io\/address-pool names pool b/ },
    ],
    [
      'is refused an address of a pool that does not admit it',
      ADMITS_SHOP,
      asking('10.0.0.9'),
      { ips: [], event: /AllocationFailed: .*serviceAllocation does not admit it/ },
    ],
    [
      'is refused an address of a pool that admits no namespace at all',
      { a: { addresses: ['10.0.0.0/24'], ...pinned(1, NOWHERE) } },
      asking('10.0.0.9'),
      { ips: [], event: /AllocationFailed: .*serviceAllocation does not admit it/ },
    ],
    ['gets .0 and .255 like any other', TWO_POOLS, asking('10.0.0.255'), { ips: ['10.0.0.255'], pool: 'a' }],
    [
      'is refused .255 where avoidBuggyIPs is set',
      { a: { addresses: ['10.0.0.0/24'], avoidBuggyIPs: true } },
      asking('10.0.0.255'),
      { ips: [], event: /10\.0\.0\.255 is excluded by avoidBuggyIPs of pool a/ },
    ],
    [
      'is refused .0 where avoidBuggyIPs is set',
      { a: { addresses: ['10.0.0.0/24'], avoidBuggyIPs: true } },
      asking('10.0.0.0'),
      { ips: [], event: /excluded by avoidBuggyIPs/ },
    ],
    [
      'gets IPv6 ending in 0 where avoidBuggyIPs is set',
      { a: { addresses: ['fd00::/64'], avoidBuggyIPs: true } },
      asking('fd00::100', { spec: IPV6_ONLY }),
      { ips: ['fd00::100'], pool: 'a' },
    ],
  ],
  ['10.0.0.5'],
)
