import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAddress } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import * as fc from 'fast-check'
import { groupIndex } from './group-index.ts'
import { announcementGroups, byAge } from './groups.ts'

const member = (key: string, ips: string[], createdAt = '2026-01-01T00:00:00Z') => ({
  key,
  createdAt,
  addresses: ips.map((ip) => ({ ip, address: parseAddress(ip)! })),
  termsKey: 'ad',
})
type Member = ReturnType<typeof member>
const shape = (groups: readonly { key: string; members: readonly { key: string }[] }[]): string[] =>
  groups.map(
    ({ key, members }) =>
      `${key}: ${members
        .map((one) => one.key)
        .sort()
        .join(' ')}`,
  )

describe('groupIndex', () => {
  it('joins two groups by a Service that shares with both, and parts them when it goes', () => {
    const index = groupIndex<Member>()
    index.set('a', member('a', ['10.0.0.1']))
    index.set('b', member('b', ['10.0.0.2']))
    index.set('c', member('c', ['10.0.0.1', '10.0.0.2']))
    assert.deepEqual(shape(index.groups()), ['10.0.0.1: a b c'])
    index.set('c', undefined)
    assert.deepEqual(shape(index.groups()), ['10.0.0.1: a', '10.0.0.2: b'])
  })
  it('takes a Service out of one group and into another when its address changes', () => {
    const index = groupIndex<Member>()
    index.set('a', member('a', ['10.0.0.1']))
    index.set('b', member('b', ['10.0.0.1']))
    index.set('c', member('c', ['10.0.0.3']))
    index.set('b', member('b', ['10.0.0.3']))
    assert.deepEqual(shape(index.groups()), ['10.0.0.1: a', '10.0.0.3: b c'])
  })
  it('lists the oldest first, and the same list while nothing changes', () => {
    const index = groupIndex<Member>()
    index.set('young', member('young', ['10.0.0.1'], '2026-03-01T00:00:00Z'))
    index.set('old', member('old', ['10.0.0.2'], '2025-03-01T00:00:00Z'))
    assert.deepEqual(shape(index.groups()), ['10.0.0.2: old', '10.0.0.1: young'])
    assert.equal(index.groups(), index.groups())
    index.set('absent', undefined)
    assert.equal(index.groups(), index.groups())
  })
  it('has the groups that a look at everything would find, whatever was set and unset before', () =>
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), (seed, steps) => {
        const random = seededRandom(seed)
        const index = groupIndex<Member>()
        const all = new Map<string, Member>()
        for (let step = 0; step < steps; step++) {
          const key = `s${Math.floor(random() * 12)}`
          const ips = Array.from({ length: 1 + Math.floor(random() * 2) }, () => `10.0.0.${Math.floor(random() * 10)}`)
          const one = random() < 0.25 ? undefined : member(key, [...new Set(ips)])
          if (one === undefined) all.delete(key)
          else all.set(key, one)
          index.set(key, one)
        }
        const whole = announcementGroups([...all.values()]).sort(byAge)
        assert.deepEqual(shape(index.groups()), shape(whole))
      }),
      { numRuns: 500 },
    ))
})
