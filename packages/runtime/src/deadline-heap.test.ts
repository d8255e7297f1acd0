import { seededRandom } from './random.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deadlineHeap, earliest, insert, remove, type Timed } from './deadline-heap.ts'

describe('the deadline heap', () => {
  it('has no earliest when it is empty', () => assert.equal(earliest(deadlineHeap()), undefined))

  it('agrees with sorting over a long random history of adding, taking and removing', () => {
    const random = seededRandom(11)
    const heap = deadlineHeap<Timed>()
    const model = new Set<Timed>()
    for (let turn = 0; turn < 20_000; turn++) {
      if (random() < 0.55) {
        const item = { due: Math.floor(random() * 500), place: 0 }
        insert(heap, item)
        model.add(item)
      } else {
        const victim = random() < 0.5 ? earliest(heap) : [...model][Math.floor(random() * model.size)]
        if (victim === undefined) continue
        remove(heap, victim)
        model.delete(victim)
      }
      if (turn % 50 === 0)
        assert.equal(earliest(heap)?.due ?? Infinity, Math.min(Infinity, ...[...model].map(({ due }) => due)))
    }
    const drained: number[] = []
    for (let item = earliest(heap); item !== undefined; item = earliest(heap)) {
      drained.push(item.due)
      remove(heap, item)
    }
    assert.deepEqual(
      drained,
      [...model].map(({ due }) => due).sort((a, b) => a - b),
    )
  })
})
