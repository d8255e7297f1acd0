import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Clock, sleep, systemClock } from './clock.ts'
import { fakeClock, settle } from './fake-clock.ts'

/** What every clock promises; `pass` lets that much time go by. */
type Subject = { readonly name: string; readonly clock: Clock; readonly pass: (ms: number) => Promise<void> }

function subjects(): Subject[] {
  const fake = fakeClock()
  return [
    { name: 'the system clock', clock: systemClock, pass: (ms) => sleep(systemClock, ms) },
    { name: 'a fake clock', clock: fake, pass: (ms) => fake.advanceAsync(ms) },
  ]
}

for (const { name, clock, pass } of subjects()) {
  describe(name, () => {
    it('never wakes anybody early', async () => {
      const early: number[] = []
      for (let at = 0; at < 20; at++) {
        const when = clock.now() + at / 7
        clock.wakeAt(when, () => {
          if (clock.now() < when) early.push(when - clock.now())
        })
      }
      await pass(20)
      assert.deepEqual(early, [])
    })

    it('wakes in the order of time, not of asking', async () => {
      const woken: string[] = []
      const now = clock.now()
      clock.wakeAt(now + 9, () => woken.push('late'))
      clock.wakeAt(now + 1, () => woken.push('soon'))
      await pass(30)
      assert.deepEqual(woken, ['soon', 'late'])
    })

    it('wakes for a time that has passed, but not before returning', async () => {
      let woken = false
      clock.wakeAt(clock.now() - 5, () => {
        woken = true
      })
      assert.equal(woken, false)
      await pass(5)
      assert.equal(woken, true)
    })

    it('does not wake whoever cancelled, twice or not', async () => {
      let woken = false
      const cancel = clock.wakeAt(clock.now() + 1, () => {
        woken = true
      })
      cancel()
      cancel()
      await pass(10)
      assert.equal(woken, false)
    })

    it('does not fire at once for a time beyond what a timer holds', async () => {
      let woken = false
      const cancel = clock.wakeAt(clock.now() + 2 ** 40, () => {
        woken = true
      })
      await pass(10)
      cancel()
      assert.equal(woken, false)
    })

    it('goes on, never back', async () => {
      const before = clock.now()
      await pass(2)
      assert.ok(clock.now() >= before + 2)
    })
  })
}

describe('the system clock, beyond what a timer holds', () => {
  it('hops, and does not spin', async () => {
    const warnings: string[] = []
    const listen = ({ name }: Error): void => void warnings.push(name)
    process.on('warning', listen)
    const cancel = systemClock.wakeAt(systemClock.now() + 2 ** 40, () => assert.fail('woken'))
    await sleep(systemClock, 5)
    cancel()
    process.off('warning', listen)
    assert.deepEqual(warnings, [])
  })
})

describe('sleep', () => {
  it('ends when its time has come', async () => {
    const clock = fakeClock()
    let awake = false
    const done = sleep(clock, 100).then(() => (awake = true))
    await clock.advanceAsync(99)
    assert.equal(awake, false)
    await clock.advanceAsync(1)
    assert.equal(awake, true)
    await done
  })

  it('ends at once when it is aborted, and leaves no wake behind', async () => {
    const clock = fakeClock()
    const stop = new AbortController()
    const done = sleep(clock, 100, stop.signal)
    await settle()
    stop.abort()
    await done
    assert.equal(clock.nextWakeAt(), undefined)
  })

  it('does not begin when it was aborted before', async () => {
    const clock = fakeClock()
    await sleep(clock, 100, AbortSignal.abort())
    assert.equal(clock.nextWakeAt(), undefined)
  })

  it('leaves no listener on a signal that lives on', async () => {
    const clock = fakeClock()
    const stop = new AbortController()
    const listeners = { added: 0, removed: 0 }
    const signal = Object.assign(stop.signal, {
      addEventListener: (...args: Parameters<AbortSignal['addEventListener']>) => {
        listeners.added++
        EventTarget.prototype.addEventListener.apply(stop.signal, args)
      },
      removeEventListener: (...args: Parameters<AbortSignal['removeEventListener']>) => {
        listeners.removed++
        EventTarget.prototype.removeEventListener.apply(stop.signal, args)
      },
    })
    const done = sleep(clock, 5, signal)
    await clock.advanceAsync(5)
    await done
    assert.deepEqual(listeners, { added: 1, removed: 1 })
  })
})
