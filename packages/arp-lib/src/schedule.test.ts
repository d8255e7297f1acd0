import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  announce,
  announceAgain,
  nextRoundAt,
  rescale,
  type Round,
  type Schedule,
  schedule,
  SCHEDULE,
  type ScheduleConfig,
  silence,
  spend,
  takeDue,
} from './schedule.ts'

const BURST_MS = [0, 50, 150, 350, 750, 1750, 2750, 3750, 4750]

type Heard = Round & { readonly at: number }

/** Turns the schedule as its loop does: sleeps until the next round, a whole millisecond at least. */
function run(state: Schedule, from: number, until: number, config: ScheduleConfig = SCHEDULE): Heard[] {
  const random = seededRandom(5)
  const heard: Heard[] = []
  for (let now = from; now <= until;) {
    heard.push(...takeDue(state, now, config, random).map((round) => ({ ...round, at: now })))
    now = Math.max(now + 1, Math.ceil(nextRoundAt(state, config) ?? Infinity))
  }
  return heard
}
const times = (heard: readonly Heard[], key = 'a'): number[] =>
  heard.filter((one) => one.key === key).map(({ at }) => at)

describe('the announcement schedule', () => {
  it('announces at once, at 50, 150, 350 and 750 ms, then each second until 5 s, and not before a minute then', () => {
    const state = schedule()
    announce(state, 'a', 2, 1000)
    assert.deepEqual(
      times(run(state, 1000, 40_000)).map((at) => at - 1000),
      BURST_MS,
    )
  })

  it('refreshes each minute, give or take a quarter', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    const at = times(run(state, 0, 3_600_000)).slice(BURST_MS.length - 1)
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0))
    assert.ok(gaps.length >= 48 && gaps.length <= 80, `${gaps.length} refreshes an hour`)
    assert.ok(
      gaps.every((gap) => gap >= 45_000 && gap <= 75_001),
      String(gaps),
    )
    assert.ok(new Set(gaps).size > gaps.length / 2, 'the gaps differ')
  })

  it('numbers the rounds of a burst from 0', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    assert.deepEqual(
      run(state, 0, 400).map(({ round }) => round),
      [0, 1, 2, 3],
    )
  })

  it('fires nothing for a sync without a change', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    run(state, 0, 10_000)
    announce(state, 'a', 2, 10_000)
    assert.deepEqual(run(state, 10_000, 20_000), [])
  })

  it('starts the burst anew after a carrier has come up', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    run(state, 0, 200)
    announceAgain(state, 'a', 2, 10_000)
    assert.deepEqual(
      times(run(state, 10_000, 30_000)).map((at) => at - 10_000),
      BURST_MS,
    )
  })

  it('falls silent at once, in the middle of a burst', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    announce(state, 'b', 2, 0)
    run(state, 0, 100)
    silence(state, 'a')
    silence(state, 'a')
    assert.deepEqual(new Set(run(state, 100, 10_000).map(({ key }) => key)), new Set(['b']))
    silence(state, 'b')
    assert.equal(nextRoundAt(state, SCHEDULE), undefined)
  })

  it('begins a burst from the start when an address comes back', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    run(state, 0, 1000)
    silence(state, 'a')
    announce(state, 'a', 2, 2000)
    assert.deepEqual(
      times(run(state, 2000, 2400)).map((at) => at - 2000),
      [0, 50, 150, 350],
    )
  })

  it('keeps to its timetable although each round comes a little late', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    const sent: number[] = []
    for (let now = 0; now <= 5000; now += 30)
      if (takeDue(state, now, SCHEDULE, seededRandom(1)).length > 0) sent.push(now)
    assert.deepEqual(sent, [0, 60, 150, 360, 750, 1770, 2760, 3750, 4770])
  })

  it('does not let a loop that was held up for a while send rounds on top of each other', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    run(state, 0, 60)
    assert.equal(takeDue(state, 700, SCHEDULE, seededRandom(1)).length, 1)
    assert.ok((nextRoundAt(state, SCHEDULE) ?? 0) >= 800)
  })
})

