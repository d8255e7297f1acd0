import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOTHING_PLANNED, planChanges } from './plan-changes.ts'
import type { Announcement, Plan } from './plan.ts'

const A1: Announcement = { ips: ['192.0.2.1'], interfaces: 'all' }
const A2: Announcement = { ips: ['192.0.2.2'], interfaces: 'all' }
const ON_ETH1: Announcement = { ips: ['192.0.2.1'], interfaces: ['eth1'] }
type Parts = {
  announced?: Record<string, Announcement>
  failed?: Record<string, Announcement>
  owners?: Record<string, string>
}
const plan = ({ announced = {}, failed = {}, owners = {} }: Parts): Plan => ({
  owners: new Map(Object.entries(owners)),
  announced: new Map(Object.entries(announced)),
  failed: new Map(Object.entries(failed)),
})
const shortOf = (before: Plan, now: Plan): Record<string, unknown> => {
  const { began, ended, altered, failed, moved } = planChanges(before, now)
  return {
    began: began.map(({ key }) => key),
    ended: ended.map(({ key, next }) => (next === undefined ? key : `${key} for ${next.ips.join(' ')}`)),
    altered,
    failed: failed.map(({ key }) => key),
    moved,
  }
}
const NOTHING = { began: [], ended: [], altered: [], failed: [], moved: [] }

describe('planChanges', () => {
  const cases: [name: string, before: Plan, now: Plan, changes: Record<string, unknown>][] = [
    ['of equal plans are none', plan({ announced: { a: A1 } }), plan({ announced: { a: { ...A1 } } }), {}],
    ['begin', NOTHING_PLANNED, plan({ announced: { a: A1 } }), { began: ['a'] }],
    ['end', plan({ announced: { a: A1 } }), NOTHING_PLANNED, { ended: ['a'] }],
    [
      'end and begin with other addresses',
      plan({ announced: { a: A1 } }),
      plan({ announced: { a: A2 } }),
      { began: ['a'], ended: ['a for 192.0.2.2'] },
    ],
    [
      'alter with other interfaces',
      plan({ announced: { a: A1 } }),
      plan({ announced: { a: ON_ETH1 } }),
      { altered: ['a'] },
    ],
    ['fail once', NOTHING_PLANNED, plan({ failed: { a: ON_ETH1 } }), { failed: ['a'] }],
    ['fail no more than once', plan({ failed: { a: ON_ETH1 } }), plan({ failed: { a: { ...ON_ETH1 } } }), {}],
    [
      'fail anew for another interface',
      plan({ failed: { a: ON_ETH1 } }),
      plan({ failed: { a: A1 } }),
      { failed: ['a'] },
    ],
    ['tell of a new owner elsewhere', plan({ owners: { a: 'n2' } }), plan({ owners: { a: 'n3' } }), { moved: ['a'] }],
    ['tell of the first owner elsewhere', NOTHING_PLANNED, plan({ owners: { a: 'n3' } }), { moved: ['a'] }],
    [
      'do not tell twice of what ends here',
      plan({ owners: { a: 'n1' }, announced: { a: A1 } }),
      plan({ owners: { a: 'n3' } }),
      { ended: ['a'] },
    ],
  ]
  for (const [name, before, now, changes] of cases) {
    it(name, () => assert.deepEqual(shortOf(before, now), { ...NOTHING, ...changes }))
  }
})
