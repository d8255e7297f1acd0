import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPrefix } from '@steelyard/net'
import { compileController } from './compile-controller.ts'
import type { Pool } from './config.ts'
import type { KubeObject } from './kubernetes.ts'
import { KINDS } from './names.ts'
import { poolAdmits } from './pool.ts'
import { describeProblems } from './problem.ts'
import { sampleObject, samplePool } from './sample-objects.ts'

type Part = Partial<Parameters<typeof compileController>[0]>
const compile = (part: Part): ReturnType<typeof compileController> =>
  compileController({ pools: [], communities: [], namespaces: [], ...part })

function poolsOf(part: Part): readonly Pool[] {
  const compiled = compile(part)
  assert.ok(compiled.ok, compiled.ok ? '' : describeProblems(compiled.problems))
  return compiled.config.pools
}

const alias = (name: string, ...aliases: readonly string[]): KubeObject =>
  sampleObject(KINDS.community, name, { communities: aliases.map((one) => ({ name: one, value: '1:2' })) })
const namespace = (name: string, labels: Record<string, string>): KubeObject =>
  sampleObject('Namespace', name, undefined, labels)

describe('reading pools', () => {
  const ENTRIES: readonly (readonly [name: string, text: string, prefixes: readonly string[]])[] = [
    ['a block stays one block', '192.0.2.0/24', ['192.0.2.0/24']],
    ['host bits are masked off', '192.0.2.77/24', ['192.0.2.0/24']],
    [
      'a range becomes the shortest list, ascending',
      '192.0.2.1-192.0.2.6',
      ['192.0.2.1/32', '192.0.2.2/31', '192.0.2.4/31', '192.0.2.6/32'],
    ],
    ['an aligned range is one block', '192.0.2.64-192.0.2.127', ['192.0.2.64/26']],
    ['blanks around the ends are allowed', ' 192.0.2.1 - 192.0.2.1 ', ['192.0.2.1/32']],
    ['all of IPv4', '0.0.0.0-255.255.255.255', ['0.0.0.0/0']],
    [
      'IPv6 ranges cross words',
      '2001:db8::ffff:ffff-2001:db8::1:0:1',
      ['2001:db8::ffff:ffff/128', '2001:db8::1:0:0/127'],
    ],
  ]
  for (const [name, text, prefixes] of ENTRIES) {
    it(name, () => {
      const [pool] = poolsOf({ pools: [samplePool('a', { addresses: [text] })] })
      assert.deepEqual(pool?.entries, [{ text, prefixes: pool?.entries[0]?.prefixes }])
      assert.deepEqual(pool?.entries[0]?.prefixes.map(formatPrefix), prefixes)
    })
  }

  it('pools come sorted by name, entries as they were written', () => {
    const pools = poolsOf({
      pools: [
        samplePool('b', { addresses: ['10.2.0.0/16', '10.1.0.0/16'] }),
        samplePool('a', { addresses: ['10.3.0.0/16'] }),
        samplePool('B', { addresses: ['10.4.0.0/16'] }),
      ],
    })
    assert.deepEqual(
      pools.map(({ name, entries }) => [name, ...entries.map(({ text }) => text)]),
      [
        ['B', '10.4.0.0/16'],
        ['a', '10.3.0.0/16'],
        ['b', '10.2.0.0/16', '10.1.0.0/16'],
      ],
    )
  })

  it('a pool that says nothing else is assigned from, unpinned, with all its addresses', () => {
    const [pool] = poolsOf({ pools: [samplePool('a')] })
    assert.deepEqual([pool?.autoAssign, pool?.avoidBuggyIPs, pool?.serviceAllocation], [true, false, undefined])
  })

  it('no objects at all are a configuration without pools', () => assert.deepEqual(poolsOf({}), []))
})

describe('whom a pool admits', () => {
  const NAMESPACES = [namespace('shop', { team: 'red' }), namespace('bank', { team: 'blue' }), namespace('lab', {})]
  const RED = { matchLabels: { team: 'red' } }
  const WEB = { matchLabels: { app: 'web' } }
  const CASES: readonly (readonly [name: string, allocation: unknown, admitted: readonly string[]])[] = [
    ['without serviceAllocation everybody', undefined, ['shop/web', 'shop/db', 'bank/web', 'lab/web']],
    ['without criteria everybody', {}, ['shop/web', 'shop/db', 'bank/web', 'lab/web']],
    [
      'with empty lists everybody',
      { namespaces: [], serviceSelectors: [] },
      ['shop/web', 'shop/db', 'bank/web', 'lab/web'],
    ],
    ['those in a named namespace', { namespaces: ['bank'] }, ['bank/web']],
    ['those in a namespace with the labels', { namespaceSelectors: [RED] }, ['shop/web', 'shop/db']],
    [
      'the union of names and labels',
      { namespaces: ['bank'], namespaceSelectors: [RED] },
      ['shop/web', 'shop/db', 'bank/web'],
    ],
    ['those with the labels', { serviceSelectors: [WEB] }, ['shop/web', 'bank/web', 'lab/web']],
    ['only where both criteria hold', { namespaceSelectors: [RED], serviceSelectors: [WEB] }, ['shop/web']],
    [
      'an empty namespace selector everybody',
      { namespaceSelectors: [{}] },
      ['shop/web', 'shop/db', 'bank/web', 'lab/web'],
    ],
    [
      'nobody where the namespace criterion matches no namespace',
      { namespaceSelectors: [{ matchLabels: { team: 'green' } }] },
      [],
    ],
    ['nobody where the named namespace has no Service', { namespaces: ['gone'], serviceSelectors: [WEB] }, []],
  ]
  const SERVICES = ['shop/web', 'shop/db', 'bank/web', 'lab/web'].map((key) => {
    const [home = '', app = ''] = key.split('/')
    return { key, namespace: home, labels: { app } }
  })
  for (const [name, serviceAllocation, admitted] of CASES) {
    it(name, () => {
      const [pool] = poolsOf({ pools: [samplePool('a', { serviceAllocation })], namespaces: NAMESPACES })
      assert.ok(pool)
      assert.deepEqual(
        SERVICES.filter((service) => poolAdmits(pool, service)).map(({ key }) => key),
        admitted,
      )
    })
  }

  it('present without criteria is pinned all the same, last in priority', () => {
    const [pool] = poolsOf({ pools: [samplePool('a', { serviceAllocation: {} })] })
    assert.deepEqual(pool?.serviceAllocation, { priority: 0 })
  })
})

