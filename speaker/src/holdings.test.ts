import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashText } from '@steelyard/membership'
import { fakeClock } from '@steelyard/runtime'
import { claimBook } from './decide/claim-book.ts'
import { MINORITY_PROBATION_MS } from './decide/release.ts'
import { holdings } from './holdings.ts'
import type { Peers } from './peers.ts'

const IP = '192.0.2.1'
const GROUP = {
  key: IP,
  hash: hashText(IP),
  lowestAddress: { family: 4, words: [0xc0000201] },
  createdAt: '2026-01-01T00:00:00Z',
  members: [],
  ips: [IP],
  termsKey: 'all',
} as const

describe('what is taken soon after a majority was missed', () => {
  for (const [after, minority] of [
    [MINORITY_PROBATION_MS - 1, true],
    [MINORITY_PROBATION_MS, false],
  ] as const) {
    it(`${after} ms after its return is ${minority ? 'still' : 'no more'} the taking of a minority`, () => {
      const clock = fakeClock()
      const peers: Peers = {
        isOn: true,
        living: () => new Set(['a']),
        isSettled: () => true,
        majoritySince: () => 0,
        book: claimBook(),
        recordOf: () => undefined,
        members: () => [],
        standing: () => 'settled',
      }
      const movePolicy = () => ({ movesPerSecond: 20, rebalanceAfterMs: undefined })
      const held = holdings({ self: 'a', peers, clock, movePolicy })
      clock.advance(after)
      const ownership = { owners: new Map([[IP, 'a']]), candidatesOf: () => [{ node: 'a', weight: 0 }] }
      assert.equal(held.decide([GROUP], ownership, 'none').claims.get(IP)?.minority, minority)
    })
  }
})
