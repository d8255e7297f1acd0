import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { type FakeClock, fakeClock, settle } from './fake-clock.ts'
import { type KeyedQueue, keyedQueue, type KeyedQueueOptions } from './keyed-queue.ts'
import { seededRandom } from './random.ts'

/** A queue whose handlers wait until the test ends them by key, with or without an error. */
type Bench = {
  readonly queue: KeyedQueue<string>
  readonly clock: FakeClock
  /** "start a", "end a", "fail a 100", as they happened. */
  readonly log: string[]
  readonly end: (key: string, error?: Error) => Promise<void>
}

function bench(options: Partial<KeyedQueueOptions<string>> = {}): Bench {
  const clock = fakeClock()
  const log: string[] = []
  const open = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  const queue = keyedQueue<string>({
    handle: (key) => {
      assert.ok(!open.has(key), `${key} is handled twice at once`)
      log.push(`start ${key}`)
      return new Promise((resolve, reject) => open.set(key, { resolve, reject }))
    },
    onFailure: (key, _error, retryInMs) => log.push(`fail ${key} ${retryInMs}`),
    concurrency: 2,
    backoff: { firstMs: 100, maxMs: 1000 },
    clock,
    random: () => 1,
    ...options,
  })
  const end = async (key: string, error?: Error): Promise<void> => {
    const waiting = open.get(key) ?? assert.fail(`${key} does not run`)
    open.delete(key)
    if (error === undefined) {
      log.push(`end ${key}`)
      waiting.resolve()
    } else waiting.reject(error)
    await settle()
  }
  return { queue, clock, log, end }
}

