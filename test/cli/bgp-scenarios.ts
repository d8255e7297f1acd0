import { BGP_ADVERTISEMENTS, BGP_PEERS } from '@steelyard/kube'
import { EXCLUDE_FROM_BALANCERS_LABEL } from '@steelyard/model'
import type { Scenario } from './explain-scenarios.ts'
import { NODE_NAMES, PRODUCT, routedScene, type Scene, session, WEB, WEB_IP } from './scene.ts'

function routed(change: (scene: Scene) => void): () => Scene {
  return () => {
    const scene = routedScene()
    change(scene)
    return scene
  }
}

/** The speaker's own sentence. */
const REFUSED =
  '192.168.67.2 refuses connections to port 179 (ECONNREFUSED): does BGP run there, and does it know this node?'

/** Why no router has a way to a Service that has an address. */
export const BGP_SCENARIOS: readonly Scenario[] = [
  {
    name: 'bgp-session-down',
    what: 'the router refuses the session',
    reason: 'NotEstablished',
    says: /router on worker-1, worker-2, worker-3: 192\.168\.67\.2:179 is Active; 192\.168\.67\.2 refuses connections/,
    scene: routed((scene) => {
      const down = session({ state: 'Active', lastError: REFUSED, announced: 0 })
      for (const name of NODE_NAMES) scene.speaker(name, { sessions: [down] })
    }),
  },
  {
    name: 'bgp-no-advertisement',
    what: 'there is a BGPPeer, and no BGPAdvertisement',
    reason: 'noMatchingAdvertisement',
    says: /a BGPPeer alone \(router\) announces nothing/,
    scene: routed(({ cluster }) => cluster.remove(BGP_ADVERTISEMENTS, { namespace: PRODUCT, name: 'routers' })),
  },
  {
    name: 'bgp-node-selectors-miss',
    what: 'nodeSelectors of the BGPAdvertisement match no node',
    reason: 'notOwner',
    says: /no BGPAdvertisement for pool first-pool selects the node/,
    scene: routed((scene) => scene.bgp('routers', { nodeSelectors: [{ matchLabels: { rack: 'edge' } }] })),
  },
  {
    name: 'bgp-service-selectors-miss',
    what: 'serviceSelectors of the BGPAdvertisement do not match the Service',
    reason: 'noMatchingAdvertisement',
    says: /no BGPAdvertisement for pool first-pool selects the Service/,
    scene: routed((scene) => scene.bgp('routers', { serviceSelectors: [{ matchLabels: { tier: 'public' } }] })),
  },
  {
    name: 'bgp-conflicting-advertisements',
    what: 'two BGPAdvertisements want different localPref',
    reason: 'conflictingAdvertisements',
    says: /localPref of the BGPAdvertisements differs: high has 200, low has 100/,
    scene: routed((scene) => {
      const serviceSelectors = [{ matchLabels: { tier: 'public' } }]
      scene.bgp('high', { localPref: 200, serviceSelectors })
      scene.bgp('low', { localPref: 100, serviceSelectors })
      scene.cluster.remove(BGP_ADVERTISEMENTS, { namespace: PRODUCT, name: 'routers' })
      scene.service(WEB, { ips: [WEB_IP], labels: { tier: 'public' } })
    }),
  },
  {
    name: 'bgp-maintenance',
    what: 'every node is in maintenance',
    reason: 'nodeInMaintenance',
    says: /worker-3: the node is in maintenance/,
    scene: routed((scene) => {
      for (const name of NODE_NAMES) scene.node(name, { annotations: { 'steelyard.dev/maintenance': 'true' } })
    }),
  },
  {
    name: 'bgp-no-peer',
    what: 'there is a BGPAdvertisement, and no BGPPeer',
    reason: 'NoPeer',
    says: /no BGPPeer of the node is told of it/,
    scene: routed(({ cluster }) => cluster.remove(BGP_PEERS, { namespace: PRODUCT, name: 'router' })),
  },
  {
    name: 'bgp-other-family',
    what: 'the session carries the other family only',
    reason: 'NoPeer',
    says: /no BGPPeer of the node is told of it/,
    scene: routed((scene) => scene.peer('router', { peerAddress: 'fc00:67::2' })),
  },
  {
    name: 'bgp-excluded-nodes',
    what: 'every node is labelled to be left out by load balancers',
    reason: 'nodeLabeledExcludeBalancers',
    says: /worker-3: the node is labelled/,
    scene: routed((scene) => {
      for (const name of NODE_NAMES) scene.node(name, { labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: 'true' } })
    }),
  },
  {
    name: 'bgp-no-endpoints',
    what: 'no Pod is ready behind it',
    reason: 'noEndpoints',
    says: /no endpoint is ready or serving/,
    scene: routed((scene) => scene.endpoints(WEB, [])),
  },
  {
    name: 'bgp-broken-peer',
    what: 'a BGPPeer is refused, so speakers have no configuration',
    reason: 'ConfigurationError',
    says: /BGPPeer router: .*bfdProfile.*fast/,
    scene: routed((scene) => scene.peer('router', { bfdProfile: 'fast' })),
  },
]
