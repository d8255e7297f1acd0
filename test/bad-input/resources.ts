import {
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEER_POLICIES,
  BGP_PEERS,
  COMMUNITIES,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  type PoolObject,
  type Resource,
} from '@steelyard/kube'
import type { KubeObject, Service } from '@steelyard/model'

/** A resource that the API server may hold (an older schema, a removed rule) and that a process must refuse by itself. */
export type BadResource = {
  readonly what: string
  /** Whose configuration it spoils. */
  readonly program: 'controller' | 'speaker'
  readonly objects: readonly KubeObject[]
  /** The message that `ConfigurationState` shows. */
  readonly says: string
}

export const NAMESPACE = 'metallb-system'
export const object = (kind: string, name: string, rest: object, version = 'v1beta1'): KubeObject => ({
  apiVersion: `metallb.io/${version}`,
  kind,
  metadata: { name, namespace: NAMESPACE },
  ...rest,
})
export const pool = (spec: unknown): readonly KubeObject[] => [object('IPAddressPool', 'bad', { spec })]
export const l2 = (spec: unknown): readonly KubeObject[] => [object('L2Advertisement', 'bad', { spec })]
export const bgp = (spec: unknown): readonly KubeObject[] => [object('BGPAdvertisement', 'bad', { spec })]
export const peerObject = (name: string, spec: object): KubeObject =>
  object('BGPPeer', name, { spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec } }, 'v1beta2')
export const peer = (spec: object): readonly KubeObject[] => [peerObject('bad', spec)]
export const peerPolicy = (name: string, spec: object): KubeObject => ({
  ...object('BGPPeerPolicy', name, { spec }),
  apiVersion: 'steelyard.dev/v1alpha1',
})
export const profile = (spec: object): readonly KubeObject[] => [object('BFDProfile', 'bad', { spec })]
export const community = (...communities: unknown[]): readonly KubeObject[] => [
  object('Community', 'bad', { spec: { communities } }),
]
export const bad = (
  program: BadResource['program'],
  what: string,
  objects: readonly KubeObject[],
  says: string,
): BadResource => ({ program, what, objects, says })

/** What was in force before: nothing broken may take it away. */
export const GOOD_POOL: PoolObject = {
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { name: 'good', namespace: NAMESPACE },
  spec: { addresses: ['198.51.100.0/24'] },
}

/** A Service that asks for nothing special, as the API server would have it. */
export function goodService(name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      externalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, protocol: 'TCP' }],
    },
  }
}

const RESOURCES: Readonly<Record<string, Resource>> = {
  IPAddressPool: IP_ADDRESS_POOLS,
  L2Advertisement: L2_ADVERTISEMENTS,
  BGPAdvertisement: BGP_ADVERTISEMENTS,
  BGPPeer: BGP_PEERS,
  BGPPeerPolicy: BGP_PEER_POLICIES,
  BFDProfile: BFD_PROFILES,
  Community: COMMUNITIES,
}

export function resourceOf({ kind }: KubeObject): Resource {
  const resource = RESOURCES[kind]
  if (resource === undefined) throw new Error(`no table has objects of kind ${kind}`)
  return resource
}