const thousand = (): Schedule => {
  const state = schedule()
  for (let index = 0; index < 1000; index++) announce(state, `k${index}`, 2, 0)
  return state
}

describe('a thousand addresses at once', () => {
  it('send at most 2000 frames a second, and have all had their first round within one second', () => {
    const heard = run(thousand(), 0, 30_000)
    const perSecond = Map.groupBy(heard, ({ at }) => Math.floor(at / 1000))
    for (const [second, rounds] of perSecond)
      assert.ok(rounds.length * 2 <= 2200, `${rounds.length * 2} frames in second ${second}`)
    const first = heard.filter(({ round }) => round === 0)
    assert.equal(first.length, 1000)
    assert.ok(Math.max(...first.map(({ at }) => at)) <= 1000)
    assert.equal(heard.length, 9000, 'and none of the nine rounds of the burst is lost')
  })

  it('never let the repetitions of others hold a new one back', () => {
    const state = thousand()
    run(state, 0, 3000)
    announce(state, 'late', 2, 3000)
    assert.ok((times(run(state, 3000, 3100), 'late')[0] ?? Infinity) <= 3002)
  })

  it('spread over the minute at rest', () => {
    const heard = run(thousand(), 0, 300_000).filter(({ at }) => at > 120_000)
    const perSecond = [...Map.groupBy(heard, ({ at }) => Math.floor(at / 1000)).values()].map(({ length }) => length)
    assert.ok(Math.max(...perSecond) < 200, `${Math.max(...perSecond)} rounds in one second`)
  })

  it('wait for what was spent on frames beside the rounds', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    takeDue(state, 0, SCHEDULE, seededRandom(1))
    spend(state, 2198)
    assert.equal(nextRoundAt(state, SCHEDULE), 1000.5)
    assert.deepEqual(takeDue(state, 900, SCHEDULE, seededRandom(1)), [])
    assert.equal(takeDue(state, 1001, SCHEDULE, seededRandom(1)).length, 1)
  })

  it('leave nothing behind when links flap', () => {
    const state = thousand()
    for (let flap = 1; flap <= 50; flap++) {
      for (let index = 0; index < 1000; index++) announceAgain(state, `k${index}`, 2, flap * 10)
      takeDue(state, flap * 10, SCHEDULE, seededRandom(flap))
    }
    const waiting = Object.values(state.lanes).reduce((sum, { items }) => sum + items.length, 0)
    assert.deepEqual([state.entries.size, waiting], [1000, 1000])
  })
})

describe('another refresh interval', () => {
  const slow: ScheduleConfig = { ...SCHEDULE, refreshMs: 60_000 }
  const fast: ScheduleConfig = { ...SCHEDULE, refreshMs: 10_000 }
  const perSecond = (heard: readonly Heard[]): number =>
    Math.max(...[...Map.groupBy(heard, ({ at }) => Math.floor(at / 1000)).values()].map(({ length }) => length))

  it('takes effect at once, and brings no burst', () => {
    const state = thousand()
    run(state, 0, 200_000, slow)
    rescale(state, fast.refreshMs / slow.refreshMs, 200_000)
    const heard = run(state, 200_000, 230_000, fast)
    assert.equal(new Set(heard.filter(({ at }) => at <= 212_600).map(({ key }) => key)).size, 1000)
    assert.ok(perSecond(heard) < 260, `${perSecond(heard)} rounds in one second, of 1000 each ten`)
  })

  it('that is longer sends fewer from then on, and keeps the spread', () => {
    const state = thousand()
    run(state, 0, 60_000, fast)
    rescale(state, slow.refreshMs / fast.refreshMs, 60_000)
    const heard = run(state, 60_000, 120_000, slow)
    assert.ok(heard.length > 700 && heard.length < 1300, `${heard.length} rounds a minute`)
    assert.ok(perSecond(heard) < 60, `${perSecond(heard)} rounds in one second`)
  })

  it('leaves a burst as it is', () => {
    const state = schedule()
    announce(state, 'a', 2, 0)
    run(state, 0, 100, slow)
    rescale(state, 1 / 6, 100)
    assert.deepEqual(times(run(state, 100, 6000, fast)), BURST_MS.slice(2))
  })
})
