import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ANNOTATIONS, type Pool, poolAdmits, type Service, viewService } from '@steelyard/model'
import { array, assert as assertProperty, constantFrom, nat, oneof, property, record } from 'fast-check'
import { assertAtRest, lookAgain } from '../testing/converge-table.ts'
import { drop, exampleCluster, type ExampleCluster, ipsOf, put, restart, setPools } from '../testing/example-cluster.ts'
import {
  DUAL,
  examplePools,
  exampleService,
  IPV4_ONLY,
  IPV6_ONLY,
  type PoolExamples,
  PREFER_DUAL,
  type ServiceExample,
} from '../testing/examples.ts'
import { firstIn, mayHold, type Plain, plainAddresses, plainChoice } from '../testing/plain-reading.ts'
import { countersOf } from './ledger.ts'

const POOLS: readonly PoolExamples[] = [
  {
    a: ['10.0.0.4/31', '10.0.0.0/31', 'fd00::/127'],
    b: { addresses: ['10.0.1.0/31', 'fd01::/127'], autoAssign: false },
  },
  { z: ['10.0.0.0/31', 'fd00::/128'], b: ['10.0.1.0/32', 'fd01::/127'], c: ['10.0.0.4/31', 'fd00::1/128'] },
  { a: { addresses: ['10.0.0.254-10.0.1.1', '10.0.0.0/31', 'fd00::/127'], avoidBuggyIPs: true } },
  {
    a: ['10.0.0.0/31', 'fd00::/128'],
    b: { addresses: ['10.0.0.4/31'], serviceAllocation: { priority: 7 } },
    c: { addresses: ['10.0.1.0/31', 'fd01::/127'], serviceAllocation: { priority: 3, namespaces: ['shop'] } },
    d: { addresses: ['10.0.2.0/32'], serviceAllocation: {} },
    e: { addresses: ['10.0.3.0/32'], autoAssign: false, serviceAllocation: { priority: 1 } },
  },
]
const KEYS = ['default/a', 'default/b', 'default/c', 'default/d', 'shop/e', 'shop/f', 'shop/g'] as const
const PORTS = [['TCP/80'], ['TCP/80'], ['TCP/443'], ['UDP/80'], ['TCP/80', 'TCP/443'], []] as const

const anyStep = oneof(
  {
    weight: 10,
    arbitrary: record({
      kind: constantFrom('put' as const),
      key: constantFrom(...KEYS),
      shape: constantFrom(IPV4_ONLY, IPV4_ONLY, IPV6_ONLY, DUAL, PREFER_DUAL, {
        ...PREFER_DUAL,
        ipFamilies: ['IPv6', 'IPv4'],
      }),
      policy: constantFrom('Cluster', 'Cluster', 'Local'),
      selector: constantFrom({}, { app: 'x' }, { app: 'y' }),
      ports: constantFrom(...PORTS),
      sharing: constantFrom('', 'k', 'k', 'l'),
      asked: constantFrom('', '', '', '', '10.0.0.4', '10.0.0.1,fd00::1', '10.0.1.0', '10.0.0.0'),
      pool: constantFrom('', '', '', '', 'a', 'b', 'e'),
    }),
  },
  { weight: 4, arbitrary: record({ kind: constantFrom('drop' as const), key: constantFrom(...KEYS) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('pools' as const), index: nat(POOLS.length - 1) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('restart' as const) }) },
)
type Step = typeof anyStep extends { generate: (...args: never[]) => { value: infer Value } } ? Value : never
type Put = Step & { readonly kind: 'put' }

type World = { readonly cluster: ExampleCluster; examples: PoolExamples; pools: readonly Pool[] }

function exampleOf({ key, shape, policy, selector, ports, sharing, asked, pool }: Put): ServiceExample {
  const annotations = {
    [ANNOTATIONS.allowSharedIp]: sharing,
    [ANNOTATIONS.loadBalancerIps]: asked,
    [ANNOTATIONS.addressPool]: pool,
  }
  const listed = ports.map((text) => ({ protocol: text.split('/')[0] ?? '', port: Number(text.split('/')[1]) }))
  return {
    createdAt: `2026-01-01T00:00:0${KEYS.indexOf(key)}Z`,
    annotations: Object.fromEntries(Object.entries(annotations).filter(([, value]) => value !== '')),
    spec: { ...shape, externalTrafficPolicy: policy, selector, ports: listed },
  }
}

function plainOf({ cluster, pools }: World): Plain {
  return { pools, services: cluster.services }
}

