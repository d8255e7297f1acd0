/** Something that is due at a time. `place` belongs to the heap that holds it. */
export type Timed = { due: number; place: number }

/** The earliest first. Adding, taking and removing cost O(log n); removing leaves nothing behind. */
export type DeadlineHeap<Item extends Timed> = { readonly items: Item[] }

export function deadlineHeap<Item extends Timed>(): DeadlineHeap<Item> {
  return { items: [] }
}

export function earliest<Item extends Timed>(heap: DeadlineHeap<Item>): Item | undefined {
  return heap.items[0]
}

export function insert<Item extends Timed>(heap: DeadlineHeap<Item>, item: Item): void {
  put(heap, item, heap.items.length)
  rise(heap, item)
}

/** @param item must be in this heap. */
export function remove<Item extends Timed>(heap: DeadlineHeap<Item>, item: Item): void {
  const last = heap.items.pop()
  if (last === undefined || last === item) return
  put(heap, last, item.place)
  rise(heap, last)
  sink(heap, last)
}

function put<Item extends Timed>({ items }: DeadlineHeap<Item>, item: Item, place: number): void {
  items[place] = item
  item.place = place
}

function rise<Item extends Timed>(heap: DeadlineHeap<Item>, item: Item): void {
  while (item.place > 0) {
    const above = (item.place - 1) >> 1
    const parent = heap.items[above]
    if (parent === undefined || parent.due <= item.due) return
    put(heap, parent, item.place)
    put(heap, item, above)
  }
}

function sink<Item extends Timed>(heap: DeadlineHeap<Item>, item: Item): void {
  for (;;) {
    const child = earlierChild(heap, item.place)
    if (child === undefined || child.due >= item.due) return
    const below = child.place
    put(heap, child, item.place)
    put(heap, item, below)
  }
}

function earlierChild<Item extends Timed>({ items }: DeadlineHeap<Item>, place: number): Item | undefined {
  const left = items[2 * place + 1]
  const right = items[2 * place + 2]
  if (left === undefined || right === undefined) return left
  return right.due < left.due ? right : left
}