describe('rules between objects', () => {
  type Case = readonly [rule: string, refused: Part, path: string, tells: readonly string[], accepted: Part]
  const CASES: readonly Case[] = [
    [
      'blocks of two pools do not overlap',
      {
        pools: [
          samplePool('a', { addresses: ['10.0.0.0/24'] }),
          samplePool('b', { addresses: ['10.1.0.0/24', '10.0.0.128/25'] }),
        ],
      },
      'spec.addresses[1]',
      ['IPAddressPool b', 'IPAddressPool a', '10.0.0.128/25', '10.0.0.0/24', 'spec.addresses[0]'],
      {
        pools: [
          samplePool('a', { addresses: ['10.0.0.0/25'] }),
          samplePool('b', { addresses: ['10.1.0.0/24', '10.0.0.128/25'] }),
        ],
      },
    ],
    [
      'ranges of two pools do not overlap',
      {
        pools: [
          samplePool('a', { addresses: ['10.0.0.1-10.0.0.9'] }),
          samplePool('b', { addresses: ['10.0.0.9-10.0.0.11'] }),
        ],
      },
      'spec.addresses[0]',
      ['IPAddressPool b', 'IPAddressPool a', '10.0.0.9/32', '10.0.0.8/31'],
      {
        pools: [
          samplePool('a', { addresses: ['10.0.0.1-10.0.0.8'] }),
          samplePool('b', { addresses: ['10.0.0.9-10.0.0.11'] }),
        ],
      },
    ],
    [
      'a wide block after a narrow one is told at the later pool',
      { pools: [samplePool('a', { addresses: ['10.0.0.7/32'] }), samplePool('b', { addresses: ['10.0.0.0/8'] })] },
      'spec.addresses[0]',
      ['IPAddressPool b', '10.0.0.0/8', '10.0.0.7/32'],
      { pools: [samplePool('a', { addresses: ['11.0.0.7/32'] }), samplePool('b', { addresses: ['10.0.0.0/8'] })] },
    ],
    [
      'equal IPv6 blocks overlap, families do not',
      { pools: [samplePool('a', { addresses: ['::/0'] }), samplePool('b', { addresses: ['2001:db8::/32'] })] },
      'spec.addresses[0]',
      ['::/0', '2001:db8::/32'],
      { pools: [samplePool('a', { addresses: ['::/0'] }), samplePool('b', { addresses: ['0.0.0.0/0'] })] },
    ],
    [
      'an alias stands in one Community only',
      { communities: [alias('one', 'blackhole'), alias('two', 'x', 'blackhole')] },
      'spec.communities[1].name',
      ['Community two', 'Community one', '"blackhole"'],
      { communities: [alias('one', 'blackhole'), alias('two', 'x', 'Blackhole')] },
    ],
  ]
  for (const [rule, refused, path, tells, accepted] of CASES) {
    it(rule, () => {
      const compiled = compile(refused)
      assert.ok(!compiled.ok)
      assert.equal(compiled.problems[0]?.path, path)
      const message = describeProblems(compiled.problems)
      assert.deepEqual(
        tells.filter((word) => !message.includes(word)),
        [],
      )
      poolsOf(accepted)
    })
  }

  it('two ranges that overlap in many blocks are told once', () => {
    const compiled = compile({
      pools: [samplePool('a', { addresses: ['10.0.0.1-10.0.0.254', '10.0.0.2-10.0.0.253'] })],
    })
    assert.equal(compiled.ok ? 0 : compiled.problems.length, 1)
  })

  it('problems come by name, whatever the order the objects came in', () => {
    const broken = ['d', 'b', 'a', 'c'].map((name) => samplePool(name, { addresses: ['x'] }))
    for (const pools of [broken, broken.toReversed()]) {
      const compiled = compile({ pools })
      assert.deepEqual(compiled.ok ? [] : compiled.problems.map(({ object }) => object.at(-1)), ['a', 'b', 'c', 'd'])
    }
  })

  it('the names of broken objects are told as far as they have one', () => {
    const broken = [{ ...samplePool('a'), metadata: {} }] as unknown as KubeObject[]
    const compiled = compile({ pools: broken })
    assert.deepEqual(compiled, {
      ok: false,
      problems: [
        {
          object: 'IPAddressPool (without a name)',
          path: 'metadata.name',
          message: 'is missing; accepted: text that is not empty',
        },
      ],
    })
  })
})
