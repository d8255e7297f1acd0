import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EVENTS, L2_ADVERTISEMENTS, SERVICE_L2_STATUSES } from '@steelyard/kube'
import { assertShared, ipOf, ownersOf, serveMany } from './testing/expectations.ts'
import { l2Advertisement } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

const MISSING = 'steelyard.dev/missing-interfaces'
const onInterfaces = (...interfaces: string[]): SpeakerCluster =>
  speakerCluster({ advertisements: [l2Advertisement('lan', { interfaces })] })
/** Speakers that do not talk to each other learn of it by the API. */
const withoutMembership = (interfaces: readonly string[] = ['eth0']): SpeakerCluster =>
  speakerCluster({ advertisements: [l2Advertisement('lan', { interfaces })], membership: false })
const noticeOf = (scene: SpeakerCluster, name: string): string | undefined =>
  scene.stateOf(name)?.metadata.annotations?.[MISSING]
const failures = (scene: SpeakerCluster): string[] =>
  scene.events().filter((event) => event.startsWith('announceFailed'))

describe('a node that lacks the interfaces of an advertisement', () => {
  it('hands what it announced to others, who hear it from the node itself', async () => {
    const scene = onInterfaces('eth0')
    serveMany(scene, 9)
    await scene.rest()
    const writes = scene.countWrites()
    scene.speakers['n1']!.link.setInterfaces('eth7')
    await scene.rest(100)
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    await scene.rest()
    assertShared(scene, 9)
    assert.equal(noticeOf(scene, 'n1'), undefined)
    assert.ok(writes() > 0)
    await scene.stop()
  })

  it('without membership says so in its ConfigurationState, by which the others go', async () => {
    const scene = withoutMembership()
    serveMany(scene, 9)
    await scene.rest()
    assertShared(scene, 9)
    assert.equal(scene.stateOf('n1')?.metadata.labels?.[MISSING], undefined)
    scene.speakers['n1']!.link.setInterfaces('eth7')
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    assertShared(scene, 9)
    assert.deepEqual([noticeOf(scene, 'n1'), scene.stateOf('n1')?.metadata.labels?.[MISSING]], ['eth0', 'true'])
    const writes = scene.countWrites()
    await scene.rest(600_000)
    assert.equal(writes(), 0)
    await scene.stop()
  })

  it('says announceFailed for each Service that it should have announced, with address, node and interfaces', async () => {
    const scene = onInterfaces('eth0')
    serveMany(scene, 6)
    await scene.rest()
    const lost = ownersOf(scene, 6).flatMap(([owner], at) => (owner === 'n1' ? [`announceFailed web-${at + 1}`] : []))
    scene.speakers['n1']!.link.setInterfaces('eth7')
    await scene.rest()
    assert.deepEqual(failures(scene), lost)
    const event = scene.cluster.readAll(EVENTS).find(({ reason }) => reason === 'announceFailed')
    assert.equal(event?.type, 'Warning')
    assert.match(event?.message ?? '', /^cannot announce 192\.0\.2\.\d: node n1 has none of the interfaces eth0$/)
    await scene.stop()
  })

  it('without membership takes its notice back when the interface returns, and may own again', async () => {
    const scene = withoutMembership()
    await scene.rest()
    for (const name of ['n1', 'n2']) scene.speakers[name]!.link.setInterfaces('eth7')
    await scene.rest()
    scene.serve('web-1', [ipOf(1)])
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n3'])
    scene.speakers['n1']!.link.setInterfaces('eth0')
    await scene.rest()
    assert.equal(noticeOf(scene, 'n1'), undefined)
    assert.deepEqual(scene.answering(ipOf(1)), ['n3'])
    scene.speakers['n3']!.link.setInterfaces('eth7')
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n1'])
    await scene.stop()
  })

  it('is heard by a speaker that starts later', async () => {
    const scene = speakerCluster({
      advertisements: [l2Advertisement('lan', { interfaces: ['eth0'] })],
      running: ['n1'],
    })
    serveMany(scene, 6)
    await scene.rest(0)
    scene.speakers['n1']!.link.setInterfaces('eth7')
    await scene.rest()
    scene.start('n2')
    scene.start('n3')
    await scene.rest()
    assertShared(scene, 6)
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    await scene.stop()
  })

  it('without membership does not announce while the API still shows its notice: the others go by that', async () => {
    const scene = withoutMembership()
    serveMany(scene, 6)
    await scene.rest(0)
    scene.speakers['n1']!.link.setInterfaces('eth7')
    await scene.rest()
    const { api, link } = scene.speakers['n1']!
    api.faults.failNext(1000, { status: 500, reason: 'InternalError' }, ({ verb }) => verb === 'patch')
    link.setInterfaces('eth0')
    await scene.rest()
    assert.equal(link.announced().size, 0)
    assertShared(scene, 6)
    await scene.stop()
  })

  it('announces on those it has, when there are several', async () => {
    const scene = onInterfaces('eth0', 'eth9')
    scene.serve('web-1', [ipOf(1)])
    await scene.rest()
    const [owner = ''] = scene.answering(ipOf(1))
    assert.equal(scene.speakers[owner]!.link.announced().get(ipOf(1)), 'eth0,eth9')
    const [status] = scene.cluster.readAll(SERVICE_L2_STATUSES)
    assert.deepEqual(status?.status?.interfaces, [{ name: 'eth0' }, { name: 'eth9' }])
    assert.deepEqual(failures(scene), [])
    await scene.stop()
  })

  it('with no usable interface at all announces nothing', async () => {
    const scene = speakerCluster()
    serveMany(scene, 6)
    await scene.rest()
    scene.speakers['n1']!.link.setInterfaces()
    await scene.rest()
    assert.equal(scene.speakers['n1']!.link.announced().size, 0)
    assertShared(scene, 6)
    await scene.stop()
  })
})

describe('an interface that nobody has', () => {
  it('is told once for each Service, by one node, and mended by naming another', async () => {
    const scene = onInterfaces('eth9')
    serveMany(scene, 6)
    await scene.rest()
    assert.deepEqual(ownersOf(scene, 6).flat(), [])
    assert.deepEqual(
      failures(scene),
      [1, 2, 3, 4, 5, 6].map((at) => `announceFailed web-${at}`),
    )
    assert.deepEqual(scene.shown(), [])
    scene.cluster.put(L2_ADVERTISEMENTS, {
      ...l2Advertisement('lan', { interfaces: ['eth0'] }),
    })
    await scene.rest()
    assertShared(scene, 6)
    for (const name of ['n1', 'n2', 'n3']) assert.equal(noticeOf(scene, name), undefined)
    await scene.stop()
  })
})
