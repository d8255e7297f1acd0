import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MemoryCluster, SPEAKER_POLICIES, type SpeakerPolicyObject } from '@steelyard/kube'
import { controllerFixture, end, pass, type Replica, until } from './testing/controller-fixture.ts'

const REF = { name: 'default' }

function putPolicy(cluster: MemoryCluster, spec: object, name = 'default'): void {
  const before = cluster.read(SPEAKER_POLICIES, { name })
  const generation = (before?.metadata.generation ?? 0) + 1
  const metadata = { ...before?.metadata, name, uid: `policy-${name}`, generation }
  const object: SpeakerPolicyObject = { apiVersion: 'steelyard.dev/v1alpha1', kind: 'SpeakerPolicy', metadata, spec }
  cluster.put(SPEAKER_POLICIES, { ...object, ...(before?.status && { status: before.status }) })
}

function inForce(
  cluster: MemoryCluster,
): NonNullable<NonNullable<SpeakerPolicyObject['status']>['conditions']>[number] {
  const { status } = cluster.read(SPEAKER_POLICIES, REF) ?? {}
  const [condition] = status?.conditions ?? []
  assert.ok(condition !== undefined)
  assert.equal(condition.observedGeneration, status?.observedGeneration)
  return condition
}

function policyWrites({ api }: Replica): number {
  return api.writes().filter(({ resource }) => resource.plural === 'speakerpolicies').length
}

const hasStatus = (cluster: MemoryCluster) => (): boolean =>
  cluster.read(SPEAKER_POLICIES, REF)?.status?.observedGeneration ===
  cluster.read(SPEAKER_POLICIES, REF)?.metadata.generation

describe('the SpeakerPolicy says', () => {
  it('that it is in force, and with which values', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, { partition: 'fenced' })
    const replica = start()
    await until(clock, hasStatus(cluster))
    const { message, ...rest } = inForce(cluster)
    assert.deepEqual(rest, {
      type: 'InForce',
      status: 'True',
      reason: 'Reconciled',
      lastTransitionTime: '1970-01-01T00:00:00Z',
      observedGeneration: 1,
    })
    assert.match(message ?? '', /^In force: heartbeats every 100 ms, .*; partition fenced; /)
    await end(clock, replica)
  })

  it('what is wrong where it cannot be, and that it is in force again once it is mended', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, {})
    const replica = start()
    await until(clock, hasStatus(cluster))
    await pass(clock, 5000)
    putPolicy(cluster, { moves: { perSecond: 0 } })
    await until(clock, hasStatus(cluster))
    const refused = inForce(cluster)
    assert.deepEqual([refused.status, refused.reason], ['False', 'ConfigurationError'])
    assert.match(
      refused.message ?? '',
      /^SpeakerPolicy default: spec\.moves\.perSecond: found 0; accepted: a whole number from 1 to 1000; speakers keep/,
    )
    assert.notEqual(refused.lastTransitionTime, '1970-01-01T00:00:00Z')
    assert.ok(replica.log.some(({ level, message }) => level === 'error' && message.includes('spec.moves.perSecond')))
    putPolicy(cluster, {})
    await until(clock, hasStatus(cluster))
    assert.equal(inForce(cluster).status, 'True')
    await end(clock, replica)
  })

  it('since when, however often its values change', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, {})
    const replica = start()
    await until(clock, hasStatus(cluster))
    const { lastTransitionTime } = inForce(cluster)
    await pass(clock, 5000)
    putPolicy(cluster, { partition: 'fenced' })
    await until(clock, hasStatus(cluster))
    assert.equal(inForce(cluster).lastTransitionTime, lastTransitionTime)
    await end(clock, replica)
  })

  it('it once, and again only when somebody took it away', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, {})
    const replica = start()
    await until(clock, hasStatus(cluster))
    await pass(clock, 60_000)
    assert.equal(policyWrites(replica), 1)
    const { status: _, ...bare } = cluster.read(SPEAKER_POLICIES, REF)!
    cluster.put(SPEAKER_POLICIES, bare)
    await until(clock, hasStatus(cluster))
    await pass(clock, 60_000)
    assert.equal(policyWrites(replica), 2)
    await end(clock, replica)
  })

  it('nothing where it has another name, and nothing is written where there is none', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, {}, 'other')
    const replica = start()
    await until(clock, replica.controller.isActive)
    await pass(clock, 5000)
    assert.equal(policyWrites(replica), 0)
    await end(clock, replica)
  })

  it('nothing from a standby', async () => {
    const { cluster, clock, start } = controllerFixture()
    const [first, second] = [start('one'), start('two')]
    await until(clock, () => first.controller.isActive() || second.controller.isActive())
    putPolicy(cluster, {})
    await until(clock, hasStatus(cluster))
    await pass(clock, 5000)
    assert.equal(policyWrites(first) + policyWrites(second), 1)
    await end(clock, first, second)
  })

  it('it in the end, when the API fails at first', async () => {
    const { cluster, clock, start } = controllerFixture()
    putPolicy(cluster, {})
    const replica = start()
    replica.api.faults.failNext(
      3,
      {},
      ({ verb, resource }) => verb === 'patch' && resource.plural === 'speakerpolicies',
    )
    await until(clock, hasStatus(cluster))
    await end(clock, replica)
  })
})

describe('a cluster that does not know the SpeakerPolicy', () => {
  it('gets its addresses all the same', async () => {
    const { clock, start } = controllerFixture()
    const replica = start()
    replica.api.faults.failNext(
      Infinity,
      { status: 404, reason: 'NotFound' },
      ({ resource }) => resource.plural === 'speakerpolicies',
    )
    await until(clock, replica.controller.isActive)
    assert.equal(replica.controller.notReady(), undefined)
    await end(clock, replica)
  })
})
