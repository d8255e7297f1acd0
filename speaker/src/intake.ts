import type { ConfigStanding } from '@steelyard/kube'
import { poolIndex, servableEndpoints, type Service, type SpeakerConfig, viewService } from '@steelyard/model'
import { errorText, type Logger } from '@steelyard/program'
import type { TimeOfDay } from '@steelyard/runtime'
import { tellWithheld } from './announcement-log.ts'
import type { Bgp } from './bgp/bgp.ts'
import type { Cluster } from './cluster.ts'
import { type Configuration, logConfiguration, NO_CONFIGURATION, reconfigure } from './configuration.ts'
import { addressesOf } from './decide/addresses.ts'
import { type BgpFacts, bgpFacts } from './decide/bgp/facts.ts'
import { type GroupIndex, groupIndex } from './decide/group-index.ts'
import { advertisementsByPool } from './decide/layer2.ts'
import {
  type AnnounceableService,
  layer2Facts,
  sameFacts,
  type ServiceFacts,
  type ServiceRules,
} from './decide/service-facts.ts'
import type { SpeakerOptions } from './options.ts'

/** The cluster as decisions take it: a configuration in force, and what is known of each Service under it. */
export type Intake = {
  /** Only Services of type LoadBalancer, and those that were. */
  readonly facts: Map<string, ServiceFacts>
  /** Those of them that may be announced. */
  readonly groups: GroupIndex<AnnounceableService>
  /** Services to look at again. */
  readonly dirty: Set<string>
  /** Whence configuration may have changed. */
  configInput: 'own' | 'cluster' | undefined
  configuration: Configuration
  /** Looks at the configuration that refused it. */
  refusals: number
  /** When the configuration was last looked at; RFC 3339. */
  checkedAt: string
  rules: ServiceRules | undefined
}

export type IntakePorts = {
  readonly cluster: Pick<Cluster, 'services' | 'endpointSlices' | 'nodes' | 'configObjects'>
  readonly timeOfDay: TimeOfDay
  readonly log: Logger
  readonly options: Pick<SpeakerOptions, 'node' | 'loadBalancerClass'>
  /** What BGP starts from is kept there. */
  readonly bgp: Pick<Bgp, 'setService'>
}

/** Everything is to be looked at once. */
export function newIntake(): Intake {
  return {
    facts: new Map(),
    groups: groupIndex(),
    dirty: new Set(),
    configInput: 'own',
    configuration: NO_CONFIGURATION,
    refusals: 0,
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
  intake.refusals += Number(isRefused(now))
  // Namespaces and Nodes change all the time: the same verdict on account of them is nothing to write down.
  if (configInput === 'own' || !sameVerdict(before, now)) intake.checkedAt = apiTime(timeOfDay())
  if (now.config === undefined || now.config === before.config) return
  intake.rules = rulesOf(now.config, intake.rules, options.loadBalancerClass)
  for (const key of cluster.services.keys()) intake.dirty.add(key)
}

/** What the metrics tell of the configuration. */
export function standingOf({ configuration: { config, outcome }, refusals }: Intake): ConfigStanding {
  return { isLoaded: config !== undefined, isStale: isRefused({ outcome }), refusals }
}

function isRefused({ outcome }: Pick<Configuration, 'outcome'>): boolean {
  return outcome !== undefined && outcome.kind !== 'reconciled'
}

/** As the API writes times: RFC 3339 in whole seconds. */
function apiTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

function sameVerdict(a: Configuration, b: Configuration): boolean {
  return JSON.stringify(a.outcome) === JSON.stringify(b.outcome)
}

function rulesOf(config: SpeakerConfig, before: ServiceRules | undefined, loadBalancerClass: string): ServiceRules {
  return {
    pools: poolIndex(config.pools),
    advertisements: advertisementsByPool(config.l2Advertisements),
    loadBalancerClass,
    revision: (before?.revision ?? 0) + 1,
  }
}

/**
 * Looks again at the Services that changed. Nothing can be said of any before there is a configuration; once
 * there is, all of them are looked at.
 * @returns whether that can change what is announced, or needs to be told
 */
export function refreshServices(intake: Intake, ports: IntakePorts): boolean {
  const { rules, dirty } = intake
  if (rules === undefined) return false
  let matters = false
  for (const key of dirty) matters = refreshOne(intake, key, rules, ports) || matters
  dirty.clear()
  return matters
}

function refreshOne({ facts, groups }: Intake, key: string, rules: ServiceRules, ports: IntakePorts): boolean {
  const before = facts.get(key)
  const found = lookAt(key, before, rules, ports)
  ports.bgp.setService(key, found?.bgp)
  const now = found?.layer2
  if (now === undefined) facts.delete(key)
  else facts.set(key, now)
  if (sameFacts(before, now)) return false
  groups.set(key, now?.kind === 'announceable' ? now : undefined)
  if (now?.kind === 'withheld') tellWithheld(key, now.why, { log: ports.log, protocol: 'layer2' })
  return true
}

/** What each protocol has to know of a Service. */
type FactsOfService = { readonly layer2: ServiceFacts; readonly bgp: BgpFacts }

/** Nothing for the many Services of other types, unless we have known one as ours. */
function lookAt(
  key: string,
  before: ServiceFacts | undefined,
  rules: ServiceRules,
  ports: IntakePorts,
): FactsOfService | undefined {
  const service = ports.cluster.services.get(key)
  if (service === undefined) return undefined
  const isOurs = service.spec?.type === 'LoadBalancer' || before !== undefined
  return isOurs ? factsOf(service, rules, ports) : undefined
}

function factsOf(service: Service, rules: ServiceRules, { cluster, log, options }: IntakePorts): FactsOfService {
  const view = viewService(service)
  const { key } = view
  try {
    const endpoints = servableEndpoints(cluster.endpointSlices.of(key))
    const addressed = addressesOf(view, rules)
    return {
      layer2: layer2Facts(view, endpoints, addressed, rules),
      bgp: bgpFacts(view, endpoints, addressed, options.node),
    }
  } catch (error) {
    // A bug that one odd Service brings to light must not silence all the others.
    log.error('a Service cannot be judged', { service: key, op: 'judge', error })
    const why = { reason: 'internalError', message: errorText(error) } as const
    return { layer2: { kind: 'withheld', key, why }, bgp: { kind: 'withdrawn', key, why } }
  }
}
