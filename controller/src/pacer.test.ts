import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '@steelyard/runtime'
import { pacer } from './pacer.ts'

describe('a pacer', () => {
  it('lets the first ask through at once and the others together at the end of the window', () => {
    const clock = fakeClock()
    const runs: string[] = []
    const paced = pacer<string>(clock, 100, (key) => runs.push(`${key}@${clock.now()}`))
    paced.ask('a')
    clock.advance(0)
    for (let at = 0; at < 9; at++) {
      paced.ask('a')
      clock.advance(10)
    }
    clock.advance(1000)
    assert.deepEqual(runs, ['a@0', 'a@100'])
  })

  it('paces each key by itself', () => {
    const clock = fakeClock()
    const runs: string[] = []
    const paced = pacer<string>(clock, 100, (key) => runs.push(`${key}@${clock.now()}`))
    paced.ask('a')
    clock.advance(30)
    paced.ask('b')
    paced.ask('a')
    clock.advance(200)
    assert.deepEqual(runs, ['a@0', 'b@30', 'a@100'])
  })

  it('runs nothing once stopped', () => {
    const clock = fakeClock()
    const runs: string[] = []
    const paced = pacer<string>(clock, 100, (key) => runs.push(key))
    paced.ask('a')
    paced.stop()
    clock.advance(1000)
    assert.deepEqual(runs, [])
  })
})
