import { type NewObject, PRODUCT_NAMESPACE } from './objects.ts'

/** The objects by which routers are told of Services. */
const V1BETA1 = `/apis/metallb.io/v1beta1/namespaces/${PRODUCT_NAMESPACE}`

export const BGP_PATHS = {
  peers: `/apis/metallb.io/v1beta2/namespaces/${PRODUCT_NAMESPACE}/bgppeers`,
  advertisements: `${V1BETA1}/bgpadvertisements`,
  profiles: `${V1BETA1}/bfdprofiles`,
  communities: `${V1BETA1}/communities`,
  statuses: `${V1BETA1}/servicebgpstatuses`,
  peerPolicies: `/apis/steelyard.dev/v1alpha1/namespaces/${PRODUCT_NAMESPACE}/bgppeerpolicies`,
  speakerStatuses: `/apis/steelyard.dev/v1alpha1/namespaces/${PRODUCT_NAMESPACE}/speakerstatuses`,
  secrets: `/api/v1/namespaces/${PRODUCT_NAMESPACE}/secrets`,
} as const

const object = (apiVersion: string, kind: string, name: string, spec: object): NewObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: PRODUCT_NAMESPACE },
  spec,
})

export const bgpPeer = (name: string, spec: object): NewObject => object('metallb.io/v1beta2', 'BGPPeer', name, spec)
export const bgpAdvertisement = (name: string, spec: object): NewObject =>
  object('metallb.io/v1beta1', 'BGPAdvertisement', name, spec)
export const bfdProfile = (name: string, spec: object): NewObject =>
  object('metallb.io/v1beta1', 'BFDProfile', name, spec)
export const communityNames = (name: string, communities: readonly object[]): NewObject =>
  object('metallb.io/v1beta1', 'Community', name, { communities })
export const peerPolicy = (name: string, spec: object): NewObject =>
  object('steelyard.dev/v1alpha1', 'BGPPeerPolicy', name, spec)

export function passwordSecret(name: string, password: string): NewObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: PRODUCT_NAMESPACE },
    type: 'kubernetes.io/basic-auth',
    stringData: { password },
  }
}
