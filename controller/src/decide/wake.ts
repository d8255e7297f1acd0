import { freeAt, type Ledger, type Spot } from './ledger.ts'
import { addItem, firstItem, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'
import { compareAge, type Waiter, type Waiters, waitersAt } from './waiters.ts'

type World = { readonly ledger: Ledger; readonly waiters: Waiters }

type Wake = {
  /** Everybody who waits for an address, or for room among sharers, that changed. */
  readonly pending: SortedSet<Waiter>
  /** Pools and families in which something became free: their queues are served while something is. */
  readonly free: Set<Spot>
  readonly tried: Set<string>
}

/**
 * Serves those who wait where the ledger was touched, the oldest first, each at most once. A queue before a full pool
 * costs one look, however long it is.
 * @param serve decides about one of them; what that touches is served in the same go
 */
export function wakeWaiters<Result>(world: World, serve: (service: string) => Result): Result[] {
  const wake: Wake = { pending: sortedSet(compareAge), free: new Set(), tried: new Set() }
  const results: Result[] = []
  gather(world, wake)
  for (let next = oldest(world, wake); next !== undefined; next = oldest(world, wake)) {
    wake.tried.add(next.service)
    removeItem(wake.pending, next)
    results.push(serve(next.service))
    gather(world, wake)
  }
  return results
}

function gather({ ledger, waiters }: World, { pending, free, tried }: Wake): void {
  for (const spot of ledger.touched) {
    if (!waiters.bySpot.has(spot)) continue
    if (freeAt(ledger, spot) !== undefined) free.add(spot)
    else addUntried(pending, waitersAt(waiters, spot), tried)
  }
  ledger.touched.clear()
}

function addUntried(pending: Wake['pending'], candidates: Iterable<Waiter>, tried: Wake['tried']): void {
  for (const waiter of candidates) if (!tried.has(waiter.service)) addItem(pending, waiter)
}

function oldest({ ledger, waiters }: World, { pending, free, tried }: Wake): Waiter | undefined {
  let best = firstItem(pending)
  for (const spot of free) {
    const first = freeAt(ledger, spot) === true ? firstUntried(waiters, spot, tried) : undefined
    if (first === undefined) free.delete(spot)
    else if (best === undefined || compareAge(first, best) < 0) best = first
  }
  return best
}

function firstUntried(waiters: Waiters, spot: Spot, tried: ReadonlySet<string>): Waiter | undefined {
  for (const waiter of waitersAt(waiters, spot)) if (!tried.has(waiter.service)) return waiter
  return undefined
}
