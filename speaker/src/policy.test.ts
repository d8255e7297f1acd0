import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NODES, SPEAKER_POLICIES, type SpeakerPolicyObject } from '@steelyard/kube'
import { DEFAULT_POLICY, SPEAKER_POLICY_NAME } from '@steelyard/model'
import { membershipConfig, movePolicy } from './policy.ts'
import { assertShared, ownersOf, serveMany } from './testing/expectations.ts'
import { node } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

const policy = (spec: object): SpeakerPolicyObject => ({
  apiVersion: 'steelyard.dev/v1alpha1',
  kind: 'SpeakerPolicy',
  metadata: { name: SPEAKER_POLICY_NAME },
  spec,
})
const loads = (scene: SpeakerCluster): number[] =>
  Object.values(scene.speakers).map(({ link }) => link.announced().size)

/** One of three nodes comes last, when the others have taken everything. */
async function uneven(spec: object): Promise<SpeakerCluster> {
  const scene = speakerCluster({ running: ['n1', 'n2'] })
  scene.cluster.put(SPEAKER_POLICIES, policy(spec))
  serveMany(scene, 12)
  await scene.rest()
  scene.start('n3')
  await scene.rest(20_000)
  return scene
}

describe('rebalance', () => {
  it('never, unless told: who comes last has nothing', async () => {
    const scene = await uneven({})
    assert.equal(loads(scene)[2], 0)
    await scene.stop()
  })

  it('now: all have their share, and nobody is without an answer on the way', async () => {
    const scene = await uneven({ rebalance: { mode: 'now' } })
    assert.deepEqual(loads(scene), [4, 4, 4])
    assertShared(scene, 12)
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.deepEqual([loads(scene), writes()], [[4, 4, 4], 0])
    await scene.stop()
  })

  it('delayed: when it has been uneven for so long', async () => {
    const scene = await uneven({ rebalance: { mode: 'delayed', delay: '1m' } })
    assert.equal(loads(scene)[2], 0)
    await scene.rest(60_000)
    assert.deepEqual(loads(scene), [4, 4, 4])
    await scene.stop()
  })
})

describe('the SpeakerPolicy', () => {
  it('has a cordoned node hand over when it says so, and not before', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    const before = ownersOf(scene, 9)
    scene.cluster.put(NODES, { ...node('n1'), spec: { unschedulable: true } })
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 9), before)
    scene.cluster.put(SPEAKER_POLICIES, policy({ maintenance: { drainUnschedulable: true } }))
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    assertShared(scene, 9)
    await scene.stop()
  })

  it('that cannot be used is told, and leaves the last good one in force', async () => {
    const scene = speakerCluster()
    scene.cluster.put(SPEAKER_POLICIES, policy({ maintenance: { drainUnschedulable: true } }))
    await scene.rest()
    scene.cluster.put(SPEAKER_POLICIES, policy({ moves: { perSecond: 0 } }))
    await scene.rest()
    const errors = scene.speakers['n1']!.lines.filter(({ caller, level }) => caller === 'policy' && level === 'error')
    assert.equal(errors.length, 1)
    assert.match(String(errors[0]?.['error']), /perSecond/)
    serveMany(scene, 3)
    scene.cluster.put(NODES, { ...node('n1'), spec: { unschedulable: true } })
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().size, 0, 'it still hands over when cordoned')
    await scene.stop()
  })

  it('comes to the timings that speakers keep, slower over long distances', () => {
    const base = membershipConfig(DEFAULT_POLICY, false)
    assert.deepEqual([base.intervalMs, base.misses, base.settleMs, base.fencing], [100, 4, 1000, 'available'])
    const wan = membershipConfig({ ...DEFAULT_POLICY, partition: 'fenced' }, true)
    assert.deepEqual([wan.intervalMs, wan.confirmMs, wan.settleMs, wan.fencing], [500, 500, 5000, 'fenced'])
    const fast = { ...DEFAULT_POLICY, membership: { heartbeatIntervalMs: 50, misses: 3 } }
    assert.deepEqual(membershipConfig(fast, false).confirmMs, 100, 'the answers of others are not faster for it')
  })

  it('comes to the pace of moves', () => {
    const of = (rebalance: 'never' | 'delayed' | 'now') =>
      movePolicy({ ...DEFAULT_POLICY, rebalance: { mode: rebalance, delayMs: 7000 } }).rebalanceAfterMs
    assert.deepEqual([of('never'), of('delayed'), of('now')], [undefined, 7000, 0])
  })
})

describe('the SpeakerStatus', () => {
  it('shows what a speaker has, why, and whom it hears', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    const owned = ['n1', 'n2', 'n3'].flatMap((name) => scene.statusOf(name)?.owned ?? [])
    assert.deepEqual(
      owned.map(({ ip }) => ip).sort(),
      [1, 2, 3, 4, 5, 6].map((at) => `192.0.2.${at}`),
    )
    for (const { epoch, cause, services } of owned) assert.deepEqual([epoch, cause, services?.length], [1, 'first', 1])
    assert.partialDeepStrictEqual(scene.statusOf('n1'), { standing: 'settled', memberCount: 3 })
    await scene.stop()
  })

  it('shows what moved, from where, and why', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    const lost = [...scene.speakers['n1']!.link.announced().keys()]
    assert.ok(lost.length > 0)
    scene.peers.cut('n1')
    scene.speakers['n1']!.link.setInterfaces()
    await scene.rest(20_000)
    const moves = ['n2', 'n3'].flatMap((name) => scene.statusOf(name)?.moves ?? [])
    const taken = moves.filter(({ from }) => from === 'n1').map(({ ip, cause }) => `${ip} ${cause}`)
    assert.deepEqual(taken.sort(), lost.map((ip) => `${ip} ownerLost`).sort())
    const seen = scene.statusOf('n2')?.members?.find(({ node: name }) => name === 'n1')
    assert.equal(seen?.status, 'dead')
    await scene.stop()
  })
})
