import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  beginCheck,
  type CheckStep,
  DUPLICATE_CHECK,
  type DuplicateChecks,
  duplicateChecks,
  endCheck,
  failCheck,
  missProbe,
  nextCheckAt,
  takeChecks,
} from './duplicate-check.ts'

type Seen = CheckStep & { readonly at: number }

/** Turns the checks as their loop does: sleeps until the next step, a whole millisecond at least. */
function run(state: DuplicateChecks, from: number, until: number): Seen[] {
  const seen: Seen[] = []
  for (let now = from; now <= until;) {
    seen.push(...takeChecks(state, now, DUPLICATE_CHECK).map((step) => ({ ...step, at: now })))
    now = Math.max(now + 1, Math.ceil(nextCheckAt(state, DUPLICATE_CHECK) ?? Infinity))
  }
  return seen
}
const words = (seen: readonly Seen[]): string[] => seen.map(({ kind, at }) => `${kind} ${at}`)
const failed = (state: DuplicateChecks, now: number): unknown => failCheck(state, 'a', now, DUPLICATE_CHECK)

describe('a duplicate check', () => {
  it('that refuses probes at 0, 50 and 100 ms and passes after 200 ms of silence', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 1000)
    assert.deepEqual(words(run(state, 1000, 9000)), ['probe 1000', 'probe 1050', 'probe 1100', 'passed 1200'])
    assert.deepEqual([state.entries.size, nextCheckAt(state, DUPLICATE_CHECK)], [0, undefined])
  })

  it('that warns listens for 300 ms', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'warn', 0)
    assert.deepEqual(words(run(state, 0, 9000)), ['probe 0', 'probe 50', 'probe 100', 'passed 300'])
  })

  it('that warns is over with the first answer', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'warn', 0)
    run(state, 0, 60)
    assert.deepEqual(failed(state, 60), { mode: 'warn' })
    assert.deepEqual([failed(state, 61), run(state, 61, 9000)], [undefined, []])
  })

  it('that refuses is tried again after 30 s, then ever later up to 5 minutes, until nobody answers', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 0)
    const waits: number[] = []
    let now = 0
    for (let attempt = 0; attempt < 6; attempt++) {
      assert.deepEqual(words(run(state, now, now + 10)), [`probe ${now}`])
      const verdict = failCheck(state, 'a', now + 10, DUPLICATE_CHECK)
      assert.ok(verdict?.mode === 'refuse')
      waits.push(verdict.retryAt - now - 10)
      now = verdict.retryAt
    }
    assert.deepEqual(waits, [30_000, 60_000, 120_000, 240_000, 300_000, 300_000])
    assert.equal(run(state, now, now + 250).at(-1)?.kind, 'passed')
  })

  it('counts several answers to one attempt as one refusal', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 0)
    run(state, 0, 10)
    const verdicts = [10, 11, 5000].map((now) => failed(state, now))
    const first = { mode: 'refuse', retryAt: 30_010 }
    assert.deepEqual(verdicts, [first, first, first])
  })

  it('does not pass on the strength of a probe that was not sent', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 0)
    for (let now = 0; now <= 1000; now += 50) {
      assert.deepEqual(
        takeChecks(state, now, DUPLICATE_CHECK).map(({ kind }) => kind),
        ['probe'],
      )
      missProbe(state, 'a', now, DUPLICATE_CHECK)
    }
    assert.deepEqual(words(run(state, 1001, 9000)), ['probe 1050', 'probe 1100', 'probe 1150', 'passed 1250'])
  })

  it('waits for an answer to its last probe although the loop was held up', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 0)
    run(state, 0, 60)
    assert.deepEqual(words(run(state, 500, 9000)), ['probe 500', 'passed 600'])
  })

  it('begins anew when it is begun again, and ends without a word', () => {
    const state = duplicateChecks()
    beginCheck(state, 'a', 'refuse', 0)
    run(state, 0, 120)
    beginCheck(state, 'a', 'refuse', 150)
    assert.deepEqual(words(run(state, 150, 160)), ['probe 150'])
    endCheck(state, 'a')
    endCheck(state, 'a')
    assert.deepEqual([run(state, 160, 9000), state.heap.items.length], [[], 0])
  })
})

describe('a thousand checks at once', () => {
  it('send at most a thousand probes a second, and all pass', () => {
    const state = duplicateChecks()
    for (let index = 0; index < 1000; index++) beginCheck(state, `k${index}`, 'refuse', 0)
    const seen = run(state, 0, 20_000)
    const perSecond = Map.groupBy(
      seen.filter(({ kind }) => kind === 'probe'),
      ({ at }) => Math.floor(at / 1000),
    )
    for (const [second, probes] of perSecond) assert.ok(probes.length <= 1101, `${probes.length} in second ${second}`)
    assert.equal(seen.filter(({ kind }) => kind === 'probe').length, 3000)
    assert.equal(seen.filter(({ kind }) => kind === 'passed').length, 1000)
    assert.ok((seen.at(-1)?.at ?? Infinity) < 3500, `the last passed at ${seen.at(-1)?.at}`)
  })
})
