import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  L2_ADVERTISEMENTS,
  type MemoryCluster,
  PODS,
  type Resource,
  SPEAKER_STATUSES,
} from '@steelyard/kube'
import type { KubeObject } from '@steelyard/model'
import type { Host } from '../../cli/src/ports.ts'
import { minutesAgo, NODE_NAMES, OWNER, PRODUCT, type Scene, servedScene, session, WEB } from './scene.ts'

const row = (group: string, plural: string, kind: string, version = 'v1'): Resource => ({
  group,
  version,
  plural,
  kind,
  namespaced: true,
  status: false,
})
export const DAEMON_SETS = row('apps', 'daemonsets', 'DaemonSet')
export const WEBHOOKS = row(
  'admissionregistration.k8s.io',
  'validatingwebhookconfigurations',
  'ValidatingWebhookConfiguration',
)
const FRR_CONFIGURATIONS = row('frrk8s.metallb.io', 'frrconfigurations', 'FRRConfiguration', 'v1beta1')

/** Two pools, Services of all sorts, one router that one node cannot reach. */
export function busyScene(): Scene {
  const scene = servedScene()
  scene.pool('public', { addresses: ['203.0.113.0/28', '2001:db8:7::/64'], autoAssign: false })
  scene.l2('lan', { ipAddressPools: ['first-pool'] })
  scene.bgp('routers', { ipAddressPools: ['public'] })
  scene.peer('router')
  scene.service('shop/api', { ips: ['203.0.113.0'], annotations: { 'metallb.io/address-pool': 'public' } })
  scene.endpoints('shop/api', ['worker-1', 'worker-2'])
  scene.service('shop/mail', { ips: ['192.168.67.121'] })
  scene.endpoints('shop/mail', [])
  scene.service('shop/video', { annotations: { 'metallb.io/address-pool': 'private' } })
  scene.endpoints('shop/video', ['worker-3'])
  const up = session({ bfd: { state: 'Up', since: minutesAgo(600) } } as object)
  const down = session({
    state: 'Active',
    since: minutesAgo(4),
    announced: 0,
    flaps: 1,
    lastError: 'hold timer expired',
  } as object)
  scene.speaker('worker-1', { sessions: [up], moves: [{ ...OWNER.moves[0]!, at: minutesAgo(42) }] })
  scene.speaker('worker-2', { ...OWNER, sessions: [up] })
  scene.speaker('worker-3', { sessions: [down] })
  return scene
}

/** A cluster as MetalLB in FRR mode leaves it: its objects, its programs, its settings. */
export function metallbScene(): Scene {
  const scene = servedScene()
  const { cluster } = scene
  for (const name of NODE_NAMES) {
    cluster.remove(SPEAKER_STATUSES, { namespace: PRODUCT, name })
    cluster.remove(PODS, { namespace: PRODUCT, name: `speaker-${name}` })
  }
  cluster.remove(PODS, { namespace: PRODUCT, name: 'controller-7d9f' })
  cluster.remove(L2_ADVERTISEMENTS, { namespace: PRODUCT, name: 'lan' })
  scene.l2('first-advert', { ipAddressPools: ['first-pool'] })
  scene.peer('old', { holdTime: '0s', keepaliveTime: '0s' })
  scene.service(WEB, {
    ips: ['192.168.67.120'],
    annotations: {
      'metallb.universe.tf/address-pool': 'first-pool',
      'metallb.io/ip-allocated-from-pool': 'first-pool',
    },
  })
  putMetallb(cluster)
  return scene
}

function putMetallb(cluster: MemoryCluster): void {
  const put = (resource: Resource, name: string, more: object, namespace?: string): void =>
    void cluster.put(resource, {
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      ...more,
    } as KubeObject)
  const template = (...images: readonly string[]): object => ({
    spec: { template: { spec: { containers: images.map((image) => ({ name: 'c', image })) } } },
  })
  put(DAEMON_SETS, 'speaker', template('quay.io/metallb/speaker:v0.15.2'), PRODUCT)
  put(DAEMON_SETS, 'frr-k8s', template('quay.io/metallb/frr-k8s:v0.0.20', 'quay.io/frrouting/frr:9.1.3'), PRODUCT)
  put(DEPLOYMENTS, 'controller', template('quay.io/metallb/controller:v0.15.2'), PRODUCT)
  put(FRR_CONFIGURATIONS, 'metallb-worker-1', {}, PRODUCT)
  put(CONFIG_MAPS, 'bgpextras', { data: { extras: 'route-map x permit 10' } }, PRODUCT)
  const conversion = { strategy: 'Webhook' }
  put(CUSTOM_RESOURCE_DEFINITIONS, 'bgppeers.metallb.io', { spec: { group: 'metallb.io', conversion } })
  put(CUSTOM_RESOURCE_DEFINITIONS, 'ipaddresspools.metallb.io', { spec: { group: 'metallb.io' } })
  const webhooks = [{ name: 'ipaddresspoolvalidationwebhook.metallb.io', failurePolicy: 'Fail' }]
  put(WEBHOOKS, 'metallb-webhook-configuration', { webhooks })
}

/** A node with two ways in, strict filters and a firewall that knows nothing of us. */
export function nodeHost(): Partial<Host> {
  const files: Readonly<Record<string, string>> = {
    '/sys/class/net/eth0/operstate': 'up',
    '/sys/class/net/eth0/mtu': '1500',
    '/sys/class/net/eth1/operstate': 'up',
    '/sys/class/net/eth1/mtu': '9000',
    '/sys/class/net/kube-ipvs0/operstate': 'down',
    '/sys/class/net/kube-ipvs0/mtu': '1500',
    '/proc/sys/net/ipv4/conf/all/rp_filter': '1',
    '/proc/sys/net/ipv4/conf/all/arp_ignore': '0',
    '/proc/sys/net/ipv4/conf/all/arp_announce': '0',
    '/proc/net/tcp': '  sl  local_address rem_address   st\n   0: 00000000:00B3 00000000:0000 0A 00000000:00000000\n',
    '/proc/net/udp': '  sl  local_address rem_address   st\n   0: 00000000:1F0A 00000000:0000 07 00000000:00000000\n',
  }
  return {
    readText: (path) => files[path],
    list: (path) => (path === '/sys/class/net' ? ['eth0', 'eth1', 'kube-ipvs0', 'lo'] : []),
    run: async (program) =>
      program === 'nft'
        ? 'table inet filter {\n chain input {\n type filter hook input priority 0; policy drop;\n udp dport { 7946, 10250 } accept\n }\n}\n'
        : undefined,
  }
}
