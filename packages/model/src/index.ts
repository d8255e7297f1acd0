export { type StoredObjects } from './admission/between.ts'
export { type Change, judgeChange, JUDGED_KINDS, type Judgement } from './admission/judge-change.ts'
export { type AnnotationValue, readAnnotations, type ServiceAnnotations } from './annotations.ts'
export { advertisementsClash, localPref } from './checks/local-pref.ts'
export { compileController, type ControllerObjects } from './compile-controller.ts'
export { compileSpeaker, type OwnNode, type SpeakerObjects } from './compile-speaker.ts'
export type {
  BfdProfile,
  BgpAdvertisement,
  BgpPeer,
  BgpPeerPolicy,
  CommunityValue,
  Compiled,
  ControllerConfig,
  L2Advertisement,
  Pool,
  PoolEntry,
  PreferredNode,
  Problem,
  ServiceAllocation,
  SpeakerConfig,
  WeightedEcmp,
} from './config.ts'
export {
  configurationCondition,
  type ConfigurationOutcome,
  type ConfigurationResult,
  type ConfigurationState,
  type ConfigurationSummary,
  readConfigurationState,
  summarizeConditions,
} from './kinds/configuration-state.ts'
export { DEFAULT_PEER_POLICY } from './kinds/bgp-peer-policy.ts'
export { readServiceBgpStatus, type ServiceBgpStatus } from './kinds/service-bgp-status.ts'
export { readServiceL2Status, type ServiceL2Status } from './kinds/service-l2-status.ts'
export {
  DEFAULT_POLICY,
  describePolicy,
  generationOf,
  membershipTiming,
  readSpeakerPolicy,
  SPEAKER_POLICY_NAME,
  type SpeakerPolicy,
} from './kinds/speaker-policy.ts'
export { nodeServes, type ServableEndpoint, servableEndpoints } from './endpoints.ts'
export type {
  Condition,
  ConfigMap,
  Endpoint,
  EndpointSlice,
  KubeObject,
  Labels,
  LoadBalancerIngress,
  Namespace,
  Node,
  NodeAddress,
  ObjectMeta,
  OwnerReference,
  Pod,
  Secret,
  Service,
  ServicePort,
} from './kubernetes.ts'
export {
  ANNOTATION_PREFIX,
  ANNOTATIONS,
  CONFIGURATION_CONDITIONS,
  CONFIGURATION_REASONS,
  DEPRECATED_ANNOTATION_PREFIX,
  ENDPOINT_SLICE_SERVICE_LABEL,
  EXCLUDE_FROM_BALANCERS_LABEL,
  GROUP,
  KINDS,
  LABELS,
  NETWORK_UNAVAILABLE_CONDITION,
  OWN_GROUP,
  OWN_VERSION,
  POLICY_CONDITION,
  SPEAKER_CONDITIONS,
} from './names.ts'
export { isUsable, poolAdmits, poolAt, poolContains, poolIndex, type PoolIndex, poolOf } from './pool.ts'
export { INT64_MAX, type PoolCapacity, poolCapacity, type PoolCounters, poolCounters } from './pool-counters.ts'
export { describeProblem, describeProblems } from './problem.ts'
export { type Found } from './reading/found.ts'
export { requestedAddresses, type RequestedAddresses } from './requested-addresses.ts'
export {
  anySelectorMatches,
  type LabelSelector,
  selectorMatches,
  type SelectorOperator,
  type SelectorRequirement,
} from './selector.ts'
export { type FamilyPolicy, type ServiceView, type TrafficPolicy, viewService } from './service.ts'
