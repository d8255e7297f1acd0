import {
  type ConfigMap,
  type EndpointSlice,
  KINDS,
  type KubeObject,
  type Namespace,
  type Node,
  OWN_GROUP,
  OWN_VERSION,
  type Pod,
  type Secret,
  type Service,
} from '@steelyard/model'
import type {
  ConfigObject,
  ConfigurationState,
  CustomResourceDefinition,
  Deployment,
  KubeEvent,
  Lease,
  PoolObject,
  ServiceBgpStatus,
  ServiceL2Status,
  SpeakerPolicyObject,
  SpeakerStatus,
  SubjectAccessReview,
  TokenReview,
  ValidatingWebhookConfiguration,
} from './objects.ts'

/** One kind as the API serves it; `T` is what its objects look like to us. */
export type Resource<T extends KubeObject = KubeObject> = {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  /** Has a status subresource: a plain write leaves the status alone, a status write leaves the spec alone. */
  readonly status: boolean
  /** Never there: ties `T` to the resource. */
  readonly objects?: T
}

type Row = readonly [group: string, version: string, plural: string, kind: string]

function inNamespace<T extends KubeObject>([group, version, plural, kind]: Row, status: boolean): Resource<T> {
  return { group, version, plural, kind, namespaced: true, status }
}

function clusterWide<T extends KubeObject>([group, version, plural, kind]: Row, status: boolean): Resource<T> {
  return { group, version, plural, kind, namespaced: false, status }
}

export const SERVICES = inNamespace<Service>(['', 'v1', 'services', 'Service'], true)
export const NODES = clusterWide<Node>(['', 'v1', 'nodes', 'Node'], true)
export const NAMESPACES = clusterWide<Namespace>(['', 'v1', 'namespaces', 'Namespace'], true)
export const PODS = inNamespace<Pod>(['', 'v1', 'pods', 'Pod'], true)
export const ENDPOINT_SLICES = inNamespace<EndpointSlice>(
  ['discovery.k8s.io', 'v1', 'endpointslices', 'EndpointSlice'],
  false,
)
export const SECRETS = inNamespace<Secret>(['', 'v1', 'secrets', 'Secret'], false)
export const CONFIG_MAPS = inNamespace<ConfigMap>(['', 'v1', 'configmaps', 'ConfigMap'], false)
export const EVENTS = inNamespace<KubeEvent>(['', 'v1', 'events', 'Event'], false)
export const LEASES = inNamespace<Lease>(['coordination.k8s.io', 'v1', 'leases', 'Lease'], false)
export const DEPLOYMENTS = inNamespace<Deployment>(['apps', 'v1', 'deployments', 'Deployment'], true)
export const TOKEN_REVIEWS = clusterWide<TokenReview>(
  ['authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview'],
  false,
)
export const SUBJECT_ACCESS_REVIEWS = clusterWide<SubjectAccessReview>(
  ['authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview'],
  false,
)
export const VALIDATING_WEBHOOK_CONFIGURATIONS = clusterWide<ValidatingWebhookConfiguration>(
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations', 'ValidatingWebhookConfiguration'],
  false,
)
export const CUSTOM_RESOURCE_DEFINITIONS = clusterWide<CustomResourceDefinition>(
  ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition'],
  true,
)

export const IP_ADDRESS_POOLS = ours<PoolObject>('ipaddresspools', 'IPAddressPool')
export const L2_ADVERTISEMENTS = ours<ConfigObject>('l2advertisements', 'L2Advertisement')
export const BGP_ADVERTISEMENTS = ours<ConfigObject>('bgpadvertisements', 'BGPAdvertisement')
export const BGP_PEERS = inNamespace<ConfigObject>(['metallb.io', 'v1beta2', 'bgppeers', 'BGPPeer'], true)
export const BFD_PROFILES = ours<ConfigObject>('bfdprofiles', 'BFDProfile')
export const COMMUNITIES = ours<ConfigObject>('communities', 'Community')
export const SERVICE_L2_STATUSES = ours<ServiceL2Status>('servicel2statuses', 'ServiceL2Status')
export const SERVICE_BGP_STATUSES = ours<ServiceBgpStatus>('servicebgpstatuses', 'ServiceBGPStatus')
export const CONFIGURATION_STATES = ours<ConfigurationState>('configurationstates', 'ConfigurationState')
export const BGP_PEER_POLICIES = inNamespace<ConfigObject>(
  [OWN_GROUP, OWN_VERSION, 'bgppeerpolicies', KINDS.bgpPeerPolicy],
  true,
)
export const SPEAKER_POLICIES = clusterWide<SpeakerPolicyObject>(
  [OWN_GROUP, OWN_VERSION, 'speakerpolicies', KINDS.speakerPolicy],
  true,
)
export const SPEAKER_STATUSES = inNamespace<SpeakerStatus>(
  [OWN_GROUP, OWN_VERSION, 'speakerstatuses', KINDS.speakerStatus],
  true,
)

function ours<T extends KubeObject>(plural: string, kind: string): Resource<T> {
  return inNamespace(['metallb.io', 'v1beta1', plural, kind], true)
}

/** `v1`, `metallb.io/v1beta1`. */
export function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}
