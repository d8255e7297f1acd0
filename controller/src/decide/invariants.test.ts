import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ANNOTATIONS, type Service, viewService } from '@steelyard/model'
import { array, assert as assertProperty, boolean, constantFrom, nat, oneof, property, record } from 'fast-check'
import {
  examplePools,
  exampleService,
  DUAL,
  IPV4_ONLY,
  IPV6_ONLY,
  type PoolExamples,
  PREFER_DUAL,
} from '../testing/examples.ts'
import { type Allocator, configure, newAllocator, note, observe, remove } from './allocator.ts'
import { storing } from './stored-service.ts'

/** A cluster whose writes take time: what is decided stays open until a later step stores it, or loses it. */
type World = { readonly stored: Map<string, Service>; allocator: Allocator; pools: number }

const POOLS: readonly PoolExamples[] = [
  { a: ['10.0.0.0/30', 'fd00::/127'], b: { addresses: ['10.0.1.0/31', 'fd01::/127'], autoAssign: false } },
  { a: ['10.0.0.0/31'], c: ['10.0.0.2/31', 'fd00::/126'] },
  { a: { addresses: ['10.0.0.0/30', 'fd00::/127'], avoidBuggyIPs: true } },
  {
    a: { addresses: ['10.0.0.0/30', 'fd00::/127'], serviceAllocation: { priority: 5, namespaces: ['shop'] } },
    b: ['10.0.1.0/31'],
  },
  {},
  { a: ['10.0.0.0/32'] },
]
const CROWDED = POOLS.length - 1

const anyStep = oneof(
  {
    weight: 6,
    arbitrary: record({
      kind: constantFrom('put' as const),
      name: constantFrom('default/a', 'default/b', 'default/c', 'shop/d', 'shop/e', 'shop/f'),
      shape: constantFrom(IPV4_ONLY, IPV6_ONLY, DUAL, PREFER_DUAL, { type: 'ClusterIP' }),
      local: boolean(),
      port: constantFrom(80, 443),
      sharing: constantFrom('', '', 'k', 'l'),
      asked: constantFrom('', '', '', '', '10.0.0.1', '10.0.0.2,fd00::1', 'nonsense'),
      pool: constantFrom('', '', '', 'a', 'b'),
      age: nat(3),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      kind: constantFrom('drop' as const),
      name: constantFrom('default/a', 'default/b', 'default/c', 'shop/d'),
    }),
  },
  {
    weight: 6,
    arbitrary: record({
      kind: constantFrom('write' as const),
      end: constantFrom('stored' as const, 'stored' as const, 'lost' as const, 'unknown' as const),
      at: nat(5),
    }),
  },
  { weight: 1, arbitrary: record({ kind: constantFrom('pools' as const), index: nat(POOLS.length - 1) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('restart' as const) }) },
)
type Step = typeof anyStep extends { generate: (...args: never[]) => { value: infer Value } } ? Value : never

function newWorld(): World {
  const world: World = { stored: new Map(), allocator: newAllocator(''), pools: 0 }
  configure(world.allocator, poolsOf(world))
  return world
}

function poolsOf({ pools }: World): ReturnType<typeof examplePools> {
  return examplePools(POOLS[pools] ?? {})
}

function take(world: World, step: Step): void {
  switch (step.kind) {
    case 'put':
      return putService(world, step)
    case 'drop':
      if (world.stored.delete(step.name)) remove(world.allocator, step.name)
      return
    case 'write':
      return writeOne(world, step)
    case 'pools':
      world.pools = step.index
      configure(world.allocator, poolsOf(world))
      return
    case 'restart':
      return restart(world)
  }
}

type Put = Step & { readonly kind: 'put' }

function putService(world: World, step: Put): void {
  const before = world.stored.get(step.name)
  const createdAt = before?.metadata.creationTimestamp ?? `2026-01-01T00:00:0${step.age}Z`
  const spec = { ...step.shape, ports: [{ port: step.port }], externalTrafficPolicy: step.local ? 'Local' : 'Cluster' }
  const service = exampleService(step.name, { annotations: annotationsOf(step, before), createdAt, spec })
  show(world, before?.status === undefined ? service : { ...service, status: before.status })
}

