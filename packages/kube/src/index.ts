export { type AccessQuestion, type AccessVerdict, reviewAccess } from './access-review.ts'
export {
  type Api,
  type CallName,
  type CallOptions,
  callName,
  type DeleteOptions,
  type ListOptions,
  type Page,
  type Patch,
  type Scope,
  type Verb,
  type WatchEvent,
  type WatchOptions,
} from './api.ts'
export { ApiError, type Failure, isConflict, isExpired, isNotFound, isTaken } from './api-error.ts'
export {
  memoryApi,
  type MemoryApi,
  type MemoryApiOptions,
  memoryCluster,
  type MemoryCluster,
} from './memory/memory-api.ts'
export { type Access, type KubeCredentials, KubeConfigError } from './config/credentials.ts'
export { loadKubeConfig, type LoadOptions } from './config/load.ts'
export { leaderOnlyApi } from './election/leader-only-api.ts'
export { type Leadership, type LeaderOptions, runForLeader } from './election/run-for-leader.ts'
export { type EventRecorder, eventRecorder, type EventRecorderOptions } from './events/event-recorder.ts'
export { follow, type Follower, type FollowLimits, type FollowOptions } from './follow/follow.ts'
export type { Log, LogFields } from './log.ts'
export { CLIENT_SERIES, type ClientSource, type ConfigStanding } from './observed/api-series.ts'
export { type ApiObservations, observeApi } from './observed/observe-api.ts'
export { realApi, type RealApi, type RealApiOptions } from './real/real-api.ts'
export type { Faults } from './memory/faults.ts'
export {
  type ConfigObject,
  type ConfigurationState,
  type CustomResourceDefinition,
  type Deployment,
  type Draft,
  type EventType,
  type KubeEvent,
  keyOf,
  type Lease,
  type ObjectRef,
  type ObjectReference,
  type PoolObject,
  refOf,
  type ServiceBgpStatus,
  type ServiceL2Status,
  type SpeakerPolicyObject,
  type SpeakerStatus,
  type SubjectAccessReview,
  type TokenReview,
  type ValidatingWebhookConfiguration,
  type WebhookEntry,
} from './objects.ts'
export {
  apiVersionOf,
  BFD_PROFILES,
  BGP_ADVERTISEMENTS,
  BGP_PEER_POLICIES,
  BGP_PEERS,
  COMMUNITIES,
  CONFIG_MAPS,
  CONFIGURATION_STATES,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  EVENTS,
  IP_ADDRESS_POOLS,
  L2_ADVERTISEMENTS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  type Resource,
  SECRETS,
  SERVICE_BGP_STATUSES,
  SERVICE_L2_STATUSES,
  SERVICES,
  SPEAKER_POLICIES,
  SPEAKER_STATUSES,
  SUBJECT_ACCESS_REVIEWS,
  TOKEN_REVIEWS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from './resources.ts'
export {
  applyStatus,
  mergePatch,
  type MergePatch,
  type StatusApply,
  type Update,
  updateWithRetry,
} from './write/write.ts'
