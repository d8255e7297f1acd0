import {
  BGP_ADVERTISEMENTS,
  BGP_PEERS,
  CONFIGURATION_STATES,
  ENDPOINT_SLICES,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  memoryCluster,
  type MemoryCluster,
  NAMESPACES,
  NODES,
  PODS,
  SERVICES,
  SPEAKER_STATUSES,
  type SpeakerStatus,
} from '@steelyard/kube'
import { ENDPOINT_SLICE_SERVICE_LABEL, type KubeObject, LABELS, type Node, type Service } from '@steelyard/model'

/** A cluster in memory where everything is well, and what breaks it piece by piece. */
export const PRODUCT = 'metallb-system'
export const NOW = new Date('2026-03-01T12:00:00Z')
export const NODE_NAMES = ['worker-1', 'worker-2', 'worker-3'] as const
export const WEB = 'shop/web'
export const WEB_IP = '192.168.67.120'

/** So many minutes before now, as the API has it. */
export function minutesAgo(minutes: number): string {
  return new Date(NOW.getTime() - minutes * 60_000).toISOString()
}

export type Scene = {
  readonly cluster: MemoryCluster
  readonly pool: (name: string, spec: object) => void
  readonly l2: (name: string, spec?: object) => void
  readonly bgp: (name: string, spec?: object) => void
  readonly peer: (name: string, spec?: object) => void
  readonly node: (name: string, change?: NodeChange) => void
  readonly service: (key: string, change?: ServiceChange) => void
  readonly endpoints: (key: string, on: readonly string[]) => void
  readonly speaker: (node: string, status?: NonNullable<SpeakerStatus['status']>) => void
  readonly controllerPod: (ready: boolean) => void
  readonly speakerPod: (node: string, ready: boolean, args?: readonly string[]) => void
  readonly state: (name: string, metadata: object, status: object) => void
}

export type NodeChange = {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly conditions?: readonly { readonly type: string; readonly status: string }[]
}
export type ServiceChange = {
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly ips?: readonly string[]
  readonly createdAt?: string
}

/** An empty cluster, and the words to fill it. */
export function emptyScene(cluster: MemoryCluster = memoryCluster(() => NOW)): Scene {
  const config = (kind: string, name: string, spec: object, version = 'v1beta1'): KubeObject =>
    ({ apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace: PRODUCT }, spec }) as KubeObject
  return {
    cluster,
    pool: (name, spec) => void cluster.put(IP_ADDRESS_POOLS, config('IPAddressPool', name, spec)),
    l2: (name, spec = {}) => void cluster.put(L2_ADVERTISEMENTS, config('L2Advertisement', name, spec)),
    bgp: (name, spec = {}) => void cluster.put(BGP_ADVERTISEMENTS, config('BGPAdvertisement', name, spec)),
    peer: (name, spec = {}) => {
      const whole = { myASN: 64_512, peerASN: 64_513, peerAddress: '192.168.67.2', ...spec }
      cluster.put(BGP_PEERS, config('BGPPeer', name, whole, 'v1beta2'))
    },
    node: (name, change = {}) => void cluster.put(NODES, nodeObject(name, change)),
    service: (key, change = {}) => void cluster.put(SERVICES, serviceObject(key, change)),
    endpoints: (key, on) => putEndpoints(cluster, key, on),
    speaker: (node, status = {}) => {
      const metadata = { name: node, namespace: PRODUCT }
      const members = NODE_NAMES.map((name) => ({ node: name, status: 'alive', since: minutesAgo(600) }))
      const whole = { node, standing: 'settled', members, ...status }
      cluster.put(SPEAKER_STATUSES, {
        apiVersion: 'steelyard.dev/v1alpha1',
        kind: 'SpeakerStatus',
        metadata,
        status: whole,
      })
    },
    controllerPod: (ready) => putPod(cluster, 'controller-7d9f', { component: 'controller', ready, node: 'worker-1' }),
    speakerPod: (node, ready, args = []) =>
      putPod(cluster, `speaker-${node}`, { component: 'speaker', ready, node, args }),
    state: (name, metadata, status) => {
      const object = { apiVersion: 'metallb.io/v1beta1', kind: 'ConfigurationState' }
      cluster.put(CONFIGURATION_STATES, { ...object, metadata: { name, namespace: PRODUCT, ...metadata }, status })
    },
  }
}

