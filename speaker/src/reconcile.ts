import type { EventRecorder } from '@steelyard/kube'
import type { Logger } from '@steelyard/program'
import type { Cancel, Clock, TimeOfDay } from '@steelyard/runtime'
import type { AliveNodes } from './alive.ts'
import { tellChanges } from './announcement-log.ts'
import type { Cluster } from './cluster.ts'
import type { StateWriter } from './configuration-state.ts'
import { isNetworkUnavailable } from './decide/cluster-objects.ts'
import { stateNameOf } from './decide/configuration-state.ts'
import type { NodeState } from './decide/eligibility.ts'
import { missingInterfaces, readNotice } from './decide/interface-notice.ts'
import { ownerReference } from './decide/own-pod.ts'
import { type Claim, NOT_WRITTEN_YET } from './decide/ownership.ts'
import { NOTHING_PLANNED, planChanges, type PlanChanges } from './decide/plan-changes.ts'
import { type Plan, planLayer2, whyWithheld } from './decide/plan.ts'
import { type Intake, newIntake, refreshServices, takeIn } from './intake.ts'
import type { SpeakerOptions } from './options.ts'
import type { LinkPort } from './ports.ts'
import type { ServiceStatuses } from './service-statuses.ts'

export type ReconcilePorts = {
  readonly cluster: Cluster
  readonly alive: AliveNodes
  readonly link: Pick<LinkPort, 'set'>
  readonly excludePatterns: () => readonly string[]
  readonly statuses: Pick<ServiceStatuses, 'want' | 'recheck'>
  readonly state: Pick<StateWriter, 'want'>
  readonly events: Pick<EventRecorder, 'tell'>
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly log: Logger
  readonly options: SpeakerOptions
}

/** What asks for a pass. None is made before `start`. */
export type Reconciler = {
  readonly start: () => void
  /** A Service changed, or which nodes serve it. */
  readonly onService: (key: string) => void
  readonly onConfigInput: (where: 'own' | 'cluster') => void
  /** Nodes, who is alive, claims, notices, excluded interfaces: whatever else owners and interfaces depend on. */
  readonly onWorld: () => void
  /** The names of the interfaces that can be announced on. */
  readonly onInterfaces: (usable: ReadonlySet<string>) => void
  /** Another set of nodes is shown as announcing a Service. */
  readonly onClaim: (key: string) => void
  /** A pass has been made: what is announced is what should be. */
  readonly isDone: () => boolean
  readonly stop: () => void
}

type State = {
  readonly ports: ReconcilePorts
  readonly intake: Intake
  /** Services whose claims changed since the last pass. */
  readonly claimed: Set<string>
  /** What this node announces and the API has shown it to: whoever then removed that claim knew of it. */
  readonly acknowledged: Set<string>
  usable: ReadonlySet<string>
  /** As last given to the link worker; undefined before. */
  excluded: readonly string[] | undefined
  plan: Plan
  phase: 'waiting' | 'first' | 'running' | 'stopped'
  restUntil: number
  cancel: Cancel | undefined
}

/**
 * Works by level: whatever happened, a pass reckons everything from the cluster as it is now, compares it with
 * what is in force and acts on the difference: links first, then the API, which no announcement waits for.
 * Changes of one moment cost one pass.
 */
export function reconciler(ports: ReconcilePorts): Reconciler {
  const state = newState(ports)
  const { intake } = state
  return {
    start: () => {
      if (state.phase === 'waiting') state.phase = 'first'
      schedule(state)
    },
    onService: (key) => {
      intake.dirty.add(key)
      // Most changes of Services are none to us, and a look at one is far cheaper than a pass.
      if (state.phase !== 'running' || refreshServices(intake, ports)) schedule(state)
    },
    onConfigInput: (where) => {
      intake.configInput = intake.configInput === 'own' ? 'own' : where
      schedule(state)
    },
    onWorld: () => schedule(state),
    onInterfaces: (usable) => {
      state.usable = usable
      schedule(state)
    },
    onClaim: (key) => {
      if (isExpected(state, key)) return ports.statuses.recheck(key)
      // Decide first: until then nobody can say which of the objects should not be there.
      state.claimed.add(key)
      schedule(state)
    },
    isDone: () => state.phase === 'running',
    stop: () => {
      state.phase = 'stopped'
      state.cancel?.()
    },
  }
}

function newState(ports: ReconcilePorts): State {
  return {
    ports,
    intake: newIntake(),
    claimed: new Set(),
    acknowledged: new Set(),
    usable: new Set(),
    excluded: undefined,
    plan: NOTHING_PLANNED,
    phase: 'waiting',
    restUntil: -Infinity,
    cancel: undefined,
  }
}

/** After a pass, three times as long is left to everything else: a burst of changes costs a quarter of one core. */
const REST_FACTOR = 3
const LONGEST_REST_MS = 200

function schedule(state: State): void {
  if (state.cancel !== undefined || state.phase === 'waiting' || state.phase === 'stopped') return
  const { clock } = state.ports
  state.cancel = clock.wakeAt(Math.max(clock.now(), state.restUntil), () => {
    const startedAt = clock.now()
    state.cancel = undefined
    pass(state)
    const endedAt = clock.now()
    state.restUntil = endedAt + Math.min(LONGEST_REST_MS, (endedAt - startedAt) * REST_FACTOR)
  })
}

