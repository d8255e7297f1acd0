import {
  admittingPools,
  type Allocator,
  configure,
  type Decision,
  newAllocator,
  note,
  observe,
  pickFrom,
  remove,
  shortageOf,
  storing,
  type Tell,
  type Wish,
  wishOf,
} from '@steelyard/controller'
import { type Pool, type Service, type ServiceView, viewService } from '@steelyard/model'

/**
 * The controller's own allocator over objects that need no API: what it decides is stored in them at once, as if every
 * write went well.
 */
export type Allocation = {
  readonly allocator: Allocator
  readonly services: Map<string, Service>
  /** What was told of each Service last. */
  readonly told: Map<string, Told>
  /** All that was told, in its order. */
  readonly log: { readonly service: string; readonly tell: Tell }[]
}
export type Told = { readonly tells: readonly Tell[]; readonly problem?: string }

export function newAllocation(services: Iterable<Service>, loadBalancerClass: string): Allocation {
  const allocation: Allocation = {
    allocator: newAllocator(loadBalancerClass),
    services: new Map(),
    told: new Map(),
    log: [],
  }
  for (const service of services) {
    const view = viewService(service)
    allocation.services.set(view.key, service)
    note(allocation.allocator, view)
  }
  return allocation
}

/** A configuration comes into force. */
export function usePools(allocation: Allocation, pools: readonly Pool[]): void {
  settle(allocation, configure(allocation.allocator, pools))
}

/** A Service is new or changed; its status is its own affair. */
export function putService(allocation: Allocation, service: Service): void {
  const view = viewService(service)
  allocation.services.set(view.key, service)
  settle(allocation, observe(allocation.allocator, view))
}

export function dropService(allocation: Allocation, key: string): void {
  allocation.services.delete(key)
  allocation.told.delete(key)
  settle(allocation, remove(allocation.allocator, key))
}

/** Stores what was decided, and what that leads to, until nothing is left to store. */
function settle(allocation: Allocation, decisions: readonly Decision[]): void {
  keepWords(allocation, decisions)
  const { subjects } = allocation.allocator
  let open = decisions.map(({ service }) => service)
  while (open.length > 0) {
    open = open.flatMap((key) => {
      const [service, decided] = [allocation.services.get(key), subjects.get(key)?.decided]
      if (decided === undefined || service === undefined) return []
      const stored = storing(service, decided)
      allocation.services.set(key, stored)
      const further = observe(allocation.allocator, viewService(stored))
      keepWords(allocation, further)
      return further.map((decision) => decision.service)
    })
  }
}

/** A decision that has nothing new to say leaves what was said. */
function keepWords({ told, log, allocator }: Allocation, decisions: readonly Decision[]): void {
  for (const { service, tells, problem } of decisions) {
    log.push(...tells.map((tell) => ({ service, tell })))
    const isQuiet = tells.length === 0 && problem === undefined
    if (isQuiet && allocator.subjects.get(service)?.said.size !== 0) continue
    told.set(service, { tells, ...(problem !== undefined && { problem }) })
  }
}

/** What each pool has for a Service: why it could serve it, or not. */
export type PoolVerdict = {
  readonly pool: string
  readonly verdict: 'notNamed' | 'serviceAllocation' | 'autoAssignFalse' | 'short' | 'candidate'
  readonly message: string
}

export function poolVerdicts({ allocator }: Allocation, view: ServiceView): readonly PoolVerdict[] {
  const wish = wishOf(view)
  return [...(allocator.pools?.byName.values() ?? [])].map((pool) => ({
    pool: pool.name,
    ...verdictOn(allocator, pool, wish),
  }))
}

function verdictOn({ ledger }: Allocator, pool: Pool, wish: Wish): Omit<PoolVerdict, 'pool'> {
  if (wish.pool !== undefined && wish.pool.value !== pool.name) {
    return { verdict: 'notNamed', message: `annotation ${wish.pool.key} names pool ${wish.pool.value}` }
  }
  if (admittingPools([pool], wish).length === 0) {
    return { verdict: 'serviceAllocation', message: 'its serviceAllocation does not admit the Service' }
  }
  if (!pool.autoAssign && wish.pool === undefined && wish.explicit.kind === 'none') {
    return {
      verdict: 'autoAssignFalse',
      message: 'autoAssign is false, and the Service names neither pool nor address',
    }
  }
  return pickFrom(ledger, [pool], wish) === undefined
    ? { verdict: 'short', message: shortageOf(ledger, pool, wish) }
    : { verdict: 'candidate', message: 'has room' }
}
