import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMMUNITIES, type ConfigObject, IP_ADDRESS_POOLS, NAMESPACES } from '@steelyard/kube'
import type { KubeObject } from '@steelyard/model'
import { concernsConfig, concernsNamespaces } from './config-pass.ts'
import {
  controllerFixture,
  end,
  eventsOf,
  ipsOf,
  NAMESPACE,
  pass,
  putPool,
  putService,
  readState,
  type Replica,
  until,
} from './testing/controller-fixture.ts'

/** Configurations that are refused, and what the condition says of each. */
const BROKEN: [name: string, addresses: string[], more: object, message: RegExp][] = [
  ['a CIDR that is none', ['10.0.0.0/33'], {}, /IPAddressPool web.*spec\.addresses\[0\].*10\.0\.0\.0\/33/],
  ['a bare address', ['10.0.0.1'], {}, /IPAddressPool web.*spec\.addresses\[0\]/],
  ['a range that ends before it starts', ['10.0.0.9-10.0.0.1'], {}, /IPAddressPool web/],
  ['no addresses', [], {}, /IPAddressPool web.*spec\.addresses/],
  ['lines that overlap', ['10.0.0.0/24', '10.0.0.128/25'], {}, /overlaps/],
  [
    'a selector that makes no sense',
    ['10.0.0.0/24'],
    { serviceAllocation: { serviceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Like' }] }] } },
    /serviceSelectors/,
  ],
  ['a namespace twice', ['10.0.0.0/24'], { serviceAllocation: { namespaces: ['a', 'a'] } }, /namespaces/],
]

function conditionOf(cluster: Parameters<typeof readState>[0]): readonly (string | undefined)[] {
  const status = readState(cluster)?.status
  const [condition] = status?.conditions ?? []
  return [status?.result, condition?.status, condition?.reason]
}

function messageOf(cluster: Parameters<typeof readState>[0]): string {
  return readState(cluster)?.status?.conditions?.[0]?.message ?? 'no condition'
}

const errors = ({ log }: Replica): string[] =>
  log.filter(({ level }) => level === 'error').map(({ message }) => message)

describe('a configuration that is refused', () => {
  for (const [name, addresses, more, message] of BROKEN) {
    it(`because of ${name}: the last good one serves on, and the condition says why`, async () => {
      const { cluster, clock, start } = controllerFixture()
      putPool(cluster, 'web', ['10.0.0.0/24'])
      putService(cluster, 'default/before')
      const replica = start()
      await until(clock, () => ipsOf(cluster, 'default/before').length === 1)
      putPool(cluster, 'web', addresses, more)
      await until(clock, () => readState(cluster)?.status?.result === 'Invalid')
      assert.deepEqual(conditionOf(cluster), ['Invalid', 'False', 'ConfigurationError'])
      assert.match(messageOf(cluster), message)
      assert.equal(readState(cluster)?.status?.errorSummary, messageOf(cluster))
      assert.equal(errors(replica).length, 1)
      putService(cluster, 'default/after')
      await until(clock, () => ipsOf(cluster, 'default/after').length === 1)
      assert.deepEqual(
        [ipsOf(cluster, 'default/before'), ipsOf(cluster, 'default/after')],
        [['10.0.0.0'], ['10.0.0.1']],
      )
      putPool(cluster, 'web', ['10.0.0.0/24'])
      await until(clock, () => readState(cluster)?.status?.result === 'Valid')
      assert.deepEqual(conditionOf(cluster), ['Valid', 'True', 'Reconciled'])
      assert.equal(messageOf(cluster), '')
      await end(clock, replica)
    })
  }

  it('from the start: nothing is done until it is mended', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['nonsense'])
    putService(cluster, 'default/new')
    putService(cluster, 'default/holds', { ips: ['10.0.0.7'] })
    const replica = start()
    await until(clock, () => readState(cluster)?.status?.result === 'Invalid')
    await pass(clock, 3000)
    assert.equal(replica.api.writes().filter(({ resource }) => resource.plural === 'services').length, 0)
    assert.deepEqual(eventsOf(cluster), [])
    assert.match(errors(replica).join(), /there is none in force yet/)
    putPool(cluster, 'web', ['10.0.0.0/24'])
    await until(clock, () => ipsOf(cluster, 'default/new').length === 1)
    assert.deepEqual(ipsOf(cluster, 'default/holds'), ['10.0.0.7'])
    await end(clock, replica)
  })

  it('by another object of the set stops new pools too, and says so once however often it is looked at', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    const alias = (value: string): ConfigObject => ({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'Community',
      metadata: { namespace: NAMESPACE, name: 'names' },
      spec: { communities: [{ name: 'mine', value }] },
    })
    cluster.put(COMMUNITIES, alias('not a community'))
    await until(clock, () => readState(cluster)?.status?.result === 'Invalid')
    putPool(cluster, 'web', ['10.0.0.0/24'])
    putService(cluster, 'default/web')
    await pass(clock, 2000)
    assert.deepEqual(ipsOf(cluster, 'default/web'), [])
    assert.equal(errors(replica).filter((message) => message.includes('Community')).length, 1)
    cluster.put(COMMUNITIES, { ...alias('65000:1'), metadata: { namespace: NAMESPACE, name: 'names', generation: 2 } })
    await until(clock, () => ipsOf(cluster, 'default/web').length === 1)
    await end(clock, replica)
  })
})

