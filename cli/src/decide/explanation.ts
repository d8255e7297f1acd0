import { readAnnotations, requestedAddresses, type ServiceView } from '@steelyard/model'
import { addressCause, refusedConfiguration } from './address-cause.ts'
import { type Allocation, newAllocation, poolVerdicts, type PoolVerdict, usePools } from './allocation.ts'
import { type Announcing, announcingOf } from './announcements.ts'
import { bgpCause, type BgpNode, bgpNodes } from './bgp-cause.ts'
import type { EventObject, ReportedMove } from './cluster-objects.ts'
import { type Finding, listed } from './finding.ts'
import { strictArpOff } from './kernel-answers.ts'
import { layer2Cause } from './layer2-cause.ts'
import { mergedMoves } from './moves.ts'
import { type Holding, holdingsOf, layer2Verdicts, type NodeVerdict } from './ownership.ts'
import type { Situation } from './situation.ts'
import { conflictsOf, machineOf, type SeenConflict } from './speaker-reports.ts'

/** What is known of a Service and of who announces it, and why that is not enough. */
export type Explanation = {
  readonly service: string
  readonly verdict: 'answers' | 'answersPartly' | 'doesNotAnswer'
  /** The first is the cause; the others are wrong as well. */
  readonly findings: readonly Finding[]
  readonly addresses: readonly string[]
  readonly pool?: string
  /** How it came to its pool. */
  readonly choice: string
  readonly pools: readonly PoolVerdict[]
  /** Other Services with one of its addresses. */
  readonly sharedWith: readonly string[]
  readonly trafficPolicy: string
  readonly endpoints: { readonly count: number; readonly nodes: readonly string[] }
  readonly layer2: {
    readonly isUsed: boolean
    readonly advertisements: readonly string[]
    readonly owners: readonly Holding[]
    readonly lastMove?: ReportedMove
    readonly nodes: readonly NodeVerdict[]
    readonly conflicts: readonly SeenConflict[]
  }
  readonly bgp: { readonly isUsed: boolean; readonly nodes: readonly BgpNode[] }
  /** The latest first. */
  readonly events: readonly EventObject[]
}

/** What is reckoned once for all Services that are explained. */
export type Explaining = {
  readonly situation: Situation
  readonly allocation: Allocation
  readonly announcing: Announcing
  readonly holdings: ReadonlyMap<string, Holding>
  readonly moves: readonly ReportedMove[]
  /** Services by address. */
  readonly servicesAt: ReadonlyMap<string, readonly string[]>
}

export function explainingOf(situation: Situation): Explaining {
  const { controller, objects, loadBalancerClass } = situation
  const allocation = newAllocation(objects.services, loadBalancerClass)
  if (controller.ok) usePools(allocation, controller.config.pools)
  return {
    situation,
    allocation,
    announcing: announcingOf(situation),
    holdings: holdingsOf(situation),
    moves: mergedMoves(objects.speakerStatuses),
    servicesAt: servicesByAddress(situation),
  }
}

function servicesByAddress({ views }: Situation): ReadonlyMap<string, readonly string[]> {
  const byAddress = new Map<string, string[]>()
  for (const { key, ingress } of views.values()) {
    for (const { ip = '' } of ingress) byAddress.set(ip, [...(byAddress.get(ip) ?? []), key])
  }
  return byAddress
}

export function explainService(explaining: Explaining, view: ServiceView): Explanation {
  const { situation, allocation } = explaining
  const endpoints = situation.endpointsOf(view.key)
  const addresses = view.ingress.flatMap(({ ip }) => ip ?? [])
  const pool = poolOfService(explaining, view)
  const layer2 = layer2Of(explaining, view, addresses)
  const bgp = bgpOf(explaining, view, pool, layer2.isUsed)
  const known = { ...(pool === undefined ? {} : { pool }), addresses, layer2, bgp }
  const findings = findingsOf(explaining, view, known)
  return {
    service: view.key,
    verdict: verdictOf(findings),
    findings: findings.map(({ finding }) => finding),
    ...known,
    choice: choiceOf(view),
    pools: poolVerdicts(allocation, view),
    sharedWith: sharersOf(explaining, view.key, addresses),
    trafficPolicy: view.trafficPolicy,
    endpoints: { count: endpoints.length, nodes: [...new Set(endpoints.flatMap(({ node }) => node ?? []))].sort() },
    events: situation.objects.events.toReversed().slice(0, 5),
  }
}

type Known = Pick<Explanation, 'pool' | 'addresses' | 'layer2' | 'bgp'>
type Weighed = { readonly finding: Finding; readonly stops: boolean }

function findingsOf(explaining: Explaining, view: ServiceView, known: Known): readonly Weighed[] {
  const { situation, allocation } = explaining
  const noAddress = addressCause(situation, allocation, view)
  if (noAddress !== undefined) return [{ finding: noAddress, stops: true }]
  const silent = silence(explaining, view, known)
  return [...silent, ...disturbances(situation, known).map((finding) => ({ finding, stops: false }))]
}