function pass(state: State): void {
  const { ports, intake } = state
  takeIn(intake, ports)
  const missing = ownMissingInterfaces(state)
  const nodes = nodeStates(ports, missing)
  const plan = planned(state, nodes)
  const changes = planChanges(state.plan, plan)
  const { options, cluster } = ports
  state.plan = plan
  noteAcknowledged(state, changes)
  setLinks(state, changes)
  writeOwnState(state, missing)
  ports.statuses.want(plan.announced, changedStatuses(state, changes))
  tellChanges(changes, {
    ...ports,
    services: cluster.services,
    node: options.node,
    isShown: (key) => shownBy(state, key).includes(options.node),
    why: (key) => whyWithheld(intake.facts.get(key), plan, { nodes }, options),
  })
  state.phase = 'running'
}

function ownMissingInterfaces({ ports, intake, usable }: State): ReadonlySet<string> {
  const { config } = intake.configuration
  const labels = ports.cluster.nodes.get(ports.options.node)?.metadata.labels ?? {}
  return missingInterfaces(config?.l2Advertisements ?? [], labels, config === undefined ? undefined : usable)
}

function planned(state: State, nodes: readonly NodeState[]): Plan {
  const { intake, ports } = state
  if (intake.configuration.config === undefined) return NOTHING_PLANNED
  const claimsOn = (key: string): readonly Claim[] => claimsOf(state, key)
  return planLayer2({ groups: intake.groups.groups(), nodes, claimsOf: claimsOn }, ports.options)
}

/** Every node as all speakers see it, and the own one with what only it can know. */
function nodeStates({ cluster, alive, options }: ReconcilePorts, ownMissing: ReadonlySet<string>): NodeState[] {
  const living = alive.now()
  const { namespace, node: self } = options
  const states = [...cluster.nodes.values()].map((node): NodeState => {
    const { name, labels = {} } = node.metadata
    const notice = readNotice(cluster.notices.get(`${namespace}/${stateNameOf(name)}`)?.metadata ?? {})
    return {
      name,
      labels,
      networkUnavailable: isNetworkUnavailable(node),
      alive: living.has(name),
      missingInterfaces: name === self ? new Set([...notice, ...ownMissing]) : notice,
    }
  })
  return states.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * What this node announces it claims, even before the API knows of it. But once the API has shown that claim and
 * shows another's instead, this one was taken over, however fast the two changes came: a node that was cut off
 * comes back announcing what others have taken meanwhile.
 */
function claimsOf(state: State, key: string): readonly Claim[] {
  const { plan, ports, acknowledged } = state
  const { node: self } = ports.options
  const shown = ports.cluster.claims(key)
  if (!plan.announced.has(key) || shown.some(({ node }) => node === self)) return shown
  if (acknowledged.has(key) && shown.length > 0) return shown
  return [...shown, { node: self, since: NOT_WRITTEN_YET }]
}

/** Looked at in each pass, for a claim may come and go between two. */
function noteAcknowledged(state: State, { began, ended }: PlanChanges): void {
  const { plan, acknowledged, ports } = state
  for (const { key } of [...began, ...ended]) acknowledged.delete(key)
  for (const key of plan.announced.keys())
    if (!acknowledged.has(key) && shownBy(state, key).includes(ports.options.node)) acknowledged.add(key)
}

/** The nodes that the API shows as announcing a Service. */
function shownBy({ ports }: State, key: string): readonly string[] {
  return ports.cluster.claims(key).map(({ node }) => node)
}

/** The claim of whom we take for the owner anyway, and no other: there is one for each Service that begins. */
function isExpected(state: State, key: string): boolean {
  const owner = state.plan.owners.get(key)
  const shown = shownBy(state, key)
  const isOurs = owner === state.ports.options.node
  return owner !== undefined && (shown.length > 0 || isOurs) && shown.every((node) => node === owner)
}

function setLinks(state: State, { began, ended, altered }: PlanChanges): void {
  const { ports, plan } = state
  const excluded = ports.excludePatterns()
  if (began.length + ended.length + altered.length === 0 && excluded === state.excluded) return
  state.excluded = excluded
  const addresses = [...plan.announced.values()].flatMap(({ ips, interfaces }) => ips.map((ip) => ({ ip, interfaces })))
  ports.link.set({ addresses, excludeInterfaces: excluded })
}

function writeOwnState({ ports, intake }: State, missing: ReadonlySet<string>): void {
  const { cluster, options } = ports
  const { configuration, checkedAt } = intake
  if (configuration.outcome === undefined) return
  ports.state.want({
    node: options.node,
    owner: ownerReference(cluster.pods.get(`${options.namespace}/${options.podName}`)),
    outcome: configuration.outcome,
    checkedAt,
    missingInterfaces: missing,
  })
}

/** After a start, also what a former life of this speaker has left in the API. */
function changedStatuses({ phase, claimed, ports }: State, { began, ended, altered }: PlanChanges): Set<string> {
  const left = phase === 'first' ? ports.cluster.serviceStatuses.groups() : []
  const changed = new Set([...claimed, ...altered, ...left])
  for (const { key } of [...began, ...ended]) changed.add(key)
  claimed.clear()
  return changed
}
