import type { ConfigStanding, EventRecorder } from '@steelyard/kube'
import type { NodeRecord } from '@steelyard/membership'
import { type Timings, timed } from '@steelyard/metrics'
import type { Logger } from '@steelyard/program'
import type { Cancel, Clock, TimeOfDay } from '@steelyard/runtime'
import { tellChanges } from './announcement-log.ts'
import type { Bgp } from './bgp/bgp.ts'
import { bgpWorld } from './bgp/world.ts'
import type { Cluster } from './cluster.ts'
import type { StateWriter } from './configuration-state.ts'
import { claimsOn } from './decide/claim-book.ts'
import type { NodeState } from './decide/eligibility.ts'
import { missingInterfaces } from './decide/interface-notice.ts'
import { nodeStates } from './decide/node-states.ts'
import { ownerReference } from './decide/own-pod.ts'
import type { Claim } from './decide/ownership.ts'
import { type Reckoned, sameReckoned, statedClaims } from './decide/reckoned.ts'
import { NOTHING_PLANNED, planChanges, type PlanChanges } from './decide/plan-changes.ts'
import { type Announcement, ownershipOf, type Plan, planLayer2, type World, whyWithheld } from './decide/plan.ts'
import type { Drain } from './decide/release.ts'
import type { HeldClaim, Move } from './decide/tenure.ts'
import type { Held, Holdings } from './holdings.ts'
import { type Intake, newIntake, refreshServices, standingOf, takeIn } from './intake.ts'
import type { SpeakerOptions } from './options.ts'
import type { Peers } from './peers.ts'
import type { ServiceStatuses } from './service-statuses.ts'

/** What this node's interfaces are like, as the link worker says. */
export type OwnLinks = Pick<NodeRecord, 'impaired' | 'macs'> & { readonly usable: ReadonlySet<string> }

export type ReconcilePorts = {
  readonly cluster: Cluster
  readonly peers: Peers
  readonly holdings: Holdings
  /** Called when anything of it changed. */
  readonly carryOut: (reckoned: Reckoned) => void
  readonly statuses: Pick<ServiceStatuses<Announcement>, 'want'>
  readonly state: Pick<StateWriter, 'want'>
  readonly events: Pick<EventRecorder, 'tell'>
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly log: Logger
  readonly options: SpeakerOptions
  readonly drain: () => Drain
  readonly bgp: Pick<Bgp, 'setService' | 'reckon' | 'flush'>
  /** What this node holds after a pass, and what came or went in it. */
  readonly onHeld: (claims: ReadonlyMap<string, HeldClaim>, moves: readonly Move[]) => void
  readonly timings: Timings<'node'>
}

/** What asks for a pass. None is made before `start`. */
export type Reconciler = {
  readonly start: () => void
  /** A Service changed, or which nodes serve it. */
  readonly onService: (key: string) => void
  readonly onConfigInput: (where: 'own' | 'cluster') => void
  /** Nodes, what other speakers claim, notices: whatever else owners and interfaces depend on. */
  readonly onWorld: () => void
  /** Who is alive changed, or this node is to hand over: addresses wait for this pass. */
  readonly onUrgent: () => void
  readonly onLinks: (links: OwnLinks) => void
  /** A pass has been made: what is announced is what should be. */
  readonly isDone: () => boolean
  /** The Services that have an address, as `namespace/name`. */
  readonly servicesOn: (ip: string) => readonly string[]
  readonly announced: () => Plan['announced']
  readonly config: () => ConfigStanding
  readonly stop: () => void
}

type State = {
  readonly ports: ReconcilePorts
  readonly intake: Intake
  links: OwnLinks
  /** As last given to the link worker; undefined before. */
  reckoned: Reckoned | undefined
  claims: ReadonlyMap<string, HeldClaim>
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
      if (state.phase !== 'running') return schedule(state)
      if (refreshServices(intake, ports)) schedule(state)
      // A router hears of it at once: no election stands before that.
      ports.bgp.flush()
    },
    onConfigInput: (where) => {
      intake.configInput = intake.configInput === 'own' ? 'own' : where
      schedule(state)
    },
    onWorld: () => schedule(state),
    onUrgent: () => {
      state.restUntil = Number.NEGATIVE_INFINITY
      schedule(state)
    },
    onLinks: (links) => {
      state.links = links
      state.restUntil = Number.NEGATIVE_INFINITY
      schedule(state)
    },
    isDone: () => state.phase === 'running',
    servicesOn: (ip) => intake.groups.servicesOn(ip),
    announced: () => state.plan.announced,
    config: () => standingOf(intake),
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
    links: { usable: new Set(), impaired: [], macs: [] },
    reckoned: undefined,
    claims: new Map(),
    plan: NOTHING_PLANNED,
    phase: 'waiting',
    restUntil: Number.NEGATIVE_INFINITY,
    cancel: undefined,
  }
}

/** After a pass, three times as long is left to everything else: a burst of changes costs a quarter of one core. */
const REST_FACTOR = 3
const LONGEST_REST_MS = 200