describe('a configuration that changes', () => {
  it('without any pool clears the Services, with one error line for all of them', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPool(cluster, 'web', ['10.0.0.0/24'])
    const keys = ['default/a', 'default/b', 'default/c']
    for (const key of keys) putService(cluster, key)
    const replica = start()
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 1))
    const told = eventsOf(cluster).length
    cluster.remove(IP_ADDRESS_POOLS, { namespace: NAMESPACE, name: 'web' })
    await until(clock, () => keys.every((key) => ipsOf(cluster, key).length === 0))
    await pass(clock, 1000)
    assert.equal(eventsOf(cluster).length, told)
    assert.deepEqual(errors(replica), ['there is no IPAddressPool (and 2 Services more)'])
    await end(clock, replica)
  })

  it('by the labels of a Namespace moves those whom their pool no longer admits', async () => {
    const { cluster, clock, start } = controllerFixture()
    const team = (labels: Record<string, string>): void =>
      void cluster.put(NAMESPACES, {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'team', uid: 'ns-team', labels },
      })
    team({ tier: 'gold' })
    putPool(cluster, 'gold', ['10.0.0.0/24'], {
      serviceAllocation: { namespaceSelectors: [{ matchLabels: { tier: 'gold' } }] },
    })
    putPool(cluster, 'plain', ['10.0.1.0/24'])
    putService(cluster, 'team/web')
    const replica = start()
    await until(clock, () => ipsOf(cluster, 'team/web')[0] === '10.0.0.0')
    team({ tier: 'silver' })
    await until(clock, () => ipsOf(cluster, 'team/web')[0] === '10.0.1.0')
    assert.match(eventsOf(cluster).join(), /ClearAssignment web: 10\.0\.0\.0 of pool gold is not for this Service/)
    await end(clock, replica)
  })

  it('a hundred pools at once are a few passes, not a hundred', async () => {
    const { cluster, clock, start } = controllerFixture()
    const replica = start()
    await until(clock, replica.controller.isActive)
    await pass(clock, 500)
    replica.api.calls.length = 0
    for (let index = 0; index < 100; index++) {
      putPool(cluster, `pool-${index}`, [`10.0.${index}.0/24`])
      if (index % 10 === 0) await clock.advanceAsync(1)
    }
    await pass(clock, 1000)
    const applied = replica.api.writes().filter(({ resource }) => resource.plural === 'configurationstates')
    assert.ok(applied.length <= 3, `${applied.length}`)
    await end(clock, replica)
  })
})

describe('which changes may mean another configuration', () => {
  const pool = (generation: number | undefined, more: object = {}, uid = 'u'): KubeObject =>
    ({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: { name: 'web', uid, generation },
      ...more,
    }) as KubeObject
  const cases: [name: string, now: KubeObject | undefined, before: KubeObject | undefined, expected: boolean][] = [
    ['a new object', pool(1), undefined, true],
    ['a deleted object', undefined, pool(1), true],
    ['another generation', pool(2), pool(1), true],
    ['a status write, ours or not', pool(1, { status: { assignedIPv4: 1 } }), pool(1), false],
    ['another object of the same name', pool(1, {}, 'v'), pool(1), true],
    [
      'another spec where there are no generations',
      pool(undefined, { spec: { a: 1 } }),
      pool(undefined, { spec: {} }),
      true,
    ],
    [
      'the same spec where there are no generations',
      pool(undefined, { spec: {} }),
      pool(undefined, { spec: {} }),
      false,
    ],
  ]
  for (const [name, now, before, expected] of cases) {
    it(`${name}: ${expected ? 'may' : 'does not'}`, () => assert.equal(concernsConfig(now, before), expected))
  }

  const space = (labels: Record<string, string> | undefined, annotations = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', annotations, ...(labels && { labels }) },
  })
  const namespaces: typeof cases = [
    ['a new Namespace', space({}), undefined, true],
    ['a deleted Namespace, even without labels', undefined, space(undefined), true],
    ['other labels', space({ a: '1' }), space({ a: '2' }), true],
    ['anything else of a Namespace', space({ a: '1' }, { x: 'y' }), space({ a: '1' }), false],
  ]
  for (const [name, now, before, expected] of namespaces) {
    it(`${name}: ${expected ? 'may' : 'does not'}`, () => assert.equal(concernsNamespaces(now, before), expected))
  }
})
