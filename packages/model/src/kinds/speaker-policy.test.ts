import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS, OWN_GROUP } from '../names.ts'
import { describeProblem } from '../problem.ts'
import { DEFAULT_POLICY, describePolicy, generationOf, membershipTiming, readSpeakerPolicy } from './speaker-policy.ts'

const policy = (spec?: unknown, name = 'default'): object => ({
  apiVersion: `${OWN_GROUP}/v1alpha1`,
  kind: KINDS.speakerPolicy,
  metadata: { name },
  ...(spec === undefined ? {} : { spec }),
})

/** Puts a value at a path of two steps or one. */
const at = (path: string, value: unknown): object => {
  const [first = '', second] = path.split('.')
  return { [first]: second === undefined ? value : { [second]: value } }
}

/** Path, values just outside, values just inside, what the refusal says is accepted. */
const ROWS: readonly (readonly [
  path: string,
  outside: readonly unknown[],
  inside: readonly unknown[],
  says: string,
])[] = [
  ['membership.heartbeatInterval', ['49.9ms', '5001ms', '', 100], ['50ms', '5s'], 'a duration from 50ms to 5s'],
  ['membership.misses', [1, 21, 4.5, '4'], [2, 20], 'a whole number from 2 to 20'],
  ['partition', ['Available', ''], ['available', 'fenced'], 'available, fenced'],
  ['rebalance.mode', ['always'], ['never', 'delayed', 'now'], 'never, delayed, now'],
  ['rebalance.delay', ['999ms', '24h1ms', '-1s'], ['1s', '24h'], 'a duration from 1s to 24h'],
  ['moves.perSecond', [0, 1001], [1, 1000], 'a whole number from 1 to 1000'],
  ['announcement.refreshInterval', ['4999ms', '3601s', '60'], ['5s', '1h'], 'a duration from 5s to 1h'],
  ['announcement.framesPerSecond', [9, 100_001], [10, 100_000], 'a whole number from 10 to 100000'],
  ['duplicateAddress', ['ignore'], ['warn', 'refuse'], 'warn, refuse'],
  ['maintenance.drainUnschedulable', ['yes', 1], [true, false], 'true or false'],
  ['moves', ['fast', []], [{}], 'an object'],
]

describe('a SpeakerPolicy', () => {
  for (const [path, outside, inside, says] of ROWS) {
    for (const value of outside) {
      it(`refuses ${JSON.stringify(value)} at ${path}, and says what is accepted`, () => {
        const read = readSpeakerPolicy(policy(at(path, value)))
        assert.ok(!read.ok)
        const [problem] = read.problems
        assert.ok(problem !== undefined)
        assert.equal(problem.path, `spec.${path}`)
        assert.match(describeProblem(problem), new RegExp(`^SpeakerPolicy default: .*; accepted: ${says}$`))
      })
    }
    for (const value of inside) {
      it(`takes ${JSON.stringify(value)} at ${path}`, () => {
        const read = readSpeakerPolicy(policy(at(path, value)))
        assert.ok(read.ok)
        assert.deepEqual(Object.keys(read.value).sort(), Object.keys(DEFAULT_POLICY).sort())
      })
    }
  }

  it('tells all that is wrong at once', () => {
    const read = readSpeakerPolicy(policy({ moves: { perSecond: 0 }, partition: 'no', rebalance: { delay: 'soon' } }))
    assert.ok(!read.ok)
    assert.deepEqual(
      read.problems.map(({ path }) => path),
      ['spec.partition', 'spec.rebalance.delay', 'spec.moves.perSecond'],
    )
  })

  for (const [what, spec] of [
    ['without a spec', undefined],
    ['with an empty spec', {}],
    ['with empty parts', { membership: {}, rebalance: {}, moves: {}, announcement: {}, maintenance: {} }],
  ] as const) {
    it(`${what} is as if there were none`, () => {
      const read = readSpeakerPolicy(policy(spec))
      assert.deepEqual(read, { ok: true, value: DEFAULT_POLICY })
    })
  }

  it('of another name is refused, whatever it says', () => {
    const read = readSpeakerPolicy(policy({}, 'other'))
    assert.ok(!read.ok)
    assert.deepEqual(read.problems, [
      {
        object: 'SpeakerPolicy other',
        path: 'metadata.name',
        message: 'found "other"; accepted: the one name default',
      },
    ])
  })

  for (const junk of [undefined, null, 7, 'default', [], { metadata: 7 }]) {
    it(`that is ${JSON.stringify(junk)} is refused`, () => assert.equal(readSpeakerPolicy(junk).ok, false))
  }

  it('has its durations in milliseconds', () => {
    const read = readSpeakerPolicy(
      policy({
        membership: { heartbeatInterval: '0.25s' },
        rebalance: { delay: '1m30s' },
        announcement: { refreshInterval: '5.0004s' },
      }),
    )
    assert.ok(read.ok)
    const { membership, rebalance, announcement } = read.value
    assert.deepEqual(
      [membership.heartbeatIntervalMs, rebalance.delayMs, announcement.refreshIntervalMs],
      [250, 90_000, 5000],
    )
  })

  it('is slower over long distances', () => {
    assert.deepEqual(membershipTiming(DEFAULT_POLICY, false), { heartbeatIntervalMs: 100, misses: 4 })
    assert.deepEqual(membershipTiming(DEFAULT_POLICY, true), { heartbeatIntervalMs: 500, misses: 4 })
  })

  it('is told in one sentence', () => {
    assert.equal(
      describePolicy(DEFAULT_POLICY),
      'In force: heartbeats every 100 ms, of which 4 may be missing; partition available; rebalance never; at most 20 ' +
        'moves a second; addresses announced again every 60 s; at most 2000 frames a second; duplicate addresses: warn; ' +
        'cordoned nodes keep their addresses.',
    )
    const delayed = { ...DEFAULT_POLICY, rebalance: { mode: 'delayed', delayMs: 90_000 } } as const
    assert.match(describePolicy(delayed), /rebalance after 90 s;/)
    assert.match(
      describePolicy({ ...DEFAULT_POLICY, maintenance: { drainUnschedulable: true } }),
      /; cordoned nodes hand over\.$/,
    )
  })

  it('that is not there has generation 0', () => {
    assert.equal(generationOf(undefined), 0)
    assert.equal(generationOf({ apiVersion: '', kind: '', metadata: { name: 'default', generation: 3 } }), 3)
  })
})
