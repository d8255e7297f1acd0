import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type EndpointSlice,
  type L2Advertisement,
  type LabelSelector,
  servableEndpoints,
  type Service,
  viewService,
} from '@steelyard/model'
import { advertisementsByPool, layer2Scope, nodeTerms } from './layer2.ts'

const is = (key: string, value: string): LabelSelector => [{ key, operator: 'In', values: [value] }]
const advertisement = (name: string, parts: Partial<L2Advertisement> = {}): L2Advertisement => ({
  name,
  pools: new Set(['one']),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodes: [],
  ...parts,
})

type Parts = { labels?: Record<string, string>; annotations?: Record<string, string>; policy?: string }
const service = ({ labels = {}, annotations = {}, policy = 'Cluster' }: Parts = {}) =>
  viewService({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name: 'web', labels, annotations },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: policy },
  } satisfies Service)

type Conditions = { ready?: boolean; serving?: boolean; terminating?: boolean }
const endpoint = (node: string | undefined, conditions: Conditions = {}) => ({
  addresses: ['10.244.0.1'],
  conditions,
  ...(node === undefined ? {} : { nodeName: node }),
})
const endpoints = (...list: ReturnType<typeof endpoint>[]) =>
  servableEndpoints([
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { namespace: 'shop', name: 'web-1' },
      addressType: 'IPv4',
      endpoints: list,
    } satisfies EndpointSlice,
  ])
const READY = endpoints(endpoint('n1', { ready: true }))
const GOLD = advertisement('gold', { serviceSelectors: [is('tier', 'gold')] })
const PLAIN = advertisement('plain')