describe('a keyed queue', () => {
  it('handles a key once, however often it is added before its turn', async () => {
    const { queue, log, end } = bench({ concurrency: 1 })
    queue.add('a')
    for (const key of ['b', 'b', 'c', 'b']) queue.add(key)
    assert.equal(queue.size(), 3)
    for (const key of ['a', 'b', 'c']) await end(key)
    assert.deepEqual(log, ['start a', 'end a', 'start b', 'end b', 'start c', 'end c'])
    assert.equal(queue.size(), 0)
  })

  it('runs as many at once as it may, and no more', async () => {
    const { queue, log, end } = bench({ concurrency: 2 })
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key)
    assert.deepEqual(log, ['start a', 'start b'])
    await end('b')
    assert.deepEqual(log.slice(2), ['end b', 'start c'])
  })

  it('handles a key once more that was added while it ran, and not at the same time', async () => {
    const { queue, log, end } = bench()
    queue.add('a')
    queue.add('a')
    queue.add('a')
    assert.deepEqual(log, ['start a'])
    await end('a')
    await end('a')
    assert.deepEqual(log, ['start a', 'end a', 'start a', 'end a'])
    assert.equal(queue.size(), 0)
  })

  it('goes on with others while a key that was added again still runs', async () => {
    const { queue, log, end } = bench({ concurrency: 2 })
    queue.add('a')
    queue.add('a')
    queue.add('b')
    assert.deepEqual(log, ['start a', 'start b'])
    await end('b')
    assert.deepEqual(log.at(-1), 'end b')
  })

  it('tries again after a failure, waiting longer each time, and forgets failures after success', async () => {
    const { queue, clock, log, end } = bench()
    queue.add('a')
    for (const wait of [100, 200, 400, 800, 1000, 1000]) {
      await end('a', new Error('no'))
      assert.equal(log.at(-1), `fail a ${wait}`)
      assert.equal(queue.size(), 1)
      await clock.advanceAsync(wait - 1)
      assert.equal(log.at(-1), `fail a ${wait}`, 'too early')
      await clock.advanceAsync(1)
      assert.equal(log.at(-1), 'start a')
    }
    await end('a')
    queue.add('a')
    await end('a', new Error('no'))
    assert.equal(log.at(-1), 'fail a 100')
  })

  it('does not wait for the retry of a key that is added', async () => {
    const { queue, clock, log, end } = bench()
    queue.add('a')
    await end('a', new Error('no'))
    queue.add('a')
    assert.equal(log.at(-1), 'start a')
    await end('a')
    assert.equal(clock.nextWakeAt(), undefined)
    assert.equal(queue.size(), 0)
  })

  it('handles a key at once that was added while it was about to fail', async () => {
    const { queue, clock, log, end } = bench()
    queue.add('a')
    queue.add('a')
    await end('a', new Error('no'))
    assert.deepEqual(log, ['start a', 'fail a 100', 'start a'])
    assert.equal(clock.nextWakeAt(), undefined)
    await end('a')
    assert.equal(queue.size(), 0)
  })

  it('retries a handler that throws before it returns a promise', async () => {
    const failures: string[] = []
    const { queue, clock } = bench({
      handle: () => {
        throw new Error('at once')
      },
      onFailure: (key, error) => failures.push(`${key} ${String(error)}`),
    })
    queue.add('a')
    await clock.advanceAsync(150)
    assert.deepEqual(failures, ['a Error: at once', 'a Error: at once'])
    await queue.stop()
  })

  it('lets a handler add other keys, and its own', async () => {
    const seen: string[] = []
    const { queue } = bench({
      concurrency: 1,
      handle: async (key) => {
        seen.push(key)
        if (seen.length < 4) {
          queue.add(`${key}x`)
          queue.add(key)
        }
        await Promise.resolve()
      },
    })
    queue.add('a')
    await queue.idle()
    assert.deepEqual(seen, ['a', 'ax', 'a', 'axx', 'ax', 'a'])
    assert.equal(queue.size(), 0)
  })

  it('is idle once nothing waits, runs or backs off', async () => {
    const { queue, clock, end } = bench()
    let idle = false
    await queue.idle()
    queue.add('a')
    void queue.idle().then(() => (idle = true))
    await end('a', new Error('no'))
    assert.equal(idle, false)
    await clock.advanceAsync(100)
    assert.equal(idle, false)
    await end('a')
    assert.equal(idle, true)
  })

  it('stops: what runs may end, nothing else begins, and retries are dropped', async () => {
    const { queue, clock, log, end } = bench({ concurrency: 2 })
    for (const key of ['a', 'b', 'c']) queue.add(key)
    await end('b', new Error('no'))
    let stopped = false
    const done = queue.stop().then(() => (stopped = true))
    await settle()
    assert.equal(stopped, false)
    queue.add('d')
    await end('a', new Error('no'))
    await end('c')
    await done
    await clock.advanceAsync(10_000)
    assert.deepEqual(log, ['start a', 'start b', 'fail b 100', 'start c', 'fail a 100', 'end c'])
    assert.deepEqual([stopped, queue.size(), clock.nextWakeAt()], [true, 0, undefined])
  })

  it('stops at once when nothing runs, and stays so', async () => {
    const { queue, log } = bench()
    await queue.stop()
    await queue.stop()
    queue.add('a')
    assert.deepEqual([log, queue.size()], [[], 0])
  })

  it('misses no change, whatever happens in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 3 }), async (seed, concurrency) => {
        const random = seededRandom(seed)
        const clock = fakeClock()
        const wanted = new Map<string, number>()
        const done = new Map<string, number>()
        const running = new Set<string>()
        const handle = async (key: string): Promise<void> => {
          assert.ok(!running.has(key) && running.size < concurrency)
          running.add(key)
          const level = wanted.get(key) ?? 0
          await new Promise<void>((resolve) => void clock.wakeAt(clock.now() + random() * 20, resolve))
          running.delete(key)
          if (random() < 0.3) throw new Error('no')
          done.set(key, level)
        }
        const backoff = { firstMs: 5, maxMs: 50 }
        const queue = keyedQueue({ handle, onFailure: () => undefined, concurrency, backoff, clock, random })
        for (let change = 0; change < 40; change++) {
          const key = 'abcd'.charAt(Math.floor(random() * 4))
          wanted.set(key, change)
          queue.add(key)
          await clock.advanceAsync(random() * 8)
        }
        await clock.advanceAsync(5000)
        assert.deepEqual([queue.size(), done], [0, wanted])
      }),
      { numRuns: 15 },
    )
  })
})
