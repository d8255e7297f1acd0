import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type L2Advertisement,
  type LabelSelector,
  type Pool,
  poolIndex,
  type Service,
  viewService,
} from '@steelyard/model'
import { parsePrefix } from '@steelyard/net'
import type { NodeState } from './eligibility.ts'
import { advertisementsByPool } from './layer2.ts'
import { groupIndex } from './group-index.ts'
import { ownershipOf, type Plan, planLayer2, type Self, whyWithheld, type World } from './plan.ts'
import { serviceFacts } from '../testing/service-facts.ts'
import type { AnnounceableService, ServiceFacts, Withheld } from './service-facts.ts'

const is = (key: string, value: string): LabelSelector => [{ key, operator: 'In', values: [value] }]
const POOL: Pool = {
  name: 'one',
  entries: ['192.0.2.0/24', '2001:db8::/64'].map((text) => ({ text, prefixes: [parsePrefix(text)!] })),
  autoAssign: true,
  avoidBuggyIPs: false,
}
const advertisement = (parts: Partial<L2Advertisement> = {}): L2Advertisement => ({
  name: 'ad',
  pools: new Set(['one']),
  nodeSelectors: [],
  serviceSelectors: [],
  interfaces: [],
  preferredNodes: [],
  ...parts,
})
type Wish = { ips: string[]; on?: string[]; local?: boolean; labels?: Record<string, string> }
const facts = (
  name: string,
  { ips, on = ['n1', 'n2', 'n3'], local = false, labels = {} }: Wish,
  ads: L2Advertisement[],
): ServiceFacts =>
  serviceFacts(
    viewService({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name, labels, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { type: 'LoadBalancer', externalTrafficPolicy: local ? 'Local' : 'Cluster' },
      status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
    } satisfies Service),
    on.map((node) => ({ node, address: '10.244.0.1' })),
    { pools: poolIndex([POOL]), loadBalancerClass: '', advertisements: advertisementsByPool(ads), revision: 1 },
  )
const nodes = (changes: Record<string, Partial<NodeState>> = {}): NodeState[] =>
  ['n1', 'n2', 'n3'].map((name) => ({
    name,
    labels: { name },
    networkUnavailable: false,
    alive: true,
    missingInterfaces: new Set<string>(),
    impairedInterfaces: new Set<string>(),
    draining: false,
    ...changes[name],
  }))

type Scene = {
  services: Record<string, Wish>
  ads?: L2Advertisement[]
  nodes?: Record<string, Partial<NodeState>>
  claims?: Record<string, string[]>
}
type Seen = Plan & { readonly why: (name: string) => Withheld }

/** As if each node served all that it should, and nothing else. */
function planned(world: World, self: Self): Plan {
  const ownership = ownershipOf(world, self)
  const groups = new Set([...ownership.owners].flatMap(([key, owner]) => (owner === self.node ? [key] : [])))
  return planLayer2(world, self, ownership, { groups, before: new Map(), settled: true })
}

/** The plan of each of three speakers that see the same. */
function plans({ services, ads = [advertisement()], nodes: changes, claims = {} }: Scene): Record<string, Seen> {
  const index = groupIndex<AnnounceableService>()
  const all = new Map(Object.entries(services).map(([name, wish]) => [name, facts(name, wish, ads)]))
  for (const one of all.values()) index.set(one.key, one.kind === 'announceable' ? one : undefined)
  const world = {
    groups: index.groups(),
    nodes: nodes(changes),
    claimsOf: (ip: string) =>
      Object.keys(claims)
        .filter((name) => services[name]?.ips.includes(ip))
        .flatMap((name) => claims[name] ?? [])
        .map((node) => ({ node, epoch: 1, minority: false, releasing: false })),
  }
  return Object.fromEntries(
    world.nodes.map(({ name }) => {
      const self = { node: name, ignoreExcludeLabel: false }
      const plan = planned(world, self)
      return [name, { ...plan, why: (service: string) => whyWithheld(all.get(service), plan, world, self) }]
    }),
  )
}
const announcers = (found: Record<string, Seen>, name: string): string[] =>
  Object.entries(found).flatMap(([node, plan]) => (plan.announced.has(`shop/${name}`) ? [node] : []))