function nodeObject(name: string, { labels = {}, annotations, conditions = [] }: NodeChange): Node {
  const ready = { type: 'Ready', status: 'True' }
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels }, ...(annotations && { annotations }) },
    status: { conditions: [ready, ...conditions] },
  }
}

export function serviceObject(key: string, change: ServiceChange): Service {
  const [namespace = '', name = ''] = key.split('/')
  const { annotations = {}, labels = {}, spec = {}, ips = [], createdAt = minutesAgo(900) } = change
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, uid: `uid of ${key}`, creationTimestamp: createdAt, annotations, labels },
    spec: {
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.10'],
      ipFamilies: ['IPv4'],
      selector: { app: name },
      ports: [{ protocol: 'TCP', port: 80 }],
      ...spec,
    },
    status: { loadBalancer: ips.length === 0 ? {} : { ingress: ips.map((ip) => ({ ip })) } },
  }
}

function putEndpoints(cluster: MemoryCluster, key: string, on: readonly string[]): void {
  const [namespace = '', name = ''] = key.split('/')
  cluster.put(ENDPOINT_SLICES, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace, labels: { [ENDPOINT_SLICE_SERVICE_LABEL]: name } },
    addressType: 'IPv4',
    endpoints: on.map((nodeName, at) => ({ addresses: [`10.244.1.${at + 1}`], nodeName, conditions: { ready: true } })),
  })
}

type PodWish = {
  readonly component: string
  readonly ready: boolean
  readonly node: string
  readonly args?: readonly string[]
}

function putPod(cluster: MemoryCluster, name: string, { component, ready, node, args = [] }: PodWish): void {
  const spec = { nodeName: node, containers: [{ name: component, image: 'steelyard', args }] }
  cluster.put(PODS, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: PRODUCT, labels: { app: 'metallb', component } },
    spec,
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  })
}

const VALID = { result: 'Valid', conditions: [] }

/** Three nodes, controller and speakers, namespaces; no pool and no Service yet. */
export function installedScene(cluster?: MemoryCluster): Scene {
  const scene = emptyScene(cluster)
  for (const name of ['default', 'shop', PRODUCT]) {
    scene.cluster.put(NAMESPACES, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    })
  }
  scene.cluster.put(SERVICES, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { type: 'ClusterIP', clusterIP: '10.96.0.1', clusterIPs: ['10.96.0.1'] },
  })
  scene.controllerPod(true)
  scene.state('controller', { labels: { [LABELS.componentType]: 'controller' } }, VALID)
  for (const name of NODE_NAMES) {
    scene.node(name)
    scene.speakerPod(name, true)
    scene.speaker(name)
    scene.state(`speaker-${name}`, { labels: { [LABELS.nodeName]: name } }, VALID)
  }
  return scene
}

/** What `worker-2` reports when it announces the Service `shop/web`. */
export const OWNER = {
  owned: [{ ip: WEB_IP, epoch: 3, since: minutesAgo(42), services: [WEB], cause: 'ownerLost' }],
  moves: [{ at: minutesAgo(42), ip: WEB_IP, from: 'worker-1', to: 'worker-2', cause: 'ownerLost' }],
}

/** The same, and a Service that answers on the LAN. */
export function servedScene(cluster?: MemoryCluster): Scene {
  const scene = installedScene(cluster)
  scene.pool('first-pool', { addresses: ['192.168.67.120-192.168.67.127'] })
  scene.l2('lan')
  scene.service(WEB, { ips: [WEB_IP], annotations: { 'metallb.io/ip-allocated-from-pool': 'first-pool' } })
  scene.endpoints(WEB, ['worker-1', 'worker-3'])
  scene.speaker('worker-2', OWNER)
  return scene
}

export type SessionChange = Partial<NonNullable<NonNullable<SpeakerStatus['status']>['sessions']>[number]>

export function session(
  change: SessionChange = {},
): NonNullable<NonNullable<SpeakerStatus['status']>['sessions']>[number] {
  return {
    peer: 'router',
    neighbour: '192.168.67.2:179',
    state: 'Established',
    since: minutesAgo(600),
    announced: 1,
    ...change,
  }
}

/** A Service that every node announces to one router. */
export function routedScene(): Scene {
  const scene = servedScene()
  scene.cluster.remove(L2_ADVERTISEMENTS, { namespace: PRODUCT, name: 'lan' })
  scene.bgp('routers')
  scene.peer('router')
  for (const name of NODE_NAMES) scene.speaker(name, { sessions: [session()] })
  return scene
}
