import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressedFacts, appIs, bgpAdvertisement, bgpRules } from '../../testing/bgp-rules.ts'
import type { BgpFacts } from './facts.ts'
import type { BgpRules } from './rules.ts'
import { bgpScope } from './scope.ts'

const WEB = { serviceSelectors: [appIs('web')] }
const NONE = { 4: 0, 6: 0 }
const LOCAL = { trafficPolicy: 'Local', local: NONE } as const

describe('why a Service is not announced: the first that applies', () => {
  type Row = {
    readonly what: string
    readonly facts?: BgpFacts
    readonly rules?: Partial<BgpRules>
    readonly reason: string
    readonly tells?: RegExp
  }
  const rows: Row[] = [
    {
      what: 'it has no address, whatever else',
      facts: { kind: 'withdrawn', key: 'a/b', why: { reason: 'noIPAllocated', message: 'empty' } },
      rules: { advertisements: [], networkUnavailable: true },
      reason: 'noIPAllocated',
    },
    {
      what: 'no advertisement for its pool is for this node',
      rules: { advertisements: [], networkUnavailable: true },
      reason: 'notOwner',
      tells: /pool one .*node n1/,
    },
    {
      what: 'none of them selects it',
      rules: { advertisements: [bgpAdvertisement('a', WEB)], networkUnavailable: true },
      reason: 'noMatchingAdvertisement',
    },
    {
      what: 'those that select it want another localPref for one route',
      facts: addressedFacts('a/b', { labels: { app: 'web' } }),
      rules: {
        advertisements: [bgpAdvertisement('a', { localPref: 200 }), bgpAdvertisement('b', WEB)],
        networkUnavailable: true,
      },
      reason: 'conflictingAdvertisements',
      tells: /a has 200, b has 100/,
    },
    {
      what: 'the network of the node is unavailable',
      facts: addressedFacts('a/b', LOCAL),
      rules: { networkUnavailable: true, excluded: true },
      reason: 'nodeNetworkUnavailable',
    },
    {
      what: 'the node is labelled to be left out',
      facts: addressedFacts('a/b', LOCAL),
      rules: { excluded: true },
      reason: 'nodeLabeledExcludeBalancers',
      tells: /exclude-from-external-load-balancers/,
    },
    {
      what: 'the node is in maintenance',
      facts: addressedFacts('a/b', LOCAL),
      rules: { maintenance: true },
      reason: 'nodeInMaintenance',
    },
    {
      what: 'under Local no endpoint of this node serves',
      facts: addressedFacts('a/b', LOCAL),
      reason: 'noLocalEndpoints',
    },
    {
      what: 'under Cluster none serves at all',
      facts: addressedFacts('a/b', { hasEndpoints: false, local: NONE }),
      reason: 'noEndpoints',
    },
  ]
  for (const { what, facts = addressedFacts('a/b'), rules: parts = {}, reason, tells = /./ } of rows) {
    it(`${reason}: ${what}`, () => {
      const rules = bgpRules(parts)
      const scope = bgpScope(facts, rules.advertisements, rules)
      assert.ok(scope.kind === 'withheld')
      assert.equal(scope.why.reason, reason)
      assert.match(scope.why.message, tells)
    })
  }

  const announced: [what: string, facts: BgpFacts, rules: Partial<BgpRules>][] = [
    ['of endpoints elsewhere under Cluster', addressedFacts('a/b', { local: NONE }), {}],
    ['of endpoints elsewhere under Local', addressedFacts('a/b', { trafficPolicy: 'Local' }), {}],
    [
      'of another localPref to other peers',
      addressedFacts('a/b', { labels: { app: 'web' } }),
      {
        advertisements: [
          bgpAdvertisement('a', { localPref: 200, peers: new Set(['x']) }),
          bgpAdvertisement('b', { ...WEB, peers: new Set(['y']) }),
        ],
      },
    ],
    [
      'of another localPref for another length',
      addressedFacts('a/b', { labels: { app: 'web' } }),
      {
        advertisements: [bgpAdvertisement('a', { localPref: 200, aggregationLength: 24 }), bgpAdvertisement('b', WEB)],
      },
    ],
  ]
  for (const [what, facts, parts] of announced) {
    it(`is announced in spite ${what}`, () => {
      const rules = bgpRules(parts)
      assert.equal(bgpScope(facts, rules.advertisements, rules).kind, 'announceable')
    })
  }
})