const missing = (...names: string[]) => ({ missingInterfaces: new Set(names) })

describe('planLayer2', () => {
  it('lets exactly one node announce each Service, and the others say who', () => {
    const found = plans({ services: { a: { ips: ['192.0.2.1'] }, b: { ips: ['192.0.2.2', '2001:db8::2'] } } })
    for (const name of ['a', 'b']) {
      const [owner, ...more] = announcers(found, name)
      assert.ok(owner !== undefined && more.length === 0)
      for (const [node, plan] of Object.entries(found)) {
        if (node === owner) continue
        assert.equal(plan.why(name).reason, 'notOwner')
        assert.match(plan.why(name).message, new RegExp(`^${owner} announces it`))
      }
    }
  })
  it('announces both addresses of a Service from one node', () => {
    const found = plans({ services: { a: { ips: ['2001:db8::2', '192.0.2.2'] } }, claims: { a: ['n2'] } })
    assert.deepEqual(found['n2']?.announced.get('shop/a'), { ips: ['192.0.2.2', '2001:db8::2'], interfaces: 'all' })
  })
  it('keeps sharers of an address on one node', () => {
    for (let at = 1; at < 20; at++) {
      const found = plans({ services: { a: { ips: [`192.0.2.${at}`] }, b: { ips: [`192.0.2.${at}`] } } })
      assert.deepEqual(announcers(found, 'a'), announcers(found, 'b'))
    }
  })
  it('puts sharers under Local where both have endpoints', () => {
    const services = {
      a: { ips: ['192.0.2.1'], on: ['n1', 'n2'], local: true },
      b: { ips: ['192.0.2.1'], on: ['n2', 'n3'], local: true },
    }
    const found = plans({ services })
    assert.deepEqual([announcers(found, 'a'), announcers(found, 'b')], [['n2'], ['n2']])
  })
  it('serves one of two sharers when no node can serve both, and says so', () => {
    const services = {
      a: { ips: ['192.0.2.1'], on: ['n1'], local: true },
      b: { ips: ['192.0.2.1'], on: ['n3'], local: true },
    }
    const found = plans({ services })
    const both = [...announcers(found, 'a'), ...announcers(found, 'b')]
    assert.equal(both.length, 1)
    const other = both[0] === 'n1' ? 'n3' : 'n1'
    const name = both[0] === 'n1' ? 'b' : 'a'
    assert.match(found[other]?.why(name).message ?? '', /^n\d announces it, or what shares its addresses$/)
  })
  it('follows the endpoints under Local', () => {
    const found = plans({ services: { a: { ips: ['192.0.2.1'], on: ['n3'], local: true } }, claims: { a: ['n1'] } })
    assert.deepEqual(announcers(found, 'a'), ['n3'])
    assert.match(found['n1']?.why('a').message ?? '', /not eligible: externalTrafficPolicy is Local/)
  })
  it('says noMatchingAdvertisement only on nodes that none selects', () => {
    const ads = [advertisement({ nodeSelectors: [is('name', 'n2')] })]
    const found = plans({ services: { a: { ips: ['192.0.2.1'] } }, ads })
    assert.deepEqual(announcers(found, 'a'), ['n2'])
    assert.equal(found['n1']?.why('a').reason, 'noMatchingAdvertisement')
  })
  it('gives way to a preferred node that returns', () => {
    const ads = [advertisement({ preferredNodes: [{ weight: 1, preference: is('name', 'n3') }] })]
    const scene = { services: { a: { ips: ['192.0.2.1'] } }, ads, claims: { a: ['n1'] } }
    assert.deepEqual(announcers(plans({ ...scene, nodes: { n3: { alive: false } } }), 'a'), ['n1'])
    assert.deepEqual(announcers(plans(scene), 'a'), ['n3'])
  })
  it('withholds with the reason of the Service before that of the node', () => {
    const found = plans({
      services: { a: { ips: [] }, b: { ips: ['203.0.113.1'] }, c: { ips: ['192.0.2.3'], on: [] } },
    })
    const reasons = ['a', 'b', 'c'].map((name) => found['n1']?.why(name).reason)
    assert.deepEqual(reasons, ['noIPAllocated', 'ipNotAllowed', 'notOwner'])
  })
  it('gives the interfaces of the advertisements that select the owner', () => {
    const ads = [
      advertisement({ name: 'x', interfaces: ['eth1'], nodeSelectors: [is('name', 'n1')] }),
      advertisement({ name: 'y', interfaces: ['eth2'], nodeSelectors: [is('name', 'n2')] }),
    ]
    const found = plans({ services: { a: { ips: ['192.0.2.1'] } }, ads, claims: { a: ['n2'] } })
    assert.deepEqual(found['n2']?.announced.get('shop/a')?.interfaces, ['eth2'])
  })
  it('announces nothing while its own Node is not known', () => {
    const service = facts('a', { ips: ['192.0.2.1'] }, [advertisement()])
    const index = groupIndex<AnnounceableService>()
    if (service.kind === 'announceable') index.set(service.key, service)
    const self = { node: 'n1', ignoreExcludeLabel: false }
    const world = { groups: index.groups(), nodes: [], claimsOf: () => [] }
    const plan = planned(world, self)
    assert.equal(plan.announced.size, 0)
    assert.match(whyWithheld(service, plan, world, self).message, /Node n1 is not known/)
  })
})

