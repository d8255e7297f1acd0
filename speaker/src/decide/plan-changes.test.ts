import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NOTHING_PLANNED, planChanges } from './plan-changes.ts'
import type { Announcement, Plan, Withheld } from './plan.ts'

const A1: Announcement = { ips: ['192.0.2.1'], interfaces: 'all' }
const A2: Announcement = { ips: ['192.0.2.2'], interfaces: 'all' }
const ON_ETH1: Announcement = { ips: ['192.0.2.1'], interfaces: ['eth1'] }
const OTHER: Withheld = { reason: 'notOwner', message: 'n2 announces it' }
const plan = (parts: {
  [Part in keyof Plan]?: Record<string, Plan[Part] extends ReadonlyMap<string, infer Value> ? Value : never>
}): Plan => ({
  owners: new Map(),
  announced: new Map(Object.entries(parts.announced ?? {})),
  withheld: new Map(Object.entries(parts.withheld ?? {})),
  failed: new Map(Object.entries(parts.failed ?? {})),
})
const shortOf = (before: Plan, now: Plan): Record<string, unknown> => {
  const { began, ended, altered, failed, explained } = planChanges(before, now)
  return {
    began: began.map(({ key }) => key),
    ended: ended.map(({ key, why }) => `${key} ${why.reason}`),
    altered,
    failed: failed.map(({ key }) => key),
    explained: explained.map(({ key, why }) => `${key} ${why.reason}`),
  }
}
const NOTHING = { began: [], ended: [], altered: [], failed: [], explained: [] }

describe('planChanges', () => {
  const cases: [name: string, before: Plan, now: Plan, changes: Record<string, unknown>][] = [
    ['of equal plans are none', plan({ announced: { a: A1 } }), plan({ announced: { a: { ...A1 } } }), {}],
    ['begin', NOTHING_PLANNED, plan({ announced: { a: A1 } }), { began: ['a'] }],
    [
      'end with the reason of the plan',
      plan({ announced: { a: A1 } }),
      plan({ withheld: { a: OTHER } }),
      { ended: ['a notOwner'] },
    ],
    [
      'end with serviceDeleted when nothing is left to say',
      plan({ announced: { a: A1 } }),
      NOTHING_PLANNED,
      { ended: ['a serviceDeleted'] },
    ],
    [
      'end and begin with other addresses',
      plan({ announced: { a: A1 } }),
      plan({ announced: { a: A2 } }),
      { began: ['a'], ended: ['a loadBalancerIPChanged'] },
    ],
    [
      'alter with other interfaces',
      plan({ announced: { a: A1 } }),
      plan({ announced: { a: ON_ETH1 } }),
      { altered: ['a'] },
    ],
    ['fail once', NOTHING_PLANNED, plan({ failed: { a: ON_ETH1 } }), { failed: ['a'] }],
    ['fail no more than once', plan({ failed: { a: ON_ETH1 } }), plan({ failed: { a: { ...ON_ETH1 } } }), {}],
    ['explain what is not announced', NOTHING_PLANNED, plan({ withheld: { a: OTHER } }), { explained: ['a notOwner'] }],
    [
      'explain it once',
      plan({ withheld: { a: OTHER } }),
      plan({ withheld: { a: { ...OTHER, message: 'n3 announces it' } } }),
      {},
    ],
    [
      'explain another reason',
      plan({ withheld: { a: OTHER } }),
      plan({ withheld: { a: { reason: 'noIPAllocated', message: '' } } }),
      { explained: ['a noIPAllocated'] },
    ],
  ]
  for (const [name, before, now, changes] of cases) {
    it(name, () => assert.deepEqual(shortOf(before, now), { ...NOTHING, ...changes }))
  }
})
