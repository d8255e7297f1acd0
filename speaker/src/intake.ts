import { poolIndex, servableEndpoints, type Service, type SpeakerConfig, viewService } from '@steelyard/model'
import { errorText, type Logger } from '@steelyard/program'
import type { TimeOfDay } from '@steelyard/runtime'
import type { Cluster } from './cluster.ts'
import { type Configuration, logConfiguration, NO_CONFIGURATION, reconfigure } from './configuration.ts'
import { advertisementsByPool } from './decide/layer2.ts'
import { sameFacts, serviceFacts, type ServiceFacts, type ServiceRules } from './decide/service-facts.ts'
import type { SpeakerOptions } from './options.ts'

/** The cluster as decisions take it: a configuration in force, and what is known of each Service under it. */
export type Intake = {
  /** Only Services of type LoadBalancer, and those that were. */
  readonly facts: Map<string, ServiceFacts>
  /** Services to look at again. */
  readonly dirty: Set<string>
  /** Whence configuration may have changed. */
  configInput: 'own' | 'cluster' | undefined
  configuration: Configuration
  /** When the configuration was last looked at; RFC 3339. */
  checkedAt: string
  rules: ServiceRules | undefined
}

export type IntakePorts = {
  readonly cluster: Pick<Cluster, 'services' | 'endpointSlices' | 'nodes' | 'configObjects'>
  readonly timeOfDay: TimeOfDay
  readonly log: Logger
  readonly options: Pick<SpeakerOptions, 'node' | 'loadBalancerClass'>
}

/** Everything is to be looked at once. */
export function newIntake(): Intake {
  return {
    facts: new Map(),
    dirty: new Set(),
    configInput: 'own',
    configuration: NO_CONFIGURATION,
    checkedAt: '',
    rules: undefined,
  }
}

/** Brings the intake up to date: configuration first, then the Services that changed or that it changes. */
export function takeIn(intake: Intake, ports: IntakePorts): void {
  takeConfig(intake, ports)
  refreshServices(intake, ports)
}

function takeConfig(intake: Intake, { cluster, log, options, timeOfDay }: IntakePorts): void {
  const { configInput, configuration: before } = intake
  if (configInput === undefined) return
  const labels = cluster.nodes.get(options.node)?.metadata.labels ?? {}
  const now = reconfigure(before, cluster.configObjects(), { name: options.node, labels })
  logConfiguration(before, now, log)
  intake.configInput = undefined
  intake.configuration = now
  // Namespaces and Nodes change all the time: the same verdict on account of them is nothing to write down.
  if (configInput === 'own' || !sameVerdict(before, now)) intake.checkedAt = apiTime(timeOfDay())
  if (now.config === undefined || now.config === before.config) return
  intake.rules = rulesOf(now.config, options.loadBalancerClass)
  for (const key of cluster.services.keys()) intake.dirty.add(key)
}

/** As the API writes times: RFC 3339 in whole seconds. */
function apiTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

function sameVerdict(a: Configuration, b: Configuration): boolean {
  return JSON.stringify(a.outcome) === JSON.stringify(b.outcome)
}

function rulesOf({ pools, l2Advertisements }: SpeakerConfig, loadBalancerClass: string): ServiceRules {
  return { pools: poolIndex(pools), advertisements: advertisementsByPool(l2Advertisements), loadBalancerClass }
}

/**
 * Looks again at the Services that changed. Nothing can be said of any before there is a configuration; once
 * there is, all of them are looked at.
 * @returns whether that can change what is announced, or needs to be told
 */
export function refreshServices({ rules, dirty, facts }: Intake, ports: IntakePorts): boolean {
  let matters = false
  if (rules === undefined) return matters
  for (const key of dirty) {
    const before = facts.get(key)
    const service = ports.cluster.services.get(key)
    const isOurs = service !== undefined && (service.spec?.type === 'LoadBalancer' || before !== undefined)
    const now = isOurs ? factsOf(service, rules, ports) : undefined
    if (now === undefined) facts.delete(key)
    else facts.set(key, now)
    if (!sameFacts(before, now)) matters = true
  }
  dirty.clear()
  return matters
}

function factsOf(service: Service, rules: ServiceRules, { cluster, log }: IntakePorts): ServiceFacts {
  const view = viewService(service)
  const { key, createdAt } = view
  try {
    return serviceFacts(view, servableEndpoints(cluster.endpointSlices.of(key)), rules)
  } catch (error) {
    // A bug that one odd Service brings to light must not silence all the others.
    log.error('a Service cannot be judged', { service: key, op: 'judge', error })
    const addressed = { kind: 'withdrawn', reason: 'internalError', message: errorText(error) } as const
    return { key, createdAt, addressed, termsKey: '' }
  }
}
