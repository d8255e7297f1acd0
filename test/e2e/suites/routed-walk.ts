import { l2Advertisement, type NewObject, PATHS, pool, speakerPolicy } from './objects.ts'
import { RT2_PASSWORD } from './routed.ts'
import {
  BGP_PATHS,
  bfdProfile,
  bgpAdvertisement,
  communityNames,
  passwordSecret,
  peerPolicy,
} from './routed-objects.ts'

/** One change of one object: what is merged into its `spec`, and what puts it back where others need it. */
export type Change = { readonly at: string; readonly set: object; readonly back?: object }

/** What the walk changes, beside the peers. */
export const WALKED: readonly (readonly [path: string, object: NewObject])[] = [
  [PATHS.pools, pool('walk', ['203.0.113.128/28', 'fd00:88::/124'], { autoAssign: false })],
  [BGP_PATHS.advertisements, bgpAdvertisement('walk', { ipAddressPools: ['walk'], peers: ['rt'] })],
  [BGP_PATHS.communities, communityNames('walk', [{ name: 'walked', value: '64500:1' }])],
  [BGP_PATHS.profiles, bfdProfile('walk', { transmitInterval: 100, receiveInterval: 100, detectMultiplier: 10 })],
  [BGP_PATHS.peerPolicies, peerPolicy('walk', { peers: ['rt'] })],
  [BGP_PATHS.secrets, passwordSecret('rt2-again', RT2_PASSWORD)],
  [PATHS.l2Advertisements, l2Advertisement('walk', { ipAddressPools: ['walk'] })],
  [PATHS.policies, speakerPolicy({})],
]

const peer = (name: string, set: object, back?: object): Change => ({
  at: `${BGP_PATHS.peers}/${name}`,
  set,
  ...(back === undefined ? {} : { back }),
})
const walk =
  (path: string) =>
  (set: object, back?: object): Change => ({ at: `${path}/walk`, set, ...(back === undefined ? {} : { back }) })
const policy = walk(BGP_PATHS.peerPolicies)
const advertisement = walk(BGP_PATHS.advertisements)
const community = walk(BGP_PATHS.communities)
const profile = walk(BGP_PATHS.profiles)
const pools = walk(PATHS.pools)
const l2 = walk(PATHS.l2Advertisements)
const speakers = (set: object): Change => ({ at: `${PATHS.policies}/default`, set })

