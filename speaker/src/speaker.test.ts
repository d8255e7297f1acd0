import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { NODES, PODS, SERVICE_L2_STATUSES, SERVICES } from '@steelyard/kube'
import { assertShared, ipOf, ownersOf, serveMany, withdrawals } from './testing/expectations.ts'
import { MAINTENANCE_ANNOTATION } from './decide/drain.ts'
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
    scene.peers.cut('n1')
    await scene.rest(500)
    scene.cluster.put(PODS, speakerPod('n1', 'False'))
    await scene.rest()
    assert.ok(scene.speakers['n1']!.link.announced().size > 0, 'cut off from the others, it goes on for its own side')
    scene.speakers['n1']!.link.setInterfaces()
    await scene.rest()
    assertShared(scene, 12)
    const after = ownersOf(scene, 12)
    for (const [at, [owner]] of before.entries()) {
      if (owner === 'n1') assert.notEqual(after[at]?.[0], 'n1')
      else assert.deepEqual(after[at], [owner])
    }
    assertShared(scene, 12)
    scene.cluster.put(PODS, speakerPod('n1'))
    scene.speakers['n1']!.link.setInterfaces('eth0')
    scene.peers.mend('n1')
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 12), after)
    assertShared(scene, 12)
    await scene.stop()
  })

  const ways: [name: string, lose: (scene: SpeakerCluster) => void, back: (scene: SpeakerCluster) => void][] = [
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

  it('go on as they are whatever the API says of Nodes and Pods: they hear each other', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    const before = ownersOf(scene, 6)
    for (const name of ['n1', 'n2']) {
      scene.cluster.put(NODES, node(name, {}, { Ready: 'Unknown' }))
      scene.cluster.remove(PODS, { namespace: NAMESPACE, name: `speaker-${name}` })
    }
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 6), before)
    await scene.stop()
  })

  it('hand over what one of them has when it stops, and it takes nothing back', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    const before = ownersOf(scene, 9)
    const stopping = scene.speakers['n2']!.speaker.stop()
    for (let ms = 0; ms < 40; ms++) {
      await scene.rest(1)
      for (const owners of ownersOf(scene, 9)) assert.ok(owners.length >= 1, 'somebody answers all the time')
    }
    await Promise.all([stopping, scene.rest()])
    const after = ownersOf(scene, 9)
    for (const [at, [owner]] of before.entries()) {
      if (owner === 'n2') assert.notEqual(after[at]?.[0], 'n2')
      else assert.deepEqual(after[at], [owner])
    }
    scene.start('n2')
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 9), after)
    assertShared(scene, 9)
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.equal(writes(), 0)
    await scene.stop()
  })

  it('give away what a node in maintenance has, and it takes nothing until that is over', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    const marked = {
      ...node('n1'),
      metadata: { ...node('n1').metadata, annotations: { [MAINTENANCE_ANNOTATION]: '' } },
    }
    scene.cluster.put(NODES, marked)
    for (let ms = 0; ms < 1000; ms += 10) {
      await scene.rest(10)
      for (const owners of ownersOf(scene, 9)) assert.ok(owners.length >= 1, 'somebody answers all the time')
    }
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    scene.peers.cut('n2')
    scene.speakers['n2']!.link.setInterfaces()
    await scene.rest()
    assert.deepEqual(
      ownersOf(scene, 9),
      Array.from({ length: 9 }, () => ['n3']),
    )
    scene.cluster.put(NODES, node('n1'))
    scene.serve('web-10', [ipOf(10)])
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(10)), ['n1'])
    await scene.stop()
  })

  it('settle what two halves both took: the larger keeps it, and nothing else moves', async () => {
    const scene = speakerCluster()
    serveMany(scene, 9)
    await scene.rest()
    scene.peers.cut('n1')
    await scene.rest()
    const halves = ownersOf(scene, 9)
    for (const owners of halves) assert.equal(owners.length, 2, 'each half serves its own side')
    scene.peers.mend('n1')
    await scene.rest()
    assertShared(scene, 9)
    assert.deepEqual(
      ownersOf(scene, 9),
      halves.map((owners) => owners.filter((name) => name !== 'n1')),
    )
    await scene.stop()
  })

  it('write no object in a race while the halves of a network share an API server', async () => {
    const scene = speakerCluster()
    serveMany(scene, 3)
    await scene.rest()
    scene.peers.cut('n1')
    await scene.rest()
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.ok(writes() <= 150, `${writes()} writes in ten minutes`)
    scene.peers.mend('n1')
    await scene.rest(120_000)
    assertShared(scene, 3)
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

  it('all count as alive without membership, and share by reckoning alone', async () => {
    const scene = speakerCluster({ membership: false })
    serveMany(scene, 6)
    await scene.rest()
    assertShared(scene, 6)
    for (const { link } of Object.values(scene.speakers)) assert.ok(link.announced().size > 0)
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.equal(writes(), 0)
    await scene.stop()
  })
})
