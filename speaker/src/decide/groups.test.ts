import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '@steelyard/net'
import { groupCandidates } from './group-candidates.ts'
import { announcementGroups } from './groups.ts'

const member = (key: string, ips: string[], createdAt = '2026-01-01T00:00:00Z') => ({
  key,
  createdAt,
  addresses: ips.map((ip) => ({ ip, address: parseAddress(ip)! })),
  termsKey: 'ad',
})
const shape = (members: ReturnType<typeof member>[]) =>
  announcementGroups(members).map(({ key, members: inside }) => `${key}: ${inside.map((one) => one.key).join(' ')}`)

describe('announcementGroups', () => {
  const cases: [name: string, members: ReturnType<typeof member>[], groups: string[]][] = [
    ['nothing makes no group', [], []],
    [
      'Services of their own stay apart',
      [member('a', ['10.0.0.1']), member('b', ['10.0.0.2'])],
      ['10.0.0.1: a', '10.0.0.2: b'],
    ],
    [
      'sharers of an address are one group',
      [member('a', ['10.0.0.1']), member('b', ['10.0.0.2']), member('c', ['10.0.0.1'])],
      ['10.0.0.1: a c', '10.0.0.2: b'],
    ],
    [
      'both addresses of a Service are one group, named after the lower',
      [member('a', ['2001:db8::1', '10.0.0.9'])],
      ['10.0.0.9: a'],
    ],
    [
      'a dual-stack Service ties its sharers of either address',
      [member('a', ['10.0.0.1']), member('b', ['2001:db8::1']), member('c', ['10.0.0.1', '2001:db8::1'])],
      ['10.0.0.1: a b c'],
    ],
    [
      'chains are one group',
      [
        member('a', ['10.0.0.4', '2001:db8::1']),
        member('b', ['10.0.0.3', '2001:db8::1']),
        member('c', ['10.0.0.3', '2001:db8::2']),
        member('d', ['10.0.0.7']),
      ],
      ['10.0.0.3: a b c', '10.0.0.7: d'],
    ],
  ]
  for (const [name, members, groups] of cases) it(name, () => assert.deepEqual(shape(members), groups))

  it('is as old as its oldest member', () => {
    const [group] = announcementGroups([
      member('a', ['10.0.0.1'], '2026-03-01T00:00:00Z'),
      member('b', ['10.0.0.1'], '2025-03-01T00:00:00Z'),
    ])
    assert.equal(group?.createdAt, '2025-03-01T00:00:00Z')
  })
})

const weights = (...pairs: [string, number][]) => pairs.map(([node, weight]) => ({ node, weight }))

describe('groupCandidates', () => {
  const cases: [name: string, sets: ReturnType<typeof weights>[], candidates: ReturnType<typeof weights>][] = [
    ['one member has its own', [weights(['a', 1], ['b', 0])], weights(['a', 1], ['b', 0])],
    [
      'several have those they have in common, weights added',
      [weights(['a', 1], ['b', 2]), weights(['b', 3], ['c', 9])],
      weights(['b', 5]),
    ],
    [
      'without a common one those that serve most members',
      [weights(['a', 0], ['b', 0]), weights(['b', 0]), weights(['c', 9])],
      weights(['b', 0]),
    ],
    ['members that never meet: everyone', [weights(['b', 0]), weights(['a', 4])], weights(['a', 4], ['b', 0])],
    ['nobody at all', [[], []], []],
  ]
  for (const [name, sets, candidates] of cases) it(name, () => assert.deepEqual(groupCandidates(sets), candidates))

  it('hands the very list on when all members share it', () => {
    const shared = weights(['a', 1])
    assert.equal(groupCandidates([shared, shared]), shared)
  })
})
