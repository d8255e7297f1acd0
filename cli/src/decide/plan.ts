import type { Tell } from '@steelyard/controller'
import { compileController, describeProblem, type Service } from '@steelyard/model'
import { type Allocation, dropService, newAllocation, putService, usePools } from './allocation.ts'
import { type Change, changed, clusterFamilies, keyOfChange, keyOfKind, withClusterIps } from './change-set.ts'
import type { ClusterObjects, ObjectKey } from './cluster-objects.ts'
import { type AnnouncementDifference, announcementDifferences } from './plan-announcements.ts'
import { type Situation, situationOf, type SituationOptions } from './situation.ts'

export type AddressChange = {
  readonly service: string
  /** `moves`: it gets another address; `interrupted`: it is without its address between two of the changes. */
  readonly change: 'gains' | 'moves' | 'loses' | 'interrupted' | 'deleted' | 'pool'
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly pool?: string
  /** The controller's words. */
  readonly why: string
}
export type Planned = {
  readonly addresses: readonly AddressChange[]
  readonly announcements: readonly AnnouncementDifference[]
  /** Why the configuration would be refused, by who would refuse it. */
  readonly refused: readonly string[]
  /** What should be known beside. */
  readonly notes: readonly string[]
  /** An address that a Service has would change or go, or one that is announced would be withdrawn or go elsewhere. */
  readonly moves: boolean
}

/**
 * What the programs would do about changes applied one after the other: by the allocator of the controller and the
 * decisions of the speaker themselves.
 */
export function plan(objects: ClusterObjects, changes: readonly Change[], options: SituationOptions): Planned {
  const before = situationOf(objects, options)
  const allocation = newAllocation(objects.services, before.loadBalancerClass)
  if (before.controller.ok) usePools(allocation, before.controller.config.pools)
  const settled = new Map(allocation.services)
  const heard = allocation.log.length
  const rehearsal = rehearse(objects, allocation, changes, options)
  const now = { ...rehearsal.objects, services: [...allocation.services.values()] }
  const after = situationOf(now, { ...options, loadBalancerClass: before.loadBalancerClass })
  const ends = { before: settled, log: allocation.log.slice(heard), interrupted: rehearsal.interrupted }
  const addresses = addressChanges(ends, allocation)
  const start = situationOf({ ...objects, services: [...settled.values()] }, options)
  const announcements = announcementDifferences(start, after)
  return {
    addresses,
    announcements,
    refused: refusals(after),
    notes: [...notesOn(before, settled), ...rehearsal.notes],
    moves: addresses.some(isMove) || announcements.some((one) => isLoss(one, addresses)),
  }
}

const MOVES: ReadonlySet<AddressChange['change']> = new Set(['moves', 'loses', 'interrupted'])
const isMove = ({ change }: AddressChange): boolean => MOVES.has(change)

/** Whoever deletes a Service means that it is announced no more. */
function isLoss({ change, service }: AnnouncementDifference, addresses: readonly AddressChange[]): boolean {
  const isMeant = addresses.some((one) => one.service === service && one.change === 'deleted')
  return change !== 'announced' && !isMeant
}

type Rehearsal = {
  readonly objects: ClusterObjects
  readonly notes: readonly string[]
  /** Services that were without an address that they had. */
  readonly interrupted: ReadonlySet<string>
}

function rehearse(
  start: ClusterObjects,
  allocation: Allocation,
  changes: readonly Change[],
  { namespace }: SituationOptions,
): Rehearsal {
  const families = clusterFamilies(start.services)
  const notes: string[] = []
  const interrupted = new Set<string>()
  let objects = start
  for (const change of changes) {
    const key = keyOfChange(change, namespace)
    if (key === undefined) {
      notes.push(noEffect(change, namespace))
      continue
    }
    // What was decided so far stands in the Services, as it would in the API.
    const current = { ...objects, services: [...allocation.services.values()] }
    const step = changed(current, change, key)
    objects = step.objects
    if (key === 'services') applyService(allocation, change, step.now, families)
    else if (POOL_INPUTS.has(key)) reconfigure(allocation, objects)
    for (const name of losers(current.services, allocation)) interrupted.add(name)
  }
  return { objects, notes, interrupted }
}

/** Who lost an address in this step. */
function losers(before: readonly Service[], { services }: Allocation): readonly string[] {
  return before.flatMap(({ metadata, status }) => {
    const key = `${metadata.namespace}/${metadata.name}`
    const now = new Set(addressesOf(services.get(key)))
    const had = status?.loadBalancer?.ingress ?? []
    return had.every(({ ip }) => ip === undefined || now.has(ip)) ? [] : [key]
  })
}

