import type { Sharing } from './sharing.ts'
import { addItem, isEmptySet, itemsFrom, removeItem, type SortedSet, sortedSet } from './sorted-set.ts'
import { type Spot, type Topic, topicOf } from './spots.ts'

/** A Service that wants more than it has. */
export type Waiter = { readonly service: string; readonly createdAt: string }

/** Those who wait for the same with the same needs: what helps one of them helps the oldest. */
export type Queue = {
  readonly key: string
  readonly topics: readonly Topic[]
  readonly sharing: Sharing
  readonly waiting: SortedSet<Waiter>
}

/** Who waits for what. Each change wakes only those whom it helps, so that a thousand who wait cost nothing. */
export type Waiters = {
  readonly queues: Map<string, Queue>
  readonly byTopic: Map<Topic, Set<Queue>>
  readonly services: Map<string, { readonly waiter: Waiter; readonly queue: Queue }>
}

export function noWaiters(): Waiters {
  return { queues: new Map(), byTopic: new Map(), services: new Map() }
}

/** The API's times are all of one form and in UTC, so their text orders them; equals by name. */
export function compareAge(a: Waiter, b: Waiter): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? -1 : 1
  if (a.service === b.service) return 0
  return a.service < b.service ? -1 : 1
}

/** From now on the Service waits at these spots only; at none it waits no more. */
export function waitAt(waiters: Waiters, waiter: Waiter, spots: readonly Spot[], sharing: Sharing): void {
  waitNoMore(waiters, waiter.service)
  if (spots.length === 0) return
  const queue = queueFor(waiters, spots.map(topicOf), sharing)
  waiters.services.set(waiter.service, { waiter, queue })
  addItem(queue.waiting, waiter)
}

function queueFor({ queues, byTopic }: Waiters, topics: readonly Topic[], sharing: Sharing): Queue {
  const key = [sharing.group, sharing.ports.join(), ...topics].join('|')
  const known = queues.get(key)
  if (known !== undefined) return known
  const queue: Queue = { key, topics, sharing, waiting: sortedSet(compareAge) }
  queues.set(key, queue)
  for (const topic of topics) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(queue))
  return queue
}

export function waitNoMore(waiters: Waiters, service: string): void {
  const entry = waiters.services.get(service)
  if (entry === undefined) return
  waiters.services.delete(service)
  removeItem(entry.queue.waiting, entry.waiter)
  if (isEmptySet(entry.queue.waiting)) dropQueue(waiters, entry.queue)
}

function dropQueue({ queues, byTopic }: Waiters, queue: Queue): void {
  queues.delete(queue.key)
  for (const topic of queue.topics) {
    const others = byTopic.get(topic)
    others?.delete(queue)
    if (others?.size === 0) byTopic.delete(topic)
  }
}

export function queuesAt({ byTopic }: Waiters, spot: Spot): Iterable<Queue> {
  return byTopic.get(topicOf(spot)) ?? []
}

/** The oldest in a queue, but for those who were tried. */
export function oldestIn({ waiting }: Queue, tried: ReadonlySet<string>): Waiter | undefined {
  for (const waiter of itemsFrom(waiting)) if (!tried.has(waiter.service)) return waiter
  return undefined
}