const SOME_LABELS = [{ matchLabels: { 'kubernetes.io/os': 'linux' } }]
const THREE_NODES = [
  { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n1', 'n2', 'n3'] }] },
]

/** A change of each field of which the table in speaker/src/decide/bgp/change-table.ts says that no session is reset by it. */
export const WALK: Readonly<Record<string, Change>> = {
  'BGPPeer ebgpMultiHop': peer('rt', { ebgpMultiHop: true }, { ebgpMultiHop: false }),
  'BGPPeer bfdProfile': peer('rt', { bfdProfile: 'walk' }),
  'BGPPeer connectTime': peer('rt', { connectTime: '7s' }, { connectTime: null }),
  'BGPPeer nodeSelectors': peer('rt', { nodeSelectors: THREE_NODES }, { nodeSelectors: null }),
  'BGPPeer password': peer('rt2', { passwordSecret: null, password: RT2_PASSWORD }),
  'BGPPeer passwordSecret.name': peer('rt2', { password: null, passwordSecret: { name: 'rt2-again' } }),
  'BGPPeer passwordSecret.namespace': peer(
    'rt2',
    { passwordSecret: { name: 'rt2-again', namespace: 'elsewhere' } },
    { passwordSecret: { name: 'rt2', namespace: null } },
  ),
  'BGPPeer disableMP': peer('rt', { disableMP: true }, { disableMP: null }),
  'BGPPeerPolicy peers': policy({ peers: ['rt', 'rt2'] }),
  'BGPPeerPolicy gracefulShutdown': policy({ gracefulShutdown: '2s' }),
  'BGPPeerPolicy weightedECMP': policy({ weightedECMP: {} }),
  'BGPPeerPolicy weightedECMP.megabitsPerEndpoint': policy({ weightedECMP: { megabitsPerEndpoint: 2000 } }),
  'BGPPeerPolicy weightedECMP.minInterval': policy({ weightedECMP: { minInterval: '500ms' } }),
  'BGPAdvertisement aggregationLength': advertisement({ aggregationLength: 31 }, { aggregationLength: null }),
  'BGPAdvertisement aggregationLengthV6': advertisement({ aggregationLengthV6: 127 }, { aggregationLengthV6: null }),
  'BGPAdvertisement localPref': advertisement({ localPref: 7 }),
  'BGPAdvertisement communities': advertisement({ communities: ['64500:9', 'walked'] }),
  'BGPAdvertisement ipAddressPools': advertisement({ ipAddressPools: ['walk', 'nowhere'] }),
  'BGPAdvertisement ipAddressPoolSelectors': advertisement({ ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }] }),
  'BGPAdvertisement nodeSelectors': advertisement({ nodeSelectors: THREE_NODES }),
  'BGPAdvertisement serviceSelectors': advertisement(
    { serviceSelectors: [{ matchLabels: { a: 'b' } }] },
    { serviceSelectors: null },
  ),
  'BGPAdvertisement peers': advertisement({ peers: ['rt', 'rt2'] }, { peers: ['rt'] }),
  'Community communities[].value': community({ communities: [{ name: 'walked', value: '64500:2' }] }),
  'Community communities[].name': community({
    communities: [
      { name: 'walked', value: '64500:2' },
      { name: 'run', value: '64500:3' },
    ],
  }),
  'BFDProfile receiveInterval': profile({ receiveInterval: 120 }),
  'BFDProfile transmitInterval': profile({ transmitInterval: 120 }),
  'BFDProfile detectMultiplier': profile({ detectMultiplier: 9 }),
  'BFDProfile echoInterval': profile({ echoInterval: 70 }),
  'BFDProfile echoMode': profile({ echoMode: true }, { echoMode: false }),
  'BFDProfile passiveMode': profile({ passiveMode: true }, { passiveMode: false }),
  'BFDProfile minimumTtl': profile({ minimumTtl: 253 }),
  'IPAddressPool addresses': pools({ addresses: ['203.0.113.128/27', 'fd00:88::/120'] }),
  'IPAddressPool autoAssign': pools({ autoAssign: true }, { autoAssign: false }),
  'IPAddressPool avoidBuggyIPs': pools({ avoidBuggyIPs: true }),
  'IPAddressPool serviceAllocation.priority': pools({ serviceAllocation: { priority: 3 } }),
  'IPAddressPool serviceAllocation.namespaces': pools({ serviceAllocation: { namespaces: ['default'] } }),
  'IPAddressPool serviceAllocation.namespaceSelectors': pools({
    serviceAllocation: { namespaceSelectors: SOME_LABELS },
  }),
  'IPAddressPool serviceAllocation.serviceSelectors': pools(
    { serviceAllocation: { serviceSelectors: SOME_LABELS } },
    { serviceAllocation: null },
  ),
  'L2Advertisement ipAddressPools': l2({ ipAddressPools: ['walk', 'nowhere'] }),
  'L2Advertisement ipAddressPoolSelectors': l2({ ipAddressPoolSelectors: [{ matchLabels: { a: 'b' } }] }),
  'L2Advertisement nodeSelectors': l2({ nodeSelectors: THREE_NODES }),
  'L2Advertisement serviceSelectors': l2({ serviceSelectors: SOME_LABELS }),
  'L2Advertisement interfaces': l2({ interfaces: ['eth0'] }),
  'L2Advertisement preferredNodeSelectors[].weight': l2({
    preferredNodeSelectors: [{ weight: 5, preference: SOME_LABELS[0] }],
  }),
  'L2Advertisement preferredNodeSelectors[].preference': l2({
    preferredNodeSelectors: [{ weight: 5, preference: THREE_NODES[0] }],
  }),
  'SpeakerPolicy membership.heartbeatInterval': speakers({ membership: { heartbeatInterval: '200ms' } }),
  'SpeakerPolicy membership.misses': speakers({ membership: { misses: 5 } }),
  'SpeakerPolicy partition': speakers({ partition: 'fenced' }),
  'SpeakerPolicy rebalance.mode': speakers({ rebalance: { mode: 'delayed' } }),
  'SpeakerPolicy rebalance.delay': speakers({ rebalance: { delay: '10m' } }),
  'SpeakerPolicy moves.perSecond': speakers({ moves: { perSecond: 10 } }),
  'SpeakerPolicy announcement.refreshInterval': speakers({ announcement: { refreshInterval: '30s' } }),
  'SpeakerPolicy announcement.framesPerSecond': speakers({ announcement: { framesPerSecond: 1000 } }),
  'SpeakerPolicy duplicateAddress': speakers({ duplicateAddress: 'refuse' }),
  'SpeakerPolicy maintenance.drainUnschedulable': speakers({ maintenance: { drainUnschedulable: true } }),
}
