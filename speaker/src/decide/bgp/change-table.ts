import { KINDS } from '@steelyard/model'

/** What a change of configuration does to sessions that stand. */
export type ChangeEffect =
  /** The session goes on, and nothing is said. */
  | 'nothing'
  /** The session goes on; the routes that differ, and only they, are told by UPDATE. */
  | 'refresh'
  /** The session goes on; something of it is set anew in place. */
  | 'retune'
  /** The session is closed with a word (Cease, Other Configuration Change) and made anew. */
  | 'reset'

export type ChangeRow = {
  readonly kind: string
  /** Below `spec`. */
  readonly field: string
  readonly effect: ChangeEffect
  readonly why: string
}

type Rows = readonly (readonly [field: string, effect: ChangeEffect, why: string])[]

const OPEN = 'it is in the OPEN, which is said once'
const OTHER_CONNECTION = 'it makes another connection'

const PEER: Rows = [
  ['myASN', 'reset', `${OPEN}; nothing where localASN hides it`],
  ['peerASN', 'reset', 'the OPEN of the peer was judged by it'],
  ['dynamicASN', 'reset', 'the OPEN of the peer was judged by it'],
  ['localASN', 'reset', OPEN],
  ['peerAddress', 'reset', OTHER_CONNECTION],
  ['interface', 'reset', OTHER_CONNECTION],
  ['peerPort', 'reset', OTHER_CONNECTION],
  ['sourceAddress', 'reset', OTHER_CONNECTION],
  ['routerID', 'reset', OPEN],
  ['vrf', 'reset', OTHER_CONNECTION],
  ['bfdProfile', 'retune', 'BFD begins, ends or is tuned beside the session'],
  ['holdTime', 'reset', `${OPEN}; nothing where it comes to the same as before, for example 90s for none`],
  ['keepaliveTime', 'reset', 'it is agreed upon together with the hold time; nothing where it comes to the same'],
  ['connectTime', 'retune', 'it counts as soon as there is no session'],
  ['nodeSelectors', 'nothing', 'on nodes that are selected as before; elsewhere the session begins or ends'],
  [
    'password',
    'retune',
    'the key of the connection is swapped in place; the router must change its own within the hold time',
  ],
  ['passwordSecret.name', 'retune', 'as password; so does another content of the Secret'],
  ['passwordSecret.namespace', 'nothing', 'it is ignored'],
  ['enableGracefulRestart', 'reset', OPEN],
  ['ebgpMultiHop', 'retune', 'the connection is the same either way; BFD goes on as multihop or as single hop'],
  ['dualStackAddressFamily', 'reset', 'the families are in the OPEN; nothing for an interface, which carries both'],
  ['disableMP', 'nothing', 'it has no effect'],
]

const POLICY: Rows = [
  ['peers', 'nothing', 'what counts is what changes for each peer by it, as below'],
  ['passive', 'reset', 'the other side is to connect'],
  ['listenPort', 'reset', 'the peer connects elsewhere; nothing unless it is passive'],
  ['gracefulShutdown', 'nothing', 'it counts when the node leaves'],
  ['gracefulRestart.restartTime', 'reset', `${OPEN}; nothing without graceful restart`],
  ['weightedECMP', 'refresh', 'a weight is a part of routes'],
  ['weightedECMP.megabitsPerEndpoint', 'refresh', 'a weight is a part of routes'],
  ['weightedECMP.minInterval', 'nothing', 'it counts from the next change of a weight on'],
  ['minimumTTL', 'reset', OTHER_CONNECTION],
]

const ADVERTISEMENT: Rows = [
  ['aggregationLength', 'refresh', 'other prefixes'],
  ['aggregationLengthV6', 'refresh', 'other prefixes'],
  ['localPref', 'refresh', 'a part of routes'],
  ['communities', 'refresh', 'a part of routes'],
  ['ipAddressPools', 'refresh', 'other routes'],
  ['ipAddressPoolSelectors', 'refresh', 'other routes'],
  ['nodeSelectors', 'refresh', 'other routes of this node'],
  ['serviceSelectors', 'refresh', 'other routes'],
  ['peers', 'refresh', 'other routes to some peers'],
]

const COMMUNITY: Rows = [
  ['communities[].name', 'refresh', 'advertisements that use it say something else'],
  ['communities[].value', 'refresh', 'advertisements that use it say something else'],
]

const IN_PLACE = 'live BFD sessions are tuned by a poll sequence, without a flap (RFC 5880 section 6.8.3)'
const PROFILE: Rows = [
  ['receiveInterval', 'retune', IN_PLACE],
  ['transmitInterval', 'retune', IN_PLACE],
  ['detectMultiplier', 'retune', 'the next packet says it'],
  ['echoInterval', 'retune', IN_PLACE],
  ['echoMode', 'retune', 'echoes begin or end'],
  ['passiveMode', 'retune', 'it counts before the peer has spoken'],
  ['minimumTtl', 'retune', 'it counts from the next packet on'],
]

const ALLOCATION = 'it is for the controller; a Service that gets another address by it has other routes'
const POOL: Rows = [
  ['addresses', 'refresh', 'addresses that lie in no pool any more are withdrawn'],
  ['autoAssign', 'nothing', ALLOCATION],
  ['avoidBuggyIPs', 'nothing', ALLOCATION],
  ['serviceAllocation.priority', 'nothing', ALLOCATION],
  ['serviceAllocation.namespaces', 'nothing', ALLOCATION],
  ['serviceAllocation.namespaceSelectors', 'nothing', ALLOCATION],
  ['serviceAllocation.serviceSelectors', 'nothing', ALLOCATION],
]

const LAYER_2 = 'it is for layer 2'
const L2: Rows = [
  'ipAddressPools',
  'ipAddressPoolSelectors',
  'nodeSelectors',
  'serviceSelectors',
  'interfaces',
  'preferredNodeSelectors[].weight',
  'preferredNodeSelectors[].preference',
].map((field) => [field, 'nothing', LAYER_2] as const)

const SPEAKERS: Rows = [
  ...[
    'membership.heartbeatInterval',
    'membership.misses',
    'partition',
    'rebalance.mode',
    'rebalance.delay',
    'moves.perSecond',
    'announcement.refreshInterval',
    'announcement.framesPerSecond',
    'duplicateAddress',
  ].map((field) => [field, 'nothing', LAYER_2] as const),
  [
    'maintenance.drainUnschedulable',
    'refresh',
    'a node that is cordoned announces the last resort, or does so no more',
  ],
]

/** Every field of every kind. `docs/bgp-changes.md` is made from it. */
export const CHANGE_TABLE: readonly ChangeRow[] = [
  ...rows(KINDS.bgpPeer, PEER),
  ...rows(KINDS.bgpPeerPolicy, POLICY),
  ...rows(KINDS.bgpAdvertisement, ADVERTISEMENT),
  ...rows(KINDS.community, COMMUNITY),
  ...rows(KINDS.bfdProfile, PROFILE),
  ...rows(KINDS.ipAddressPool, POOL),
  ...rows(KINDS.l2Advertisement, L2),
  ...rows(KINDS.speakerPolicy, SPEAKERS),
]

function rows(kind: string, of: Rows): readonly ChangeRow[] {
  return of.map(([field, effect, why]) => ({ kind, field, effect, why }))
}
