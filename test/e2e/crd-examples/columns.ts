import { type Kind, KINDS } from './example.ts'
import { PEER } from './peers.ts'

/** What `kubectl get` prints after the name, and an object with what it then shows; `Age` is left out of the cells. */
export type Columns = {
  readonly kind: Kind
  /** With the priority, where it is only shown by `-o wide`. */
  readonly columns: readonly string[]
  readonly object: object
  readonly cells: readonly unknown[]
}

const SELECTORS = [{ matchLabels: { a: 'b' } }]
const SHOWN_SELECTORS = '[{"matchLabels":{"a":"b"}}]'
const FINDING = { status: 'True', reason: 'Why', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }
const SERVICE = { node: 'n1', serviceName: 'web', serviceNamespace: 'shop' }

export const COLUMNS: readonly Columns[] = [
  {
    kind: KINDS.pool,
    columns: ['Auto Assign', 'Avoid Buggy IPs', 'Addresses'],
    object: { spec: { addresses: ['192.0.2.0/24', '198.51.100.0/24'], autoAssign: false } },
    cells: [false, false, '["192.0.2.0/24","198.51.100.0/24"]'],
  },
  {
    kind: KINDS.l2,
    columns: ['IPAddressPools', 'IPAddressPool Selectors', 'Interfaces', 'Node Selectors (10)'],
    object: {
      spec: {
        ipAddressPools: ['a'],
        ipAddressPoolSelectors: SELECTORS,
        interfaces: ['eth0', 'eth1'],
        nodeSelectors: SELECTORS,
      },
    },
    cells: ['["a"]', SHOWN_SELECTORS, '["eth0","eth1"]', SHOWN_SELECTORS],
  },
  {
    kind: KINDS.bgp,
    columns: ['IPAddressPools', 'IPAddressPool Selectors', 'Peers', 'Node Selectors (10)'],
    object: {
      spec: { ipAddressPools: ['a'], ipAddressPoolSelectors: SELECTORS, peers: ['tor-1'], nodeSelectors: SELECTORS },
    },
    cells: ['["a"]', SHOWN_SELECTORS, '["tor-1"]', SHOWN_SELECTORS],
  },
  ...[KINDS.peer, KINDS.oldPeer].map((kind) => ({
    kind,
    columns: ['Address', 'ASN', 'BFD Profile', 'Multi Hops'],
    object: { spec: { ...PEER, bfdProfile: 'fast', ebgpMultiHop: true } },
    cells: ['192.0.2.1', 64_513, 'fast', true],
  })),
  {
    kind: KINDS.bfd,
    columns: ['Passive Mode', 'Transmit Interval', 'Receive Interval', 'Multiplier'],
    object: { spec: { passiveMode: true, transmitInterval: 50, receiveInterval: 60, detectMultiplier: 4 } },
    cells: [true, 50, 60, 4],
  },
  { kind: KINDS.community, columns: ['Age'], object: { spec: { communities: [] } }, cells: [] },
  {
    kind: KINDS.l2Status,
    columns: ['Allocated Node', 'Service Name', 'Service Namespace'],
    object: { status: SERVICE },
    cells: ['n1', 'web', 'shop'],
  },
  {
    kind: KINDS.bgpStatus,
    columns: ['Node', 'Service Name', 'Service Namespace'],
    object: { status: SERVICE },
    cells: ['n1', 'web', 'shop'],
  },
  {
    kind: KINDS.state,
    columns: ['Result', 'ErrorSummary', 'Age'],
    object: { status: { result: 'Invalid', errorSummary: 'a pool is wrong' } },
    cells: ['Invalid', 'a pool is wrong'],
  },
  {
    kind: KINDS.policy,
    columns: ['In Force', 'Partition', 'Rebalance', 'Duplicates', 'Heartbeat (10)', 'Age'],
    object: { spec: { partition: 'fenced' }, status: { conditions: [{ type: 'InForce', ...FINDING }] } },
    cells: ['True', 'fenced', 'never', 'warn', '100ms'],
  },
  {
    kind: KINDS.peerPolicy,
    columns: ['Peers', 'Passive', 'Graceful Shutdown', 'Weighted ECMP (10)', 'Age'],
    object: { spec: { peers: ['tor-1'], weightedECMP: {} } },
    cells: ['["tor-1"]', false, '1s', '{"megabitsPerEndpoint":1000,"minInterval":"1s"}'],
  },
  {
    kind: KINDS.speakerStatus,
    columns: ['Standing', 'Owned', 'Members', 'Sessions', 'Conflict (10)', 'Age'],
    object: {
      status: {
        standing: 'settled',
        ownedCount: 7,
        memberCount: 3,
        sessionsUp: '2/3',
        conditions: [{ type: 'AddressConflict', ...FINDING }],
      },
    },
    cells: ['settled', 7, 3, '2/3', 'True'],
  },
]
