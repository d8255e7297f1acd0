import { CONFIG_MAPS, EVENTS, L2_ADVERTISEMENTS } from '@steelyard/kube'
import { EXCLUDE_FROM_BALANCERS_LABEL } from '@steelyard/model'
import { kernelCondition } from '@steelyard/speaker'
import type { Scenario } from './explain-scenarios.ts'
import { minutesAgo, NODE_NAMES, OWNER, PRODUCT, type Scene, servedScene, WEB, WEB_IP } from './scene.ts'

/** As served, but that no speaker reports to have the address. */
function unowned(change: (scene: Scene) => void): () => Scene {
  return () => {
    const scene = servedScene()
    scene.speaker('worker-2')
    change(scene)
    return scene
  }
}

const POOL_ANNOTATION = { 'metallb.io/ip-allocated-from-pool': 'first-pool' }

/** Why a Service that has an address does not answer on the LAN. */
export const LAYER2_SCENARIOS: readonly Scenario[] = [
  {
    name: 'no-advertisement',
    what: 'nothing advertises its pool',
    reason: 'noMatchingAdvertisement',
    says: /no L2Advertisement and no BGPAdvertisement is for pool first-pool/,
    scene: unowned(({ cluster }) => cluster.remove(L2_ADVERTISEMENTS, { namespace: PRODUCT, name: 'lan' })),
  },
  {
    name: 'advertisement-of-another-pool',
    what: 'the only advertisement is for another pool',
    reason: 'noMatchingAdvertisement',
    says: /for pool first-pool; there is L2Advertisement lan for other pools/,
    scene: unowned((scene) => scene.l2('lan', { ipAddressPools: ['first_pool'] })),
  },
  {
    name: 'node-selectors-miss',
    what: 'nodeSelectors match no node',
    reason: 'noMatchingAdvertisement',
    says: /worker-1, worker-2, worker-3: no L2Advertisement for it selects the node/,
    scene: unowned((scene) => scene.l2('lan', { nodeSelectors: [{ matchLabels: { rack: 'edge' } }] })),
  },
  {
    name: 'service-selectors-miss',
    what: 'serviceSelectors do not match the Service',
    reason: 'noMatchingAdvertisement',
    says: /no L2Advertisement is for its pool and it/,
    scene: unowned((scene) => scene.l2('lan', { serviceSelectors: [{ matchLabels: { tier: 'public' } }] })),
  },
  {
    name: 'interface-missing',
    what: 'the interface is on no node (speakers without membership)',
    reason: 'notOwner',
    says: /worker-3: the node has none of the interfaces eth7/,
    scene: unowned((scene) => {
      scene.l2('lan', { interfaces: ['eth7'] })
      for (const name of NODE_NAMES) {
        const notice = { 'steelyard.dev/missing-interfaces': 'eth7' }
        scene.state(
          `speaker-${name}`,
          { labels: { 'steelyard.dev/missing-interfaces': 'true' }, annotations: notice },
          { result: 'Valid' },
        )
      }
    }),
  },
  {
    name: 'interface-missing-by-event',
    what: 'the interface is on no node (as speakers told by an Event)',
    reason: 'announceFailed',
    says: /has none of the interfaces eth7/,
    scene: unowned((scene) => {
      scene.l2('lan', { interfaces: ['eth7'] })
      scene.cluster.put(EVENTS, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'web.1', namespace: 'shop' },
        involvedObject: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' },
        type: 'Warning',
        reason: 'announceFailed',
        message: `cannot announce ${WEB_IP}: node worker-2 has none of the interfaces eth7`,
        count: 1,
        firstTimestamp: minutesAgo(3),
        lastTimestamp: minutesAgo(3),
        source: { component: 'metallb-speaker' },
      })
    }),
  },
  {
    name: 'shared-address-with-selectors',
    what: 'allow-shared-ip and serviceSelectors do not go together',
    reason: 'sharedIPWithServiceSelector',
    says: /does not go with the serviceSelectors of L2Advertisement lan/,
    scene: unowned((scene) => {
      scene.l2('lan', { serviceSelectors: [{ matchLabels: { tier: 'public' } }] })
      const annotations = { ...POOL_ANNOTATION, 'metallb.io/allow-shared-ip': 'site' }
      scene.service(WEB, { ips: [WEB_IP], annotations, labels: { tier: 'public' } })
    }),
  },
  {
    name: 'excluded-nodes',
    what: 'every node is labelled to be left out by load balancers',
    reason: 'notOwner',
    says: /worker-3: the node is not eligible: it is labelled node\.kubernetes\.io\/exclude/,
    scene: unowned((scene) => {
      for (const name of NODE_NAMES) scene.node(name, { labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: '' } })
    }),
  },
  {
    name: 'no-endpoints',
    what: 'no Pod is ready behind it',
    reason: 'notOwner',
    says: /no endpoint is ready or serving/,
    scene: unowned((scene) => scene.endpoints(WEB, [])),
  },
  {
    name: 'local-without-endpoint',
    what: 'externalTrafficPolicy is Local, and its Pods are where nothing may be announced',
    reason: 'notOwner',
    says: /worker-2, worker-3: the node is not eligible: externalTrafficPolicy is Local and it runs no serving endpoint/,
    scene: unowned((scene) => {
      scene.service(WEB, { ips: [WEB_IP], annotations: POOL_ANNOTATION, spec: { externalTrafficPolicy: 'Local' } })
      scene.endpoints(WEB, ['worker-1'])
      scene.node('worker-1', { labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: '' } })
    }),
  },
  {
    name: 'network-unavailable',
    what: 'the network plugin has not set up any node',
    reason: 'notOwner',
    says: /its condition NetworkUnavailable is True/,
    scene: unowned((scene) => {
      for (const name of NODE_NAMES) scene.node(name, { conditions: [{ type: 'NetworkUnavailable', status: 'True' }] })
    }),
  },
  {
    name: 'no-live-speaker',
    what: 'no speaker runs',
    reason: 'notOwner',
    says: /no node has a live speaker: worker-1, worker-2, worker-3 had one/,
    scene: unowned((scene) => {
      for (const name of NODE_NAMES) scene.speakerPod(name, false)
    }),
  },
  {
    name: 'speakers-fenced',
    what: 'speakers hear too few of the others, and are silent as the policy says',
    reason: 'Fenced',
    says: /worker-1: fenced/,
    scene: unowned((scene) => {
      for (const name of NODE_NAMES) scene.speaker(name, { standing: 'fenced' })
    }),
  },
  {
    name: 'foreign-machine',
    what: 'another machine uses the address',
    reason: 'AddressConflict',
    says: /52:54:00:aa:bb:cc answers for 192\.168\.67\.120 on eth0 of worker-2/,
    answers: true,
    scene: () => {
      const scene = servedScene()
      const conflicts = [{ ip: WEB_IP, mac: '52:54:00:aa:bb:cc', interface: 'eth0', since: minutesAgo(5) }]
      scene.speaker('worker-2', { ...OWNER, conflicts })
      return scene
    },
  },
  {
    name: 'strict-arp-off',
    what: 'kube-proxy answers for every address on every node',
    reason: 'StrictARPOff',
    says: /IPVS mode without strictARP/,
    answers: true,
    scene: () => {
      const scene = servedScene()
      const data = { 'config.conf': 'kind: KubeProxyConfiguration\nmode: ipvs\nipvs:\n  strictARP: false\n' }
      const metadata = { name: 'kube-proxy', namespace: 'kube-system' }
      scene.cluster.put(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
      return scene
    },
  },
  {
    name: 'kernel-answers',
    what: 'the speakers say that kernels answer beside the owner',
    reason: 'StrictARPOff',
    says: /the kernel of worker-1, worker-3 answers ARP for the address/,
    answers: true,
    scene: () => {
      const scene = servedScene()
      const settings = { all: { ignore: 0, announce: 0 }, hasIpvsDevice: true }
      const interfaces = new Map([['eth0', settings.all]])
      const condition = { ...kernelCondition({ ...settings, interfaces }), lastTransitionTime: minutesAgo(5) }
      for (const name of ['worker-1', 'worker-3']) scene.speaker(name, { conditions: [condition] })
      const heard = { ip: WEB_IP, interface: 'eth0', since: minutesAgo(5) }
      const conflicts = [
        { ...heard, mac: '02:00:00:00:00:11', ofNode: 'worker-1' },
        { ...heard, mac: '02:00:00:00:00:13', ofNode: 'worker-3' },
      ]
      scene.speaker('worker-2', { ...OWNER, conflicts })
      return scene
    },
  },
]
