import {
  type Compiled,
  compileController,
  compileSpeaker,
  type ControllerConfig,
  DEFAULT_POLICY,
  ENDPOINT_SLICE_SERVICE_LABEL,
  type EndpointSlice,
  type Node,
  readSpeakerPolicy,
  type Secret,
  type ServableEndpoint,
  servableEndpoints,
  type Service,
  type ServiceView,
  SPEAKER_POLICY_NAME,
  type SpeakerConfig,
  type SpeakerPolicy,
  viewService,
} from '@steelyard/model'
import type { EligibilityRules, NodeState } from '@steelyard/speaker'
import type { ClusterObjects } from './cluster-objects.ts'
import { livingSpeakers, type Living } from './living-speakers.ts'
import { nodeStatesOf } from './node-states.ts'
import { programFlags } from './program-flags.ts'

export type SituationOptions = {
  /** The product's. */
  readonly namespace: string
  /** What the user says the programs were started with; undefined: what their Pods show. */
  readonly loadBalancerClass: string | undefined
  /** Secrets could not be read: references to them are taken to be good. */
  readonly secretsUnknown: boolean
}

/** A cluster as the decisions see it. */
export type Situation = {
  readonly objects: ClusterObjects
  readonly options: SituationOptions
  /** The one class that is served; empty: Services without any. */
  readonly loadBalancerClass: string
  readonly rules: EligibilityRules
  readonly services: ReadonlyMap<string, Service>
  readonly views: ReadonlyMap<string, ServiceView>
  readonly endpointsOf: (service: string) => readonly ServableEndpoint[]
  readonly controller: Compiled<ControllerConfig>
  /** What the speaker of a node makes of the configuration. */
  readonly speakerOn: (node: string) => Compiled<SpeakerConfig>
  readonly policy: SpeakerPolicy
  readonly living: Living
  /** Sorted by name. */
  readonly nodes: readonly NodeState[]
}

export function situationOf(objects: ClusterObjects, options: SituationOptions): Situation {
  const policy = policyOf(objects)
  const living = livingSpeakers(objects)
  const flags = programFlags(objects.pods)
  const services = new Map(objects.services.map((service) => [viewService(service).key, service]))
  return {
    objects,
    options,
    loadBalancerClass: options.loadBalancerClass ?? flags.loadBalancerClass ?? '',
    rules: { ignoreExcludeLabel: flags.ignoresExcludeLabel },
    services,
    views: new Map([...services].map(([key, service]) => [key, viewService(service)])),
    endpointsOf: endpointsBy(objects.endpointSlices),
    controller: compileController(objects),
    speakerOn: speakerConfigs(objects, options),
    policy,
    living,
    nodes: nodeStatesOf(objects, policy, living),
  }
}

/** The one that cannot be used leaves the defaults, here as well as in a speaker that has just started. */
function policyOf({ speakerPolicies }: ClusterObjects): SpeakerPolicy {
  const object = speakerPolicies.find(({ metadata }) => metadata.name === SPEAKER_POLICY_NAME)
  if (object === undefined) return DEFAULT_POLICY
  const read = readSpeakerPolicy(object)
  return read.ok ? read.value : DEFAULT_POLICY
}

function endpointsBy(slices: readonly EndpointSlice[]): Situation['endpointsOf'] {
  const byService = Map.groupBy(slices, ({ metadata }) => {
    return `${metadata.namespace}/${metadata.labels?.[ENDPOINT_SLICE_SERVICE_LABEL] ?? ''}`
  })
  return (service) => servableEndpoints(byService.get(service) ?? [])
}

/** Nodes with equal labels have equal configurations. */
function speakerConfigs(objects: ClusterObjects, { secretsUnknown }: SituationOptions): Situation['speakerOn'] {
  const nodes = new Map(objects.nodes.map((node) => [node.metadata.name, node]))
  const secrets = secretsUnknown ? standInSecrets(objects) : objects.secrets
  const byLabels = new Map<string, Compiled<SpeakerConfig>>()
  const byNode = new Map<string, Compiled<SpeakerConfig>>()
  const compiledFor = (name: string): Compiled<SpeakerConfig> => {
    const labels = labelsOf(nodes.get(name))
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
    const config = byLabels.get(key) ?? compileSpeaker({ ...objects, secrets }, { name, labels })
    byLabels.set(key, config)
    return config
  }
  return (name) => {
    const config = byNode.get(name) ?? compiledFor(name)
    byNode.set(name, config)
    return config
  }
}

function labelsOf(node: Node | undefined): Readonly<Record<string, string>> {
  return node?.metadata.labels ?? {}
}

function standInSecrets({ bgpPeers }: ClusterObjects): Secret[] {
  const names = bgpPeers.flatMap(({ spec }) => {
    const reference = (spec as { readonly passwordSecret?: { readonly name?: unknown } } | undefined)?.passwordSecret
    return typeof reference?.name === 'string' ? [reference.name] : []
  })
  return [...new Set(names)].map((name) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/basic-auth',
    // "unread" in base64: nothing is ever sent with it.
    data: { password: 'dW5yZWFk' },
  }))
}