/** What the controller's configuration is made of. */
const POOL_INPUTS: ReadonlySet<ObjectKey> = new Set<ObjectKey>(['pools', 'communities', 'namespaces'])

function noEffect({ object }: Change, namespace: string): string {
  const name = `${object.kind} ${object.metadata.name}`
  const place = object.metadata.namespace
  return keyOfKind(object) === undefined
    ? `${name} changes nothing here: not a kind that Steelyard reads`
    : `${name} changes nothing: it is in namespace ${place}, and only objects in ${namespace} count`
}

function applyService(
  allocation: Allocation,
  { object }: Change,
  now: Service | undefined,
  families: ReturnType<typeof clusterFamilies>,
): void {
  if (now === undefined) dropService(allocation, `${object.metadata.namespace}/${object.metadata.name}`)
  else putService(allocation, withClusterIps(now, families))
}

/** A refused configuration leaves the last good one in force. */
function reconfigure(allocation: Allocation, objects: ClusterObjects): void {
  const compiled = compileController(objects)
  if (compiled.ok) usePools(allocation, compiled.config.pools)
}

type Course = {
  readonly before: ReadonlyMap<string, Service>
  readonly log: Allocation['log']
  readonly interrupted: ReadonlySet<string>
}

function addressChanges(
  { before, log, interrupted }: Course,
  { services, told }: Allocation,
): readonly AddressChange[] {
  const keys = [...new Set([...before.keys(), ...services.keys()])].sort()
  return keys.flatMap((service): AddressChange[] => {
    const [was, is] = [before.get(service), services.get(service)]
    const [old, young] = [addressesOf(was), addressesOf(is)]
    const pool = poolOf(is)
    const said = log.flatMap((entry) => (entry.service === service ? entry.tell : []))
    const why = reasonFor(said, told.get(service)?.tells ?? [])
    const change =
      is === undefined
        ? deletionOf(old)
        : changeOf({ old, young, isInterrupted: interrupted.has(service), isOtherPool: poolOf(was) !== pool })
    if (change === undefined) return []
    return [{ service, change, before: old, after: young, ...(pool === undefined ? {} : { pool }), why }]
  })
}

/** Why it was cleared says more than what it got instead; what is wrong in the end says most. */
function reasonFor(said: readonly Tell[], last: readonly Tell[]): string {
  const tell =
    last.findLast(({ type }) => type === 'Warning') ??
    said.findLast(({ reason }) => reason === 'ClearAssignment') ??
    said.at(-1)
  return tell === undefined ? '' : `${tell.reason}: ${tell.message}`
}

function deletionOf(old: readonly string[]): 'deleted' | undefined {
  return old.length === 0 ? undefined : 'deleted'
}

type Ends = {
  readonly old: readonly string[]
  readonly young: readonly string[]
  readonly isInterrupted: boolean
  readonly isOtherPool: boolean
}

function changeOf({ old, young, isInterrupted, isOtherPool }: Ends): AddressChange['change'] | undefined {
  const kept = old.filter((ip) => young.includes(ip))
  if (kept.length < old.length) return young.length === 0 ? 'loses' : 'moves'
  if (isInterrupted) return 'interrupted'
  if (young.length > old.length) return 'gains'
  return isOtherPool ? 'pool' : undefined
}

function addressesOf(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? [])
}

function poolOf(service: Service | undefined): string | undefined {
  return service?.metadata.annotations?.['metallb.io/ip-allocated-from-pool']
}

function refusals({ controller, nodes, speakerOn }: Situation): readonly string[] {
  const byController = controller.ok ? [] : controller.problems.map((one) => `controller: ${describeProblem(one)}`)
  const byText = new Map<string, string[]>()
  for (const { name } of nodes) {
    const compiled = speakerOn(name)
    for (const problem of compiled.ok ? [] : compiled.problems) {
      const text = describeProblem(problem)
      byText.set(text, [...(byText.get(text) ?? []), name])
    }
  }
  return [...byController, ...[...byText].map(([text, on]) => `speakers on ${on.join(', ')}: ${text}`)]
}

function notesOn({ controller, services }: Situation, settled: ReadonlyMap<string, Service>): readonly string[] {
  if (!controller.ok)
    return [
      'the configuration as it is now is refused: which one is in force is not known, so addresses are compared with those that Services show',
    ]
  const late = [...settled].filter(
    ([key, service]) => addressesOf(service).join() !== addressesOf(services.get(key)).join(),
  )
  return late.length === 0
    ? []
    : [`the controller has yet to act on ${late.map(([key]) => key).join(', ')}, whatever is applied`]
}
