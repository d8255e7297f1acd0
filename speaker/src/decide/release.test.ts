import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { excessOf } from './balance.ts'
import type { Candidate } from './ownership.ts'
import { mayMove, nextMoveAt, pace } from './pace.ts'
import { MINORITY_PROBATION_MS, release, type ReleaseFacts } from './release.ts'
import { type HeldClaim, NO_TENURE, type Tenure, type TenureGroup } from './tenure.ts'

const ips = (count: number): string[] => Array.from({ length: count }, (_, at) => `192.0.2.${at + 1}`)
const groups = (count: number): TenureGroup[] => ips(count).map((ip, hash) => ({ key: ip, hash, ips: [ip] }))
const held = (count: number, parts: Partial<HeldClaim> = {}): Tenure => ({
  ...NO_TENURE,
  claims: new Map(
    ips(count).map((ip) => [
      ip,
      { ip, epoch: 1, minority: false, releasing: false, since: 0, cause: 'first', ...parts } satisfies HeldClaim,
    ]),
  ),
})
const facts = (count: number, parts: Partial<ReleaseFacts> = {}): ReleaseFacts => ({
  groups: groups(count),
  drain: 'none',
  excess: new Set(),
  pace: pace(),
  movesPerSecond: 20,
  now: 10_000,
  majoritySince: 0,
  ...parts,
})
const releasing = ({ claims }: Tenure): string[] =>
  [...claims.values()].filter((one) => one.releasing).map(({ ip }) => ip)

describe('release', () => {
  it('marks nothing at rest, and leaves every claim the object it was', () => {
    const before = held(3)
    const { tenure, lookAgainAt } = release(before, facts(3))
    for (const [ip, claim] of before.claims) assert.equal(tenure.claims.get(ip), claim)
    assert.equal(lookAgainAt, undefined)
  })
  it('marks all at once when the speaker stops', () => {
    assert.equal(releasing(release(held(50), facts(50, { drain: 'all' })).tenure).length, 50)
  })
  it('marks so many a second in maintenance, and keeps what it marked', () => {
    const given = facts(50, { drain: 'paced', now: 0 })
    const first = release(held(50), given)
    assert.equal(releasing(first.tenure).length, 2)
    assert.equal(first.lookAgainAt, 50)
    let { tenure } = first
    for (let now = 50; now < 1000; now += 50) ({ tenure } = release(tenure, { ...given, now }))
    assert.equal(releasing(tenure).length, 21)
  })
  it('takes the marks back when maintenance ends before anybody took them over', () => {
    assert.deepEqual(releasing(release(held(3, { releasing: true }), facts(3)).tenure), [])
  })
  it('marks what is above the share of this node', () => {
    assert.deepEqual(releasing(release(held(3), facts(3, { excess: new Set(['192.0.2.3']) })).tenure), ['192.0.2.3'])
  })
  it('forgets that a minority took an address when two seconds with a majority have not found a better claim', () => {
    const before = held(1, { minority: true })
    const at = (majoritySince: number | undefined) => release(before, facts(1, { majoritySince }))
    const isMinority = ({ claims }: Tenure): boolean | undefined => claims.get('192.0.2.1')?.minority
    assert.equal(isMinority(at(undefined).tenure), true)
    assert.equal(isMinority(at(10_000 - MINORITY_PROBATION_MS + 1).tenure), true)
    assert.equal(at(9000).lookAgainAt, 9000 + MINORITY_PROBATION_MS)
    assert.equal(isMinority(at(10_000 - MINORITY_PROBATION_MS).tenure), false)
  })
})

describe('excessOf', () => {
  const nodes = (...names: string[]): readonly Candidate[] => names.map((node) => ({ node, weight: 0 }))
  const excess = (counts: Record<string, number>, candidates: readonly Candidate[]): string[] => {
    const owned = Object.entries(counts).flatMap(([node, count]) => Array.from({ length: count }, () => node))
    const all = groups(owned.length)
    const owners = new Map(all.map(({ key }, at) => [key, owned[at] ?? '']))
    return [...excessOf({ self: 'a', groups: all, owners, candidatesOf: () => candidates })]
  }
  const cases: [name: string, counts: Record<string, number>, candidates: readonly Candidate[], expected: string[]][] =
    [
      ['is nothing where all have their share', { a: 4, b: 4, c: 4 }, nodes('a', 'b', 'c'), []],
      ['is nothing within the share, rounded up', { a: 2, b: 1, c: 1 }, nodes('a', 'b', 'c'), []],
      [
        'is the youngest above the share',
        { a: 5, b: 1, c: 0 },
        nodes('a', 'b', 'c'),
        ['192.0.2.3', '192.0.2.4', '192.0.2.5'],
      ],
      ['is nothing on the only node', { a: 7 }, nodes('a'), []],
      [
        'counts no node that drains',
        { a: 4, b: 4 },
        [...nodes('a', 'b'), { node: 'c', weight: 0, draining: true }],
        [],
      ],
      [
        'counts no node of lower weight',
        { a: 4, b: 4 },
        [
          { node: 'a', weight: 1 },
          { node: 'b', weight: 1 },
          { node: 'c', weight: 0 },
        ],
        [],
      ],
    ]
  for (const [name, counts, candidates, expected] of cases) {
    it(name, () => assert.deepEqual(excess(counts, candidates), expected))
  }
})

describe('a pace', () => {
  it('lets a tenth of a second’s moves come at once, then one after the other', () => {
    const state = pace()
    const made = (now: number): number => {
      let count = 0
      while (mayMove(state, 50, now)) count++
      return count
    }
    assert.deepEqual([made(0), made(10), made(20), made(40), made(10_000)], [5, 0, 1, 1, 5])
  })
  it('says when the next may come', () => {
    const state = pace()
    assert.ok(mayMove(state, 1, 0))
    assert.equal(mayMove(state, 1, 0), false)
    assert.equal(nextMoveAt(state, 1), 1000)
  })
})