describe('layer2Scope', () => {
  const withheld: [
    name: string,
    parts: Parts,
    ready: ReturnType<typeof endpoints>,
    ads: L2Advertisement[],
    reason: string,
  ][] = [
    ['no endpoint at all, even under Cluster', {}, [], [PLAIN], 'notOwner'],
    ['an endpoint that is not ready', {}, endpoints(endpoint('n1', { ready: false })), [PLAIN], 'notOwner'],
    [
      'an endpoint that terminates and serves no more',
      {},
      endpoints(endpoint('n1', { ready: false, serving: false, terminating: true })),
      [PLAIN],
      'notOwner',
    ],
    ['a pool without advertisements', {}, READY, [], 'noMatchingAdvertisement'],
    ['serviceSelectors that do not match', {}, READY, [GOLD], 'noMatchingAdvertisement'],
    [
      'a sharing key where serviceSelectors apply',
      { labels: { tier: 'gold' }, annotations: { 'metallb.io/allow-shared-ip': 'k' } },
      READY,
      [GOLD],
      'sharedIPWithServiceSelector',
    ],
    [
      'an empty sharing key there',
      { labels: { tier: 'gold' }, annotations: { 'metallb.io/allow-shared-ip': '' } },
      READY,
      [GOLD, PLAIN],
      'sharedIPWithServiceSelector',
    ],
    [
      'the deprecated sharing key there',
      { labels: { tier: 'gold' }, annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' } },
      READY,
      [GOLD],
      'sharedIPWithServiceSelector',
    ],
    [
      'no endpoint, before the sharing key',
      { labels: { tier: 'gold' }, annotations: { 'metallb.io/allow-shared-ip': 'k' } },
      [],
      [GOLD],
      'notOwner',
    ],
    [
      'a sharing key with selectors for others only, before it finds none for itself',
      { annotations: { 'metallb.io/allow-shared-ip': 'k' } },
      READY,
      [GOLD],
      'noMatchingAdvertisement',
    ],
  ]
  for (const [name, parts, ready, ads, reason] of withheld) {
    it(`withholds ${name}: ${reason}`, () => {
      assert.partialDeepStrictEqual(layer2Scope(service(parts), ready, ads), { kind: 'withheld', reason })
    })
  }

  const announceable: [
    name: string,
    parts: Parts,
    ready: ReturnType<typeof endpoints>,
    ads: L2Advertisement[],
    names: string[],
    nodes?: string[],
  ][] = [
    ['a Service with a ready endpoint', {}, READY, [PLAIN], ['plain']],
    ['an endpoint whose ready is unset', {}, endpoints(endpoint('n1')), [PLAIN], ['plain']],
    [
      'an endpoint that terminates but serves',
      {},
      endpoints(endpoint('n1', { ready: false, serving: true, terminating: true })),
      [PLAIN],
      ['plain'],
    ],
    ['a manual endpoint without a node', {}, endpoints(endpoint(undefined)), [PLAIN], ['plain']],
    [
      'by those advertisements only whose serviceSelectors match',
      { labels: { tier: 'silver' } },
      READY,
      [GOLD, PLAIN],
      ['plain'],
    ],
    [
      'a sharing key where the selectors are for others',
      { annotations: { 'metallb.io/allow-shared-ip': 'k' } },
      READY,
      [GOLD, PLAIN],
      ['plain'],
    ],
    [
      'under Local from the nodes that serve',
      { policy: 'Local' },
      endpoints(endpoint('n2'), endpoint('n1'), endpoint('n2'), endpoint('n3', { ready: false })),
      [PLAIN],
      ['plain'],
      ['n1', 'n2'],
    ],
    [
      'under Local from nowhere when no endpoint has a node',
      { policy: 'Local' },
      endpoints(endpoint(undefined)),
      [PLAIN],
      ['plain'],
      [],
    ],
  ]
  for (const [name, parts, ready, ads, names, nodes] of announceable) {
    it(`announces ${name}`, () => {
      const scope = layer2Scope(service(parts), ready, ads)
      assert.ok(scope.kind === 'announceable')
      assert.deepEqual(
        scope.advertisements.map((one) => one.name),
        names,
      )
      assert.deepEqual(scope.servingNodes, nodes)
    })
  }
})

describe('advertisementsByPool', () => {
  it('lists each advertisement once under each of its pools', () => {
    const both = advertisement('both', { pools: new Set(['one', 'two']) })
    const byPool = advertisementsByPool([PLAIN, both])
    assert.deepEqual(byPool.get('one'), [PLAIN, both])
    assert.deepEqual(byPool.get('two'), [both])
    assert.equal(byPool.get('three'), undefined)
  })
})

describe('nodeTerms', () => {
  const prefers = (weight: number, label: string) => ({ weight, preference: is('rack', label) })
  const cases: [name: string, ads: L2Advertisement[], terms: ReturnType<typeof nodeTerms>][] = [
    [
      'a node that no advertisement selects has none',
      [advertisement('x', { nodeSelectors: [is('rack', 'b')] })],
      undefined,
    ],
    ['an advertisement for all nodes selects it', [PLAIN], { weight: 0, interfaces: 'all' }],
    [
      'weights of one advertisement add up',
      [advertisement('x', { preferredNodes: [prefers(10, 'a'), prefers(5, 'a'), prefers(70, 'b')] })],
      { weight: 15, interfaces: 'all' },
    ],
    [
      'weights of several add up',
      [
        advertisement('x', { preferredNodes: [prefers(10, 'a')] }),
        advertisement('y', { preferredNodes: [prefers(100, 'a')] }),
      ],
      { weight: 110, interfaces: 'all' },
    ],
    [
      'weights of one that does not select the node count for nothing',
      [PLAIN, advertisement('x', { nodeSelectors: [is('rack', 'b')], preferredNodes: [prefers(100, 'a')] })],
      { weight: 0, interfaces: 'all' },
    ],
    [
      'interfaces are united and sorted',
      [advertisement('x', { interfaces: ['eth1', 'eth0'] }), advertisement('y', { interfaces: ['eth1', 'bond0'] })],
      { weight: 0, interfaces: ['bond0', 'eth0', 'eth1'] },
    ],
    [
      'one without interfaces means all',
      [advertisement('x', { interfaces: ['eth1'] }), PLAIN],
      { weight: 0, interfaces: 'all' },
    ],
    [
      'one that does not select the node adds no interface',
      [advertisement('x', { interfaces: ['eth1'] }), advertisement('y', { nodeSelectors: [is('rack', 'b')] })],
      { weight: 0, interfaces: ['eth1'] },
    ],
  ]
  for (const [name, ads, terms] of cases) it(name, () => assert.deepEqual(nodeTerms(ads, { rack: 'a' }), terms))
})