const failedOn = (found: Record<string, Seen>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(found).map(([node, plan]) => [node, [...plan.failed.keys()]]))

describe('planLayer2, where interfaces are missing', () => {
  const ads = [advertisement({ interfaces: ['eth1'] })]
  const services = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`s${at}`, { ips: [`192.0.2.${at}`] }]))

  it('lets another node take over', () => {
    const found = plans({
      services: { a: { ips: ['192.0.2.1'] } },
      ads,
      claims: { a: ['n1'] },
      nodes: { n1: missing('eth1') },
    })
    const [owner, ...more] = announcers(found, 'a')
    assert.ok(owner !== undefined && owner !== 'n1' && more.length === 0)
    assert.match(found['n1']?.why('a').message ?? '', /n1 has none of the interfaces eth1/)
  })
  it('fails aloud only where it would own, and on one node for each Service', () => {
    const found = plans({ services, ads, nodes: { n1: missing('eth1'), n2: missing('eth1') } })
    const failed = failedOn(found)
    assert.deepEqual(failed['n3'], [])
    const told = [...(failed['n1'] ?? []), ...(failed['n2'] ?? [])]
    assert.ok(told.length > 0)
    assert.equal(new Set(told).size, told.length)
    for (const name of Object.keys(services)) assert.deepEqual(announcers(found, name), ['n3'])
  })
  it('fails no more once the claim of another is seen', () => {
    const claims = Object.fromEntries(Object.keys(services).map((name) => [name, ['n3']]))
    const failed = failedOn(plans({ services, ads, claims, nodes: { n1: missing('eth1'), n2: missing('eth1') } }))
    assert.deepEqual(failed, { n1: [], n2: [], n3: [] })
  })
  it('is told by one node for each Service when nobody has the interface', () => {
    const gone = { n1: missing('eth1'), n2: missing('eth1'), n3: missing('eth1') }
    const found = plans({ services, ads, nodes: gone })
    assert.deepEqual(
      Object.values(failedOn(found)).flat().sort(),
      Object.keys(services)
        .map((name) => `shop/${name}`)
        .sort(),
    )
    assert.deepEqual(
      Object.keys(services).flatMap((name) => announcers(found, name)),
      [],
    )
  })
  it('is told when a node has no interface at all', () => {
    const found = plans({ services: { a: { ips: ['192.0.2.1'] } }, claims: { a: ['n1'] }, nodes: { n1: missing('*') } })
    assert.deepEqual(found['n1']?.failed.get('shop/a'), { ips: ['192.0.2.1'], interfaces: 'all' })
    assert.match(found['n1']?.why('a').message ?? '', /no usable interface/)
  })
  it('says nothing on a node that lacks an interface no announcement of its own wants', () => {
    const found = plans({
      services: { a: { ips: ['192.0.2.1'] } },
      claims: { a: ['n1'] },
      nodes: { n1: missing('eth1') },
    })
    assert.deepEqual(announcers(found, 'a'), ['n1'])
    assert.equal(found['n1']?.failed.size, 0)
  })
})
