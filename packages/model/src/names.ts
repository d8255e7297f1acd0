/**
 * Contractual names that more than one program, or more than one package, uses. Each is written here
 * and nowhere else.
 */

/** The API group of most kinds, kept from MetalLB so that configured clusters work unchanged. */
export const GROUP = 'metallb.io'
/** The API group of what Steelyard offers beyond it; the kinds of the other never get a further field. */
export const OWN_GROUP = 'steelyard.dev'
export const OWN_VERSION = 'v1alpha1'

export const KINDS = {
  ipAddressPool: 'IPAddressPool',
  l2Advertisement: 'L2Advertisement',
  bgpAdvertisement: 'BGPAdvertisement',
  bgpPeer: 'BGPPeer',
  bfdProfile: 'BFDProfile',
  community: 'Community',
  serviceL2Status: 'ServiceL2Status',
  serviceBgpStatus: 'ServiceBGPStatus',
  configurationState: 'ConfigurationState',
  bgpPeerPolicy: 'BGPPeerPolicy',
  speakerPolicy: 'SpeakerPolicy',
  speakerStatus: 'SpeakerStatus',
} as const

/** Annotations on Services. The first three are also read under `DEPRECATED_ANNOTATION_PREFIX`. */
export const ANNOTATIONS = {
  addressPool: 'metallb.io/address-pool',
  loadBalancerIps: 'metallb.io/loadBalancerIPs',
  allowSharedIp: 'metallb.io/allow-shared-ip',
  /** Written by the controller, never read as a wish. */
  allocatedFromPool: 'metallb.io/ip-allocated-from-pool',
} as const
export const ANNOTATION_PREFIX = 'metallb.io/'
export const DEPRECATED_ANNOTATION_PREFIX = 'metallb.universe.tf/'

/** Labels on the status objects. */
export const LABELS = {
  node: 'metallb.io/node',
  serviceName: 'metallb.io/service-name',
  serviceNamespace: 'metallb.io/service-namespace',
  componentType: 'metallb.io/component-type',
  nodeName: 'metallb.io/node-name',
} as const

/** Kubernetes' own labels and conditions that take part in decisions. */
export const ENDPOINT_SLICE_SERVICE_LABEL = 'kubernetes.io/service-name'
export const EXCLUDE_FROM_BALANCERS_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers'
export const NETWORK_UNAVAILABLE_CONDITION = 'NetworkUnavailable'

/** How a configuration pass ended: the reasons of the conditions of ConfigurationState. */
export const CONFIGURATION_REASONS = {
  reconciled: 'Reconciled',
  configurationError: 'ConfigurationError',
  unknownError: 'UnknownError',
} as const

/** The condition of ConfigurationState that each program keeps, and the field manager it applies it with. */
export const CONFIGURATION_CONDITIONS = {
  controller: { type: 'poolReconcilerValid', fieldManager: 'poolReconciler' },
  speaker: { type: 'configReconcilerValid', fieldManager: 'configReconciler' },
} as const

/** The condition of SpeakerPolicy, and those of SpeakerStatus. */
export const POLICY_CONDITION = 'InForce'
export const SPEAKER_CONDITIONS = {
  announcing: 'Announcing',
  addressConflict: 'AddressConflict',
  bgpSessions: 'BGPSessions',
  kernelAnswers: 'KernelAnswers',
} as const
