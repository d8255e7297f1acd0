import { hasFreeAddress, hasRoomAt, type Ledger } from './ledger.ts'
import { groupOfSlot } from './slot.ts'
import type { Topic, Touch } from './spots.ts'
import { compareAge, oldestIn, type Queue, queuesAt, type Waiter, type Waiters } from './waiters.ts'

type World = { readonly ledger: Ledger; readonly waiters: Waiters }

/** Whose turn it may be, and what gave the chance. */
type Chances = Map<Queue, Map<Topic, Touch>>

/**
 * Serves those who wait where the ledger was touched, the oldest first, each at most once. A queue whose first one
 * cannot be served costs one look at the ledger, however long it is.
 * @param serve decides about one of them; what that touches is served in the same go
 */
export function wakeWaiters<Result>(world: World, serve: (service: string) => Result): Result[] {
  const chances: Chances = new Map()
  const tried = new Set<string>()
  const results: Result[] = []
  gather(world, chances)
  for (let next = oldest(world, chances, tried); next !== undefined; next = oldest(world, chances, tried)) {
    tried.add(next.service)
    results.push(serve(next.service))
    gather(world, chances)
  }
  return results
}

function gather(world: World, chances: Chances): void {
  const { touched } = world.ledger
  for (const [topic, touch] of touched) {
    for (const queue of queuesTouched(world, touch)) {
      if (isChance(world.ledger, queue, touch)) chances.set(queue, (chances.get(queue) ?? new Map()).set(topic, touch))
    }
  }
  touched.clear()
}

/** Those who wait for this, and those who would share wherever this address's tenants share. */
function queuesTouched({ ledger, waiters }: World, touch: Touch): Queue[] {
  const queues = [...queuesAt(waiters, touch)]
  const slot = touch.kind === 'address' ? ledger.slots.get(touch.address) : undefined
  const group = slot && groupOfSlot(slot)
  if (slot === undefined || group === undefined) return queues
  const { pool, address } = slot.place
  return [...queues, ...queuesAt(waiters, { kind: 'share', pool: pool.name, family: address.family, group })]
}

function isChance(ledger: Ledger, { sharing }: Queue, touch: Touch): boolean {
  return touch.kind === 'free'
    ? hasFreeAddress(ledger, touch.pool, touch.family)
    : hasRoomAt(ledger, touch.address, sharing)
}

function oldest({ ledger }: World, chances: Chances, tried: ReadonlySet<string>): Waiter | undefined {
  let best: Waiter | undefined
  for (const [queue, touches] of chances) {
    const first = hasChance(ledger, queue, touches) ? oldestIn(queue, tried) : undefined
    if (first === undefined) chances.delete(queue)
    else if (best === undefined || compareAge(first, best) < 0) best = first
  }
  return best
}

/** Forgets chances that others took. */
function hasChance(ledger: Ledger, queue: Queue, touches: Map<Topic, Touch>): boolean {
  for (const [topic, touch] of touches) {
    if (isChance(ledger, queue, touch)) return true
    touches.delete(topic)
  }
  return false
}
