import { convergeTable, FROM_A } from '../testing/converge-table.ts'
import { DUAL } from '../testing/examples.ts'

convergeTable(
  'step 2: without any configuration',
  [
    [
      'a Service that shows an address is left alone',
      { ips: ['10.0.0.9'], annotations: FROM_A },
      { ips: ['10.0.0.9'], pool: 'a', writes: 0 },
    ],
    ['a Service that shows nothing is left alone', {}, { ips: [], writes: 0 }],
    [
      'even a ClusterIP Service with leftovers is left alone',
      { ips: ['10.0.0.9'], spec: { type: 'ClusterIP' } },
      { ips: ['10.0.0.9'], writes: 0 },
    ],
  ],
  'none',
)

convergeTable('step 3: a Service that is no LoadBalancer', [
  [
    'is cleared without a word',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: { type: 'ClusterIP' } },
    { ips: [], writes: 1 },
  ],
  [
    'loses our annotation too when nothing else is left',
    { annotations: FROM_A, spec: { type: 'NodePort' } },
    { ips: [], writes: 1 },
  ],
  ['is not written when there is nothing to clear', { spec: { type: 'ClusterIP' } }, { ips: [], writes: 0 }],
  ['ExternalName is not written either', { spec: { type: 'ExternalName', clusterIPs: [] } }, { ips: [], writes: 0 }],
])

convergeTable(
  'step 4: a configuration without pools',
  [
    ['clears without an Event', { ips: ['10.0.0.9'], annotations: FROM_A }, { ips: [], writes: 1 }],
    ['writes nothing where there is nothing to clear', {}, { ips: [], writes: 0 }],
  ],
  {},
)

convergeTable('step 5: a Service without cluster IP', [
  [
    'is cleared without an Event',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: { clusterIPs: [] } },
    { ips: [], writes: 1 },
  ],
  ['is cleared when headless', { ips: ['10.0.0.9'], spec: { clusterIPs: ['None'] } }, { ips: [], writes: 1 }],
])

convergeTable('step 6: RequireDualStack with fewer than two clusterIPs', [
  [
    'is cleared and told',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: { ipFamilyPolicy: 'RequireDualStack' } },
    { ips: [], events: [/Warning default\/web not enough clusterips: .*10\.96\.0\.1/], writes: 1 },
  ],
])

convergeTable('step 7: what the status shows', [
  ['is kept', { ips: ['10.0.0.9'], annotations: FROM_A }, { ips: ['10.0.0.9'], pool: 'a', writes: 0 }],
  [
    'is kept in either order of families',
    { ips: ['fd00::9', '10.0.0.9'], annotations: FROM_A, spec: DUAL },
    { ips: ['fd00::9', '10.0.0.9'], pool: 'a', writes: 0 },
  ],
  [
    'nothing: an address is given',
    {},
    {
      ips: ['10.0.0.0'],
      pool: 'a',
      events: [/Normal default\/web IPAllocated: assigned 10\.0\.0\.0 of pool a/],
      writes: 1,
    },
  ],
  [
    'nothing but a host name: an address is given instead',
    { ingress: [{ hostname: 'web.example' }] },
    { ips: ['10.0.0.0'], pool: 'a', events: [/IPAllocated/], writes: 1 },
  ],
  [
    'a host name beside the address is written off',
    { ingress: [{ ip: '10.0.0.9' }, { hostname: 'web.example' }], annotations: FROM_A },
    { ips: ['10.0.0.9'], pool: 'a', writes: 1 },
  ],
  [
    'ipMode VIP, which Kubernetes adds, is not written off',
    { ingress: [{ ip: '10.0.0.9', ipMode: 'VIP' }], annotations: FROM_A },
    { ips: ['10.0.0.9'], pool: 'a', writes: 0 },
  ],
  [
    'ipMode Proxy is written off',
    { ingress: [{ ip: '10.0.0.9', ipMode: 'Proxy' }], annotations: FROM_A },
    { ips: ['10.0.0.9'], pool: 'a', writes: 1 },
  ],
  [
    'two of one family: told, cleared, another is given',
    { ips: ['10.0.0.8', '10.0.0.9'], annotations: FROM_A, spec: DUAL },
    {
      ips: ['10.0.0.0', 'fd00::'],
      pool: 'a',
      events: [/Warning default\/web nolbIPsIPFamily: the status shows 10\.0\.0\.8, 10\.0\.0\.9/, /IPAllocated/],
    },
  ],
  [
    'three addresses: told, cleared, another is given',
    { ips: ['10.0.0.8', '10.0.0.9', 'fd00::9'], annotations: FROM_A },
    { ips: ['10.0.0.0'], pool: 'a', events: [/nolbIPsIPFamily/, /IPAllocated/] },
  ],
  [
    'one that is no address: told, cleared, another is given',
    { ips: ['10.0.0'], annotations: FROM_A },
    { ips: ['10.0.0.0'], pool: 'a', events: [/nolbIPsIPFamily/, /IPAllocated/] },
  ],
  [
    'undeterminable clusterIPs: told, and kept',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: { clusterIPs: ['10.96.0.1', '10.96.0.2'] } },
    {
      ips: ['10.0.0.9'],
      pool: 'a',
      events: [/Warning default\/web noclusterIPsIPFamily: .*10\.96\.0\.1, 10\.96\.0\.2/],
      writes: 0,
    },
  ],
  [
    'undeterminable clusterIPs, and two addresses of one family: both told, and cleared',
    { ips: ['10.0.0.8', '10.0.0.9'], annotations: FROM_A, spec: { clusterIPs: ['10.96.0.1', '10.96.0.2'] } },
    { ips: [], events: [/nolbIPsIPFamily/, /noclusterIPsIPFamily/], writes: 1 },
  ],
  [
    'undeterminable clusterIPs, and nothing: told, and nothing is given',
    { spec: { clusterIPs: ['10.96.0.1', '10.96.0.2'] } },
    { ips: [], events: [/noclusterIPsIPFamily/], writes: 0 },
  ],
  [
    'another family than the clusterIP: another address is given',
    { ips: ['fd00::9'], annotations: FROM_A },
    { ips: ['10.0.0.0'], pool: 'a', events: [/IPAllocated/] },
  ],
  [
    'two families for one clusterIP: one address is given',
    { ips: ['10.0.0.9', 'fd00::9'], annotations: FROM_A },
    { ips: ['10.0.0.0'], pool: 'a', events: [/IPAllocated/] },
  ],
  [
    'one family for RequireDualStack: two are given',
    { ips: ['10.0.0.9'], annotations: FROM_A, spec: DUAL },
    { ips: ['10.0.0.0', 'fd00::'], pool: 'a', events: [/IPAllocated/] },
  ],
  [
    'two families for PreferDualStack with one clusterIP: one is given',
    { ips: ['10.0.0.9', 'fd00::9'], annotations: FROM_A, spec: { ipFamilyPolicy: 'PreferDualStack' } },
    { ips: ['10.0.0.0'], pool: 'a', events: [/IPAllocated/] },
  ],
])
