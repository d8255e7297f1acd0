import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sleep } from './clock.ts'
import { fakeClock } from './fake-clock.ts'

describe('a fake clock', () => {
  it('starts at 0 and moves by hand only', () => {
    const clock = fakeClock()
    assert.equal(clock.now(), 0)
    clock.advance(5)
    assert.equal(clock.now(), 5)
  })

  it('shows each wake its own time, and ends where it was told to', () => {
    const clock = fakeClock()
    const seen: number[] = []
    for (const when of [30, 10, 20]) clock.wakeAt(when, () => seen.push(clock.now()))
    clock.advance(25)
    assert.deepEqual([seen, clock.now(), clock.nextWakeAt()], [[10, 20], 25, 30])
  })

  it('runs wakes that ask for another, as far as they fall due', () => {
    const clock = fakeClock()
    const seen: number[] = []
    const again = (): void => {
      seen.push(clock.now())
      clock.wakeAt(clock.now() + 10, again)
    }
    clock.wakeAt(10, again)
    clock.advance(35)
    assert.deepEqual(seen, [10, 20, 30])
  })

  it('keeps the order of asking among wakes of one time', () => {
    const clock = fakeClock()
    const seen: string[] = []
    for (const name of ['a', 'b', 'c']) clock.wakeAt(7, () => seen.push(name))
    clock.advance(7)
    assert.deepEqual(seen, ['a', 'b', 'c'])
  })

  it('lets a wake cancel another of the same time', () => {
    const clock = fakeClock()
    const seen: string[] = []
    clock.wakeAt(7, () => {
      seen.push('a')
      cancel()
    })
    const cancel = clock.wakeAt(7, () => seen.push('b'))
    clock.advance(10)
    assert.deepEqual(seen, ['a'])
  })

  it('lets code that awaits between two waits go all the way', async () => {
    const clock = fakeClock()
    const seen: number[] = []
    const work = async (): Promise<void> => {
      for (let turn = 0; turn < 3; turn++) {
        await sleep(clock, 10)
        seen.push(clock.now())
      }
    }
    const done = work()
    await clock.advanceAsync(30)
    await done
    assert.deepEqual([seen, clock.nextWakeAt()], [[10, 20, 30], undefined])
  })
})
