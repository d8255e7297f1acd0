import { keyOf } from '@steelyard/kube'
import { timed } from '@steelyard/metrics'
import { ANNOTATIONS, type Pool, type Service, viewService } from '@steelyard/model'
import type { KeyedQueue } from '@steelyard/runtime'
import { type Allocator, configure, type Decision, note, observe, remove } from './decide/allocator.ts'
import type { Tell } from './decide/outcome.ts'
import { isNewer, isSameVersion } from './resource-version.ts'
import type { World } from './world.ts'

/** A Service as the API was last seen to have it, be it by the watch or by the answer to a write. */
export type Tracked = {
  object: Service
  /** What became of the last write is not known: it is read before there is another one. */
  isUncertain: boolean
}

/** The allocator at work: it hears of Services, decides, and sees to it that what was decided is stored. */
export type Allocation = {
  readonly world: World
  readonly allocator: Allocator
  readonly tracked: Map<string, Tracked>
  readonly writes: KeyedQueue<string>
  /** By Service: why its last write failed. */
  readonly failing: Map<string, string>
  /** The counters of a pool changed. */
  readonly onRecount: (pool: string) => void
}

/** Before the first full pass: remembers what a Service holds, decides nothing. */
export function learnService(allocation: Allocation, service: Service): void {
  if (!isOfInterest(service)) return
  allocation.tracked.set(keyOf(service), { object: service, isUncertain: false })
  note(allocation.allocator, viewService(service))
}

/** The API has this Service now. What is known already, or older than that, changes nothing. */
export function takeService(allocation: Allocation, service: Service): void {
  const key = keyOf(service)
  const known = allocation.tracked.get(key)
  if (known === undefined && !isOfInterest(service)) return
  if (known !== undefined && isSameVersion(service, known.object)) known.object = service
  else if (known === undefined || isNewer(service, known.object)) decideOn(allocation, service)
}

/** Decides about a Service as it is, even when it is no news: what is known of its writes may be. */
export function decideOn(allocation: Allocation, service: Service): void {
  const key = keyOf(service)
  const known = allocation.tracked.get(key)
  const isAnother = known?.object.metadata.uid !== service.metadata.uid
  if (known === undefined || isAnother) {
    allocation.tracked.set(key, { object: service, isUncertain: false })
  } else known.object = service
  const { timings, clock } = allocation.world
  timed(timings.service, clock, () => carryOut(allocation, observe(allocation.allocator, viewService(service))))
  if (allocation.allocator.subjects.get(key)?.decided === undefined && !isOfInterest(service)) forget(allocation, key)
}

/** The API has this Service no more. Another one of its name, known by a write, is not meant. */
export function dropService(allocation: Allocation, service: Service): void {
  const key = keyOf(service)
  if (allocation.tracked.get(key)?.object.metadata.uid === service.metadata.uid) forget(allocation, key)
}

function forget(allocation: Allocation, key: string): void {
  allocation.tracked.delete(key)
  allocation.failing.delete(key)
  carryOut(allocation, remove(allocation.allocator, key))
}

/** A full pass with these pools. */
export function usePools(allocation: Allocation, pools: readonly Pool[]): void {
  carryOut(allocation, configure(allocation.allocator, pools))
  for (const { name } of pools) allocation.onRecount(name)
}

/** Most Services of a cluster are of other types and never were ours: they cost nothing. */
export function isOfInterest({ spec, status, metadata }: Service): boolean {
  const shows = (status?.loadBalancer?.ingress ?? []).length > 0
  return spec?.type === 'LoadBalancer' || shows || metadata.annotations?.[ANNOTATIONS.allocatedFromPool] !== undefined
}

/** Tells what was decided and queues what is to be stored. */
function carryOut(allocation: Allocation, decisions: readonly Decision[]): void {
  const { allocator, writes, onRecount } = allocation
  for (const decision of decisions) {
    for (const tell of decision.tells) tellOf(allocation, decision.service, tell)
    if (allocator.subjects.get(decision.service)?.decided !== undefined) writes.add(decision.service)
  }
  logProblems(allocation, decisions)
  for (const pool of allocator.ledger.recounted) onRecount(pool)
  allocator.ledger.recounted.clear()
}

/** One line for each problem, however many Services have it. */
function logProblems({ world }: Allocation, decisions: readonly Decision[]): void {
  const affected = Map.groupBy(decisions, ({ problem }) => problem)
  for (const [problem, [first, ...others] = []] of affected) {
    if (problem === undefined || first === undefined) continue
    const more = others.length === 0 ? '' : ` (and ${others.length} Services more)`
    world.log.error(`${problem}${more}`, { op: 'allocate', service: first.service })
  }
}

/** The log's words for what it keeps under `event`. */
const LOG_EVENTS: Readonly<Partial<Record<Tell['reason'], string>>> = {
  IPAllocated: 'ipAllocated',
  ClearAssignment: 'clearAssignment',
}

function tellOf({ world, tracked, allocator }: Allocation, service: string, tell: Tell): void {
  const { type, reason, message } = tell
  const event = LOG_EVENTS[reason]
  const decided = allocator.subjects.get(service)?.decided
  const fields = {
    service,
    ...(event === undefined ? { reason } : { event }),
    ...(event === 'ipAllocated' && decided !== undefined && { ips: decided.addresses, pool: decided.pool }),
  }
  if (type === 'Warning') world.log.warn(message, fields)
  else world.log.info(message, fields)
  const object = tracked.get(service)?.object
  if (object !== undefined) world.events.tell(object, type, reason, message)
}
