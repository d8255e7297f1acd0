import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memberLan, toldBy } from './member-lan.ts'
import type { DesiredBfd } from './messages.ts'

const WATCH: Omit<DesiredBfd, 'key' | 'peer'> = {
  multihop: false,
  transmitIntervalMs: 50,
  receiveIntervalMs: 50,
  detectMultiplier: 3,
  minimumTtl: 254,
  passive: false,
}

describe('packets of BFD', () => {
  it('are counted on both sides, and told each ten seconds, for as long as the session is wanted', () => {
    const lan = memberLan(2)
    const [one, two] = lan.nodes
    assert.ok(one !== undefined && two !== undefined)
    lan.run(10)
    const wish = { addresses: [], excludeInterfaces: [] }
    one.desire({ ...wish, bfd: [{ ...WATCH, key: 'rt', peer: '192.0.2.2' }] }, 'off')
    two.desire({ ...wish, bfd: [{ ...WATCH, key: 'rt', peer: '192.0.2.1' }] }, 'off')
    lan.run(25_000)
    const facts = toldBy(one, 'bfdCounters')
    assert.ok(facts.length >= 2 && facts.length <= 4, `${facts.length} facts in 25 s`)
    const [counts] = facts.at(-1)?.sessions ?? []
    const [other] = toldBy(two, 'bfdCounters').at(-1)?.sessions ?? []
    assert.ok(counts !== undefined && other !== undefined)
    assert.equal(counts.key, 'rt')
    // Each 50 ms, less jitter, for 20 seconds.
    assert.ok(counts.controlSent > 350 && counts.controlSent < 700, `${counts.controlSent} sent`)
    assert.ok(Math.abs(counts.controlReceived - other.controlSent) < 20)
    assert.deepEqual([counts.echoSent, counts.echoReceived], [0, 0])
    one.desire({ ...wish, bfd: [] }, 'off')
    lan.run(1000)
    const told = toldBy(one, 'bfdCounters').length
    lan.run(30_000)
    assert.equal(toldBy(one, 'bfdCounters').length, told)
  })
})
