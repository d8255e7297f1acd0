import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MemberStatus } from '@steelyard/membership'
import type { LinkFact } from '../link/messages.ts'
import { linkTally } from './link-tally.ts'

function scene() {
  const clock = { at: 0, now: () => clock.at }
  const announced = new Set<string>()
  return { clock, announced, tally: linkTally({ clock, announced: () => announced }) }
}

function members(status: MemberStatus): LinkFact {
  const view = { node: 'n2', status, since: 0, incarnation: 0, recordVersion: 0, indirect: false }
  return { kind: 'members', members: [view], standing: 'settled', majority: true }
}

function counters(parts: { readonly ips?: readonly string[]; readonly worstLagMs?: number }): LinkFact {
  const { ips = [], worstLagMs = 0 } = parts
  const addresses = ips.map((ip) => ({ ip, requests: 1, responses: 1, gratuitous: 2, claims: 0 }))
  return { kind: 'counters', addresses, ignored: {}, worstLagMs }
}

const LOST = { ip: '192.0.2.1', from: 'n2', to: 'n1', cause: 'ownerLost' } as const

describe('what the metrics know of the link worker', () => {
  const failovers: [name: string, before: readonly [at: number, MemberStatus][], took: number | undefined][] = [
    [
      'from the first doubt',
      [
        [100, 'alive'],
        [1000, 'suspect'],
        [1400, 'dead'],
      ],
      0.5,
    ],
    ['from its goodbye', [[1450, 'left']], 0.05],
    [
      'anew after it was heard again',
      [
        [100, 'suspect'],
        [200, 'alive'],
        [1400, 'suspect'],
      ],
      0.1,
    ],
    ['not at all when it was never doubted', [[100, 'alive']], undefined],
  ]
  for (const [name, before, took] of failovers) {
    it(`measures a failover from a node ${name}`, () => {
      const { clock, tally } = scene()
      for (const [at, status] of before) {
        clock.at = at
        tally.hear(members(status))
      }
      clock.at = 1500
      tally.onMoves([LOST, { ...LOST, cause: 'released' }])
      assert.deepEqual([tally.moves().ownerLost, tally.moves().released], [1, 1])
      assert.equal(tally.failovers.sum, took ?? 0)
      assert.equal(tally.failovers.counts.filter((count) => count > 0).length, took === undefined ? 0 : 1)
    })
  }

  it('forgets addresses that are not announced, even when nobody asks', () => {
    const { announced, tally } = scene()
    announced.add('192.0.2.1')
    for (let at = 0; at < 1200; at++) tally.hear(counters({ ips: ['192.0.2.1', `198.51.100.${at}`] }))
    assert.deepEqual([...tally.addresses().keys()], ['192.0.2.1'])
  })

  it('keeps the worst lag of the last five minutes, and counts stalls', () => {
    const { clock, tally } = scene()
    assert.deepEqual(tally.lag(), { worstMs: 0, stalls: 0 })
    tally.hear(counters({ worstLagMs: 80 }))
    clock.at = 200_000
    tally.hear(counters({ worstLagMs: 30 }))
    assert.deepEqual(tally.lag(), { worstMs: 80, stalls: 1 })
    clock.at = 300_001
    assert.deepEqual(tally.lag(), { worstMs: 30, stalls: 1 })
    clock.at = 600_000
    assert.deepEqual(tally.lag(), { worstMs: 0, stalls: 1 })
  })
})