function annotationsOf({ sharing, asked, pool }: Put, before: Service | undefined): Record<string, string> {
  const shown = before?.metadata.annotations?.[ANNOTATIONS.allocatedFromPool] ?? ''
  const all = {
    [ANNOTATIONS.allowSharedIp]: sharing,
    [ANNOTATIONS.loadBalancerIps]: asked,
    [ANNOTATIONS.addressPool]: pool,
    [ANNOTATIONS.allocatedFromPool]: shown,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

/** The API has it, and says so. */
function show(world: World, service: Service): void {
  const view = viewService(service)
  world.stored.set(view.key, service)
  observe(world.allocator, view)
}

function writeOne(world: World, { end, at }: Step & { readonly kind: 'write' }): void {
  const open = [...world.allocator.subjects.values()].filter(({ decided }) => decided !== undefined)
  const subject = open[at % Math.max(1, open.length)]
  const service = subject && world.stored.get(subject.view.key)
  if (subject === undefined || service === undefined) return
  // What became of the last write is read before there is another one.
  if (subject.sent.length > 0) {
    subject.sent = []
    show(world, service)
  }
  if (subject.decided === undefined) return
  const written = storing(service, subject.decided)
  subject.sent = subject.decided.addresses
  if (end === 'unknown') world.stored.set(subject.view.key, written)
  if (end !== 'stored') return
  subject.sent = []
  show(world, written)
}

function restart(world: World): void {
  world.allocator = newAllocator('')
  for (const service of world.stored.values()) note(world.allocator, viewService(service))
  configure(world.allocator, poolsOf(world))
}

/** What became of lost writes is found out, and all others succeed until nothing is left to write. */
function comeToRest(world: World): void {
  for (const [key, service] of world.stored) {
    const subject = world.allocator.subjects.get(key)
    if (subject !== undefined) subject.sent = []
    show(world, service)
  }
  for (let round = 0; round < 50; round++) {
    const open = [...world.allocator.subjects.values()].filter(({ decided }) => decided !== undefined)
    if (open.length === 0) return
    for (const { view, decided } of open) {
      const service = world.stored.get(view.key)
      if (service !== undefined && decided !== undefined) show(world, storing(service, decided))
    }
  }
  assert.fail('does not come to rest')
}

function ipsOf(service: Service | undefined): string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
}

/** Whether two Services may show one address. */
function compatible(a: Service, b: Service): boolean {
  const [one, two] = [sharingOf(a), sharingOf(b)]
  return one.key !== '' && one.key === two.key && one.backends === two.backends && one.port !== two.port
}

function sharingOf({ metadata, spec }: Service): { key: string; backends: string; port: number | undefined } {
  const key = metadata.annotations?.[ANNOTATIONS.allowSharedIp] ?? ''
  const backends = spec?.externalTrafficPolicy === 'Local' ? JSON.stringify(spec.selector) : ''
  return { key, backends, port: spec?.ports?.[0]?.port }
}

function assertNothingClashes({ stored }: World): void {
  const shown = [...stored.values()].flatMap((service) => ipsOf(service).map((ip) => ({ ip, service })))
  for (const [index, { ip, service }] of shown.entries()) {
    for (const other of shown.slice(index + 1)) {
      if (other.ip !== ip) continue
      assert.ok(
        compatible(service, other.service),
        `${ip} is on ${service.metadata.name} and ${other.service.metadata.name}`,
      )
    }
  }
}

/** Who holds what, and what is free: what a new process would find in the statuses. */
function holdings({ ledger }: Allocator): unknown {
  const slots = [...ledger.slots].map(([ip, { tenants }]) => {
    const texts = [...tenants.values()].map((tenant) => JSON.stringify(tenant))
    return `${ip} ${texts.sort().join(' ')}`
  })
  const spaces = [...ledger.spaces].map(([name, space]) => [name, space[4].assigned, space[6].assigned])
  return { slots: slots.sort(), spaces }
}

function crowded(step: Step): Step {
  if (step.kind !== 'put') return step
  return { ...step, shape: IPV4_ONLY, local: false, pool: '', asked: '', sharing: step.sharing === 'l' ? 'l' : 'k' }
}

function assertRestartFindsTheSame(world: World): void {
  const running = holdings(world.allocator)
  restart(world)
  const open = [...world.allocator.subjects.values()].filter(({ decided }) => decided !== undefined)
  assert.deepEqual(
    open.map(({ view, decided }) => [view.key, decided]),
    [],
    'a restart writes',
  )
  assert.deepEqual(holdings(world.allocator), running)
}

describe('any history of Services, pools, writes and restarts', () => {
  it('comes to rest with no clash, as a restart would find it, with nothing more to write and nobody waiting in vain', () => {
    assertProperty(
      property(array(anyStep, { maxLength: 40, size: 'max' }), (steps) => {
        const world = newWorld()
        for (const step of steps) take(world, step)
        comeToRest(world)
        assertNothingClashes(world)
        assertRestartFindsTheSame(world)
      }),
      { numRuns: 3000 },
    )
  })

  it('does so too when all share one address', () => {
    assertProperty(
      property(array(anyStep, { maxLength: 40, size: 'max' }), (steps) => {
        const world = newWorld()
        take(world, { kind: 'pools', index: CROWDED })
        for (const step of steps) {
          if (step.kind !== 'pools') take(world, crowded(step))
          comeToRest(world)
        }
        assertNothingClashes(world)
        assertRestartFindsTheSame(world)
      }),
      { numRuns: 1000 },
    )
  })

  it('moves nobody but the Service that changes', () => {
    assertProperty(
      property(array(anyStep, { maxLength: 40, size: 'max' }), (steps) => {
        const world = newWorld()
        for (const step of steps) {
          if (step.kind === 'write') continue
          const before = new Map([...world.stored].map(([key, service]) => [key, ipsOf(service)]))
          take(world, step)
          comeToRest(world)
          if (step.kind === 'pools') continue
          for (const [key, ips] of before) {
            if ('name' in step && step.name === key) continue
            assert.deepEqual(ipsOf(world.stored.get(key)).slice(0, ips.length), ips, `${key} moved at ${step.kind}`)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('never shows one address on two Services that do not share, at no moment', () => {
    assertProperty(
      property(array(anyStep, { maxLength: 40, size: 'max' }), (steps) => {
        const world = newWorld()
        for (const step of steps) {
          take(world, step.kind === 'put' ? { ...step, sharing: '' } : step)
          assertNothingClashes(world)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
