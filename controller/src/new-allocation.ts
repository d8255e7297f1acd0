import { ApiError } from '@steelyard/kube'
import { keyedQueue } from '@steelyard/runtime'
import type { Allocation } from './allocation.ts'
import { newAllocator } from './decide/allocator.ts'
import type { World } from './world.ts'
import { reportFailure, writeService } from './write-service.ts'

/** Leaves some of the client's connections to Events, the Lease and the other statuses. */
const WRITES_AT_ONCE = 12
const WRITE_BACKOFF = { firstMs: 50, maxMs: 5000 }

export type AllocationOptions = {
  /** The one class that is served; empty: Services without any. */
  readonly loadBalancerClass: string
  /** The counters of a pool changed. */
  readonly onRecount: (pool: string) => void
}

/** Knows no Service and has no pools yet: then it decides nothing. */
export function newAllocation(world: World, { loadBalancerClass, onRecount }: AllocationOptions): Allocation {
  const allocation: Allocation = {
    world,
    allocator: newAllocator(loadBalancerClass),
    tracked: new Map(),
    failing: new Map(),
    onRecount,
    writes: keyedQueue({
      handle: (key) => writeService(allocation, key),
      onFailure: (key, error, retryInMs) => {
        // Anything else is a mistake of ours, and ends the process.
        if (!(error instanceof ApiError)) throw error
        reportFailure(allocation, key, error, retryInMs)
      },
      concurrency: WRITES_AT_ONCE,
      backoff: WRITE_BACKOFF,
      clock: world.clock,
      random: world.random,
    }),
  }
  return allocation
}
