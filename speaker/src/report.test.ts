import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeClock } from '@steelyard/runtime'
import type { SpeakerReport } from './decide/speaker-report.ts'
import { speakerReport } from './report.ts'

const START = Date.UTC(2026, 0, 1)

/** A speaker that started when the clock was at 0; `setDate` moves the date against that clock. */
function setUp() {
  const clock = fakeClock()
  let shiftMs = 0
  const wanted: SpeakerReport[] = []
  const report = speakerReport({
    node: 'n1',
    peers: { isOn: true, standing: () => 'settled', members: () => [] },
    policyGeneration: () => 0,
    isReady: () => true,
    servicesOn: () => [],
    status: { want: (one) => void wanted.push(one) },
    clock,
    timeOfDay: () => new Date(START + clock.now() + shiftMs),
  })
  const since = (): string | undefined => {
    report.refresh()
    return wanted.at(-1)?.members[0]?.since.toISOString()
  }
  return { clock, since, setDate: (ms: number) => void (shiftMs = ms) }
}

describe("a speaker's report of itself", () => {
  it('tells the same times again when its two clocks are read a moment apart, so that nothing is written at rest', () => {
    const { clock, since, setDate } = setUp()
    const first = since()
    for (const [afterMs, offMs] of [
      [10_000, 1],
      [10_000, -1],
      [86_400_000, 40],
    ] as const) {
      clock.advance(afterMs)
      setDate(offMs)
      assert.equal(since(), first)
    }
    assert.equal(first, '2026-01-01T00:00:00.000Z')
  })

  it('corrects them when the date of the machine is set', () => {
    const { clock, since, setDate } = setUp()
    clock.advance(10_000)
    setDate(3_600_000)
    assert.equal(since(), '2026-01-01T01:00:00.000Z')
  })
})
