import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { L2Advertisement } from '@steelyard/model'
import { candidatesFor, eligibility, type NodeState } from './eligibility.ts'

const node = (name: string, parts: Partial<NodeState> = {}): NodeState => ({
  name,
  labels: {},
  networkUnavailable: false,
  alive: true,
  missingInterfaces: new Set(),
  impairedInterfaces: new Set(),
  draining: false,
  ...parts,
})
const advertisement = (interfaces: string[] = []): L2Advertisement => ({
  name: 'ad',
  pools: new Set(['one']),
  nodeSelectors: [[{ key: 'role', operator: 'NotIn', values: ['storage'] }]],
  serviceSelectors: [],
  interfaces,
  preferredNodes: [{ weight: 7, preference: [{ key: 'role', operator: 'In', values: ['edge'] }] }],
})
const scope = (interfaces: string[] = [], servingNodes?: string[]) => ({
  kind: 'announceable' as const,
  advertisements: [advertisement(interfaces)],
  ...(servingNodes === undefined ? {} : { servingNodes }),
})
const EXCLUDED = { 'node.kubernetes.io/exclude-from-external-load-balancers': '' }
const rules = { ignoreExcludeLabel: false }

describe('eligibility', () => {
  const cases: [name: string, node: NodeState, scope: ReturnType<typeof scope>, kind: string, why?: RegExp][] = [
    ['a live node that an advertisement selects', node('n1'), scope(), 'eligible'],
    ['a node that none selects', node('n1', { labels: { role: 'storage' } }), scope(), 'unselected'],
    ['a node without a live speaker', node('n1', { alive: false }), scope(), 'ineligible', /no live speaker/],
    [
      'a node without network',
      node('n1', { networkUnavailable: true }),
      scope(),
      'ineligible',
      /NetworkUnavailable is True/,
    ],
    [
      'a node labelled for exclusion, whatever the value',
      node('n1', { labels: EXCLUDED }),
      scope(),
      'ineligible',
      /labelled node\.kubernetes\.io\/exclude/,
    ],
    ['under Local a node that serves', node('n1'), scope([], ['n1']), 'eligible'],
    [
      'under Local a node that does not serve',
      node('n1'),
      scope([], ['n2']),
      'ineligible',
      /Local and it runs no serving endpoint/,
    ],
    [
      'a node with one of the interfaces named',
      node('n1', { missingInterfaces: new Set(['eth1']) }),
      scope(['eth0', 'eth1']),
      'eligible',
    ],
    [
      'a node with none of them',
      node('n1', { missingInterfaces: new Set(['eth0', 'eth1']) }),
      scope(['eth0', 'eth1']),
      'interfacesMissing',
    ],
    [
      'a node that lacks another interface than those named',
      node('n1', { missingInterfaces: new Set(['eth7']) }),
      scope(['eth0']),
      'eligible',
    ],
    [
      'all interfaces, and the node lacks one',
      node('n1', { missingInterfaces: new Set(['eth7']) }),
      scope(),
      'eligible',
    ],
    [
      'all interfaces, and the node has none',
      node('n1', { missingInterfaces: new Set(['*']) }),
      scope(),
      'interfacesMissing',
    ],
    [
      'named interfaces, and the node has none at all',
      node('n1', { missingInterfaces: new Set(['*']) }),
      scope(['eth0']),
      'interfacesMissing',
    ],
    [
      'a node that does not serve and lacks the interface: the Local rule first',
      node('n1', { missingInterfaces: new Set(['eth0']) }),
      scope(['eth0'], []),
      'ineligible',
      /Local/,
    ],
  ]
  for (const [name, one, where, kind, why] of cases) {
    it(`${name}: ${kind}`, () => {
      const found = eligibility(one, where, rules)
      assert.equal(found.kind, kind)
      if (why !== undefined) assert.match(found.kind === 'ineligible' ? found.why : '', why)
    })
  }
  it('disregards the exclusion label when told so', () => {
    assert.equal(eligibility(node('n1', { labels: EXCLUDED }), scope(), { ignoreExcludeLabel: true }).kind, 'eligible')
  })
  it('lists the eligible with their weights', () => {
    const nodes = [node('n1'), node('n2', { alive: false }), node('n3', { labels: { role: 'edge' } })]
    assert.deepEqual(candidatesFor(scope(), nodes, rules), [
      { node: 'n1', weight: 0 },
      { node: 'n3', weight: 7 },
    ])
  })
})