/** @param at not before this; now unless told. Of several wishes the earliest counts. */
function schedule(state: State, at = Number.NEGATIVE_INFINITY): void {
  if (state.phase === 'waiting' || state.phase === 'stopped') return
  const { clock } = state.ports
  state.cancel?.()
  state.cancel = clock.wakeAt(Math.max(clock.now(), state.restUntil, at), () => {
    const startedAt = clock.now()
    state.cancel = undefined
    const lookAgainAt = timed(state.ports.timings.node, clock, () => pass(state))
    const endedAt = clock.now()
    state.restUntil = endedAt + Math.min(LONGEST_REST_MS, (endedAt - startedAt) * REST_FACTOR)
    if (lookAgainAt !== undefined && state.cancel === undefined) schedule(state, lookAgainAt)
  })
}

/** @returns when another pass may come to something else, though nothing has happened. */
function pass(state: State): number | undefined {
  const { ports, intake } = state
  takeIn(intake, ports)
  ports.bgp.reckon(bgpWorld(ports, intake.configuration.config))
  const missing = ownMissingInterfaces(state)
  const drain = ports.drain()
  const nodes = nodeStates({ ...ports, missing, impaired: state.links.impaired, isDraining: drain !== 'none' })
  const { plan, held } = planned(state, nodes, drain)
  const changes = planChanges(state.plan, plan)
  const { options, cluster } = ports
  const isFirst = state.phase === 'first'
  Object.assign(state, { plan, claims: held.claims, phase: 'running' })
  carryOut(state, { missing: [...missing].sort(), draining: drain !== 'none' })
  ports.onHeld(held.claims, held.moves)
  writeOwnState(state, missing)
  ports.statuses.want(plan.announced, changedStatuses(state, isFirst, changes))
  tellChanges(changes, {
    ...ports,
    protocol: 'layer2',
    services: cluster.services,
    node: options.node,
    isShown: (key) => cluster.announcersOf(key).includes(options.node),
    why: (key) => whyWithheld(intake.facts.get(key), plan, { nodes }, options),
  })
  return held.lookAgainAt
}

function ownMissingInterfaces({ ports, intake, links }: State): ReadonlySet<string> {
  const { config } = intake.configuration
  const labels = ports.cluster.nodes.get(ports.options.node)?.metadata.labels ?? {}
  return missingInterfaces(config?.l2Advertisements ?? [], labels, config === undefined ? undefined : links.usable)
}

function planned(
  state: State,
  nodes: readonly NodeState[],
  drain: Drain,
): { readonly plan: Plan; readonly held: Held } {
  const { intake, ports } = state
  const groups = intake.configuration.config === undefined ? [] : intake.groups.groups()
  const world: World = { groups, nodes, claimsOf: (ip) => claimsOf(state, ip) }
  const ownership = ownershipOf(world, ports.options)
  const held = ports.holdings.decide(groups, ownership, drain)
  const serving = { groups: held.serving, before: state.plan.announced, settled: ports.peers.isSettled() }
  return { held, plan: planLayer2(world, ports.options, ownership, serving) }
}

function claimsOf({ claims, ports }: State, ip: string): readonly Claim[] {
  const others = claimsOn(ports.peers.book, ip)
  const own = claims.get(ip)
  return own === undefined ? others : [...others, { node: ports.options.node, ...own }]
}

/** The worker and the other speakers hear of it only when it is something else. */
function carryOut(state: State, own: Pick<NodeRecord, 'missing' | 'draining'>): void {
  const { plan, claims, links, ports, reckoned: before } = state
  const record = {
    ...own,
    claims: statedClaims(claims, before?.record.claims),
    impaired: links.impaired,
    macs: links.macs,
  }
  const addresses = [...plan.announced.values()].flatMap(({ ips, interfaces }) =>
    ips.map((ip) => ({ ip, interfaces, isNew: claims.get(ip)?.cause === 'first' })),
  )
  const now: Reckoned = { addresses, standby: standbyOf(state), record }
  if (before !== undefined && sameReckoned(before, now)) return
  state.reckoned = now
  ports.carryOut(now)
}

function standbyOf({ intake, claims }: State): readonly string[] {
  return intake.groups.groups().flatMap(({ ips }) => ips.filter((ip) => ip.includes(':') && !claims.has(ip)))
}

function writeOwnState({ ports, intake }: State, missing: ReadonlySet<string>): void {
  const { cluster, options, peers } = ports
  const { configuration, checkedAt } = intake
  if (configuration.outcome === undefined) return
  ports.state.want({
    node: options.node,
    owner: ownerReference(cluster.pods.get(`${options.namespace}/${options.podName}`)),
    outcome: configuration.outcome,
    checkedAt,
    // Speakers that talk to each other say so faster by themselves.
    missingInterfaces: peers.isOn ? new Set() : missing,
  })
}

/** After a start, also what a former life of this speaker has left in the API. */
function changedStatuses({ ports }: State, isFirst: boolean, { began, ended, altered }: PlanChanges): Set<string> {
  const left = isFirst ? ports.cluster.serviceStatuses.groups() : []
  const changed = new Set([...altered, ...left])
  for (const { key } of [...began, ...ended]) changed.add(key)
  return changed
}
