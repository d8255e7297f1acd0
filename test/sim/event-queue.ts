/** What happens when, on a simulated clock: the earliest first, and of the same time the one that was put in first. */
export type EventQueue<T> = { readonly heap: Entry<T>[]; put: number }

type Entry<T> = { readonly at: number; readonly order: number; readonly event: T }

export function eventQueue<T>(): EventQueue<T> {
  return { heap: [], put: 0 }
}

export function putEvent<T>(queue: EventQueue<T>, at: number, event: T): void {
  const { heap } = queue
  const entry = { at, order: queue.put++, event }
  let place = heap.length
  heap.push(entry)
  while (place > 0) {
    const above = (place - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || isBefore(parent, entry)) break
    heap[place] = parent
    place = above
  }
  heap[place] = entry
}

export function nextEventAt<T>({ heap }: EventQueue<T>): number | undefined {
  return heap[0]?.at
}

export function takeEvent<T>({ heap }: EventQueue<T>): { readonly at: number; readonly event: T } | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (first === undefined || last === undefined || heap.length === 0) return first
  sink(heap, last)
  return first
}

function sink<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let place = 0
  for (;;) {
    const child = lesserChild(heap, place)
    const below = heap[child]
    if (below === undefined || isBefore(entry, below)) break
    heap[place] = below
    place = child
  }
  heap[place] = entry
}

function lesserChild<T>(heap: readonly Entry<T>[], place: number): number {
  const [left, right] = [2 * place + 1, 2 * place + 2]
  const [one, other] = [heap[left], heap[right]]
  return one !== undefined && other !== undefined && isBefore(other, one) ? right : left
}

function isBefore<T>(one: Entry<T>, other: Entry<T>): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order)
}