/** What is new is given what the plain reading says, out of what there was before. */
function putAndCompare(world: World, step: Put): void {
  const { cluster } = world
  const example = exampleOf(step)
  if (ipsOf(cluster, step.key).length > 0) return put(cluster, step.key, example)
  const expected = plainChoice(plainOf(world), exampleService(step.key, example))
  put(cluster, step.key, example)
  const shown = ipsOf(cluster, step.key)
  assert.deepEqual(shown.slice(0, expected?.length ?? 0), expected ?? [], `${step.key} is not given what it should be`)
}

/** Who may stay where he is when the pools change, stays. */
function changePools(world: World, index: number): void {
  const before = new Map([...world.cluster.services.keys()].map((key) => [key, ipsOf(world.cluster, key)]))
  world.examples = POOLS[index] ?? {}
  world.pools = examplePools(world.examples)
  const stays = [...before].filter(([key, ips]) => ips.length > 0 && mayStay(world, key, ips))
  setPools(world.cluster, world.examples)
  for (const [key, ips] of stays) assert.deepEqual(ipsOf(world.cluster, key).slice(0, ips.length), ips, `${key} moved`)
}

function mayStay({ cluster, pools }: World, key: string, ips: readonly string[]): boolean {
  const view = viewOf(cluster, key)
  const named = view.annotations[ANNOTATIONS.addressPool]
  return pools.some((pool) => {
    const all = [...plainAddresses(pool, 4), ...plainAddresses(pool, 6)]
    return (named === undefined || named === pool.name) && poolAdmits(pool, view) && ips.every((ip) => all.includes(ip))
  })
}

function viewOf({ services }: ExampleCluster, key: string): ReturnType<typeof viewService> {
  return viewService(services.get(key) as Service)
}

function take(world: World, step: Step): void {
  switch (step.kind) {
    case 'put':
      return putAndCompare(world, step)
    case 'drop':
      return drop(world.cluster, step.key)
    case 'pools':
      return changePools(world, step.index)
    case 'restart': {
      const { writes } = world.cluster
      restart(world.cluster, world.examples)
      assert.equal(world.cluster.writes, writes, 'a restart writes')
    }
  }
}

function assertAsDescribed(world: World): void {
  const plain = plainOf(world)
  for (const [key, service] of world.cluster.services) {
    const ips = ipsOf(world.cluster, key)
    const view = viewService(service)
    for (const ip of ips) assert.ok(mayHold(plain, view, ip), `${key} may not hold ${ip} beside the others`)
    if (ips.length === 0) assert.equal(plainChoice(plain, service), undefined, `${key} waits in vain`)
    if (ips.length === 1) assertNoSecond(plain, service, ips[0] ?? '')
  }
  for (const pool of world.pools) assertCounted(world, pool)
}

function assertNoSecond(plain: Plain, service: Service, ip: string): void {
  const view = viewService(service)
  if (view.familyPolicy !== 'PreferDualStack' || view.annotations[ANNOTATIONS.loadBalancerIps] !== undefined) return
  const family = ip.includes(':') ? 4 : 6
  const pool = plain.pools.find(({ name }) => name === view.annotations[ANNOTATIONS.allocatedFromPool])
  assert.equal(pool && firstIn(plain, pool, view, family), undefined, `${view.key} lacks IPv${family} in vain`)
}

function assertCounted({ cluster }: World, pool: Pool): void {
  const shown = new Set([...cluster.services.keys()].flatMap((key) => ipsOf(cluster, key)))
  const [four, six] = ([4, 6] as const).map((family) => {
    const all = plainAddresses(pool, family)
    const assigned = all.filter((text) => shown.has(text)).length
    return { assigned: BigInt(assigned), available: BigInt(all.length - assigned) }
  })
  assert.deepEqual(countersOf(cluster.allocator.ledger, pool.name), {
    assignedIPv4: four?.assigned,
    assignedIPv6: six?.assigned,
    availableIPv4: four?.available,
    availableIPv6: six?.available,
  })
}

describe('held against a plain reading', () => {
  it('each new Service is given the first it may have, nobody waits in vain or clashes, and all is counted', () => {
    assertProperty(
      property(nat(POOLS.length - 1), array(anyStep, { maxLength: 30, size: 'max' }), (index, steps) => {
        const examples = POOLS[index] ?? {}
        const world: World = { cluster: exampleCluster(examples), examples, pools: examplePools(examples) }
        for (const step of steps) {
          take(world, step)
          assertAsDescribed(world)
        }
        // What stands in the way of those who wait may have another name by now, and they are told.
        const { writes } = world.cluster
        lookAgain(world.cluster)
        assert.equal(world.cluster.writes, writes)
        assertAtRest(world.cluster)
      }),
      { numRuns: 500 },
    )
  })
})