/** Why it is announced by neither way, or not by one of two that are meant. */
function silence({ situation, announcing }: Explaining, view: ServiceView, known: Known): readonly Weighed[] {
  const { layer2, bgp } = known
  const refused = situation.nodes.map(({ name }) => situation.speakerOn(name))
  const [first] = refused
  if (first?.ok === false && refused.every(({ ok }) => !ok))
    return [{ finding: refusedConfiguration(first.problems), stops: true }]
  if (!layer2.isUsed && !bgp.isUsed) return [{ finding: noAdvertisement(situation, known.pool ?? ''), stops: true }]
  const [owner] = layer2.owners
  const onLan = layer2.isUsed
    ? layer2Cause(situation, announcing, { view, verdicts: layer2.nodes, owner: owner?.node })
    : undefined
  const byRouters = bgp.isUsed ? bgpCause(bgp.nodes, view) : undefined
  const found = [onLan, byRouters].filter((one) => one !== undefined)
  const ways = Number(layer2.isUsed) + Number(bgp.isUsed)
  return found.map((finding) => ({ finding, stops: found.length === ways }))
}

function noAdvertisement({ objects }: Situation, pool: string): Finding {
  const others = [
    ...objects.l2Advertisements.map(({ metadata }) => `L2Advertisement ${metadata.name}`),
    ...objects.bgpAdvertisements.map(({ metadata }) => `BGPAdvertisement ${metadata.name}`),
  ]
  const peers = objects.bgpPeers.map(({ metadata }) => metadata.name)
  const unused = peers.length === 0 ? '' : `; a BGPPeer alone (${listed(peers)}) announces nothing`
  const instead = others.length === 0 ? '' : `; there is ${listed(others)} for other pools`
  const kind = peers.length === 0 ? 'an L2Advertisement (or a BGPAdvertisement and a BGPPeer)' : 'a BGPAdvertisement'
  return {
    reason: 'noMatchingAdvertisement',
    message: `no L2Advertisement and no BGPAdvertisement is for pool ${pool}${instead}${unused}`,
    advice: `create ${kind} for the pool; one that names no pools is for all of them`,
  }
}

/** It is announced, and something still stands in the way. */
function disturbances({ objects }: Situation, { layer2 }: Known): readonly Finding[] {
  const conflicts = layer2.conflicts.map(conflictFinding)
  const kernels = layer2.isUsed ? strictArpOff(objects) : undefined
  // A node that answers beside the owner does so because of its kernel, if that is what kernels do there.
  return kernels === undefined ? conflicts : [kernels, ...conflicts]
}

function conflictFinding(conflict: SeenConflict): Finding {
  const { ip, interface: name, node, ofNode } = conflict
  return {
    reason: 'AddressConflict',
    message: `${machineOf(conflict)} answers for ${ip} on ${name} of ${node}, too`,
    advice:
      ofNode === undefined
        ? 'find that machine (the switch knows its port) and give it another address, or take this one out of the pool'
        : `see on ${ofNode} which interface has the address (ip address show to ${ip}): only the speaker may answer for it`,
  }
}

function verdictOf(findings: readonly Weighed[]): Explanation['verdict'] {
  if (findings.some(({ stops }) => stops)) return 'doesNotAnswer'
  return findings.length === 0 ? 'answers' : 'answersPartly'
}

function poolOfService({ situation, allocation }: Explaining, view: ServiceView): string | undefined {
  const { controller } = situation
  if (!controller.ok) return view.annotations['metallb.io/ip-allocated-from-pool']
  const shown = new Set(view.ingress.map(({ ip }) => ip))
  const slot = [...shown].flatMap((ip) => allocation.allocator.ledger.slots.get(ip ?? '') ?? [])[0]
  return slot?.place.pool.name
}

function choiceOf(view: ServiceView): string {
  const asked = requestedAddresses(view)
  if (asked.kind === 'addresses') return `it asks for the address by ${asked.source}`
  const pool = readAnnotations(view).addressPool
  if (pool !== undefined && pool.value !== '') return `annotation ${pool.key} names the pool`
  return 'automatic: the first pool that admits it and has room'
}

function sharersOf({ servicesAt }: Explaining, self: string, addresses: readonly string[]): string[] {
  const all = new Set(addresses.flatMap((ip) => servicesAt.get(ip) ?? []))
  return [...all].filter((key) => key !== self).sort()
}

function layer2Of(explaining: Explaining, view: ServiceView, addresses: readonly string[]): Explanation['layer2'] {
  const { situation, announcing, holdings } = explaining
  const { objects, nodes } = situation
  const owners = addresses.flatMap((ip) => holdings.get(ip) ?? [])
  const pool = poolOfService(explaining, view) ?? ''
  const advertisements = new Set(
    nodes.flatMap(({ name }) => (announcing.viewOn(name)?.layer2.get(pool) ?? []).map((one) => one.name)),
  )
  const lastMove = explaining.moves.findLast(({ ip }) => addresses.includes(ip))
  return {
    isUsed: advertisements.size > 0,
    advertisements: [...advertisements].sort(),
    owners,
    ...(lastMove === undefined ? {} : { lastMove }),
    nodes: layer2Verdicts(situation, announcing, view, owners[0]?.node),
    conflicts: conflictsOf(objects.speakerStatuses).filter(({ ip }) => addresses.includes(ip)),
  }
}

/** Meant where an advertisement is for the pool on some node; and where there are some, and nothing else is. */
function bgpOf(
  { situation, announcing }: Explaining,
  view: ServiceView,
  pool = '',
  usesLayer2: boolean,
): Explanation['bgp'] {
  const isFor = situation.nodes.some(({ name }) => (announcing.viewOn(name)?.bgp.get(pool)?.length ?? 0) > 0)
  const isUsed = isFor || (!usesLayer2 && situation.objects.bgpAdvertisements.length > 0)
  return { isUsed, nodes: isUsed ? bgpNodes(situation, announcing, view) : [] }
}
