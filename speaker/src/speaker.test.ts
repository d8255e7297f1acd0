import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NODES, PODS, SERVICE_L2_STATUSES, SERVICES } from '@steelyard/kube'
import { assertShared, ipOf, ownersOf, serveMany, withdrawals } from './testing/expectations.ts'
import { l2Status, node, NAMESPACE, speakerPod } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

describe('three speakers', () => {
  it('share out the Services: one answers for each address, the API shows it, and then nothing is written', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    assertShared(scene, 9)
    const loads = Object.values(scene.speakers).map(({ link }) => link.announced().size)
    assert.ok(Math.max(...loads) <= 4, loads.join(' '))
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.equal(writes(), 0)
    await scene.stop()
  })

  it('share out a burst, and need one object with its status and one Event for each Service', async () => {
    const scene = speakerCluster()
    await scene.rest()
    const writes = scene.countWrites()
    for (let at = 1; at <= 120; at++) {
      scene.serve(`web-${at}`, [ipOf(at)], { createdAt: `2026-01-01T00:00:${String(at % 3).padStart(2, '0')}Z` })
      if (at % 7 === 0) await scene.rest(1)
    }
    await scene.rest(10_000)
    assertShared(scene, 120)
    assert.ok(writes() <= 3 * 120 + 12, `${writes()} writes`)
    await scene.stop()
  })

  it('tell the owner of the Service once where it is announced', async () => {
    const scene = speakerCluster()
    serveMany(scene, 3)
    await scene.rest()
    assert.deepEqual(scene.events(), ['nodeAssigned web-1', 'nodeAssigned web-2', 'nodeAssigned web-3'])
    await scene.stop()
  })

  it('fall silent when a Service is deleted, and take its object along', async () => {
    const scene = speakerCluster()
    serveMany(scene, 2)
    await scene.rest()
    const [[owner]] = ownersOf(scene, 1) as [[string]]
    scene.cluster.remove(SERVICES, { namespace: 'shop', name: 'web-1' })
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), [])
    assert.equal(scene.answering(ipOf(2)).length, 1)
    assert.equal(scene.shown().length, 1)
    assert.deepEqual(withdrawals(scene, owner), ['serviceDeleted'])
    await scene.stop()
  })

  it('take over what a lost node held and nothing else, and it gets nothing back when it returns', async () => {
    const scene = speakerCluster()
    serveMany(scene, 12)
    await scene.rest()
    const before = ownersOf(scene, 12)
    scene.cluster.put(PODS, speakerPod('n1', 'False'))
    await scene.rest()
    assertShared(scene, 12)
    const after = ownersOf(scene, 12)
    for (const [at, [owner]] of before.entries()) {
      if (owner === 'n1') assert.notEqual(after[at]?.[0], 'n1')
      else assert.deepEqual(after[at], [owner])
    }
    assertShared(scene, 12)
    scene.cluster.put(PODS, speakerPod('n1'))
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 12), after)
    assertShared(scene, 12)
    await scene.stop()
  })

  const ways: [name: string, lose: (scene: SpeakerCluster) => void, back: (scene: SpeakerCluster) => void][] = [
    [
      'is not Ready',
      (scene) => scene.cluster.put(NODES, node('n1', {}, { Ready: 'Unknown' })),
      (scene) => scene.cluster.put(NODES, node('n1')),
    ],
    [
      'is gone',
      (scene) => scene.cluster.remove(NODES, { name: 'n1' }),
      (scene) => scene.cluster.put(NODES, node('n1')),
    ],
    [
      'has no network',
      (scene) => scene.cluster.put(NODES, node('n1', {}, { NetworkUnavailable: 'True' })),
      (scene) => scene.cluster.put(NODES, node('n1', {}, { NetworkUnavailable: 'False' })),
    ],
    [
      'is excluded by its label',
      (scene) =>
        scene.cluster.put(NODES, node('n1', { 'node.kubernetes.io/exclude-from-external-load-balancers': 'x' })),
      (scene) => scene.cluster.put(NODES, node('n1')),
    ],
    [
      'has its speaker removed',
      (scene) => scene.cluster.remove(PODS, { namespace: NAMESPACE, name: 'speaker-n1' }),
      (scene) => scene.cluster.put(PODS, speakerPod('n1')),
    ],
  ]
  for (const [name, lose, back] of ways) {
    it(`leave out a node that ${name}`, async () => {
      const scene = speakerCluster()
      serveMany(scene, 6)
      await scene.rest()
      assert.ok(scene.speakers['n1']!.link.announced().size > 0)
      lose(scene)
      await scene.rest()
      assert.equal(scene.speakers['n1']!.link.announced().size, 0)
      assertShared(scene, 6)
      back(scene)
      await scene.rest()
      assert.equal(scene.speakers['n1']!.link.announced().size, 0)
      assertShared(scene, 6)
      await scene.stop()
    })
  }

  it('go on as they are when the cluster says that nobody is alive', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    for (const name of ['n1', 'n2', 'n3']) scene.cluster.put(NODES, node(name, {}, { Ready: 'Unknown' }))
    await scene.rest()
    // The last to be lost may have taken over, but none is without an owner.
    assertShared(scene, 6)
    for (const name of ['n1', 'n2', 'n3']) scene.cluster.put(NODES, node(name))
    await scene.rest()
    assertShared(scene, 6)
    const warnings = scene.speakers['n1']!.lines.filter(
      ({ caller, level }) => caller === 'liveness' && level === 'warn',
    )
    assert.equal(warnings.length, 1)
    await scene.stop()
  })

  it('go on where they were after a restart, without a word', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    const before = ownersOf(scene, 9)
    const events = scene.events()
    await Promise.all([scene.speakers['n2']!.speaker.stop(), scene.rest()])
    const writes = scene.countWrites()
    scene.start('n2')
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 9), before)
    assert.deepEqual(scene.events(), events)
    assert.ok(writes() <= 1, `${writes()} writes: only the time of the last look at the configuration`)
    await scene.stop()
  })

  it('settle two claims on one Service, and the loser removes only its own object', async () => {
    const scene = speakerCluster({ running: [] })
    serveMany(scene, 8)
    for (let at = 1; at <= 8; at++) {
      scene.cluster.put(SERVICE_L2_STATUSES, l2Status(`l2-a${at}`, `web-${at}`, 'n1'))
      scene.cluster.put(SERVICE_L2_STATUSES, l2Status(`l2-b${at}`, `web-${at}`, 'n2'))
    }
    for (const name of ['n1', 'n2', 'n3']) scene.start(name)
    await scene.rest()
    assertShared(scene, 8)
    assert.ok(ownersOf(scene, 8).every(([owner]) => owner !== 'n3'))
    await scene.stop()
  })

  it('ignore the claim of a node that is gone, and remove its object', async () => {
    const scene = speakerCluster({ running: [] })
    serveMany(scene, 1)
    scene.cluster.put(SERVICE_L2_STATUSES, l2Status('l2-old', 'web-1', 'gone'))
    for (const name of ['n1', 'n2', 'n3']) scene.start(name)
    await scene.rest()
    assertShared(scene, 1)
    await scene.stop()
  })

  it('all count as alive when no speaker Pod is to be seen', async () => {
    const scene = speakerCluster({ running: [] })
    for (const name of ['n1', 'n2', 'n3']) scene.cluster.remove(PODS, { namespace: NAMESPACE, name: `speaker-${name}` })
    serveMany(scene, 6)
    for (const name of ['n1', 'n2', 'n3']) scene.start(name, { podName: '' })
    await scene.rest()
    assertShared(scene, 6)
    for (const { link } of Object.values(scene.speakers)) assert.ok(link.announced().size > 0)
    await scene.stop()
  })
})
