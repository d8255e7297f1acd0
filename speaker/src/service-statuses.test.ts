import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SERVICE_L2_STATUSES, type ServiceL2Status } from '@steelyard/kube'
import { assertShared, ipOf, serveMany } from './testing/expectations.ts'
import { l2Status, NAMESPACE } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

const theOne = (scene: SpeakerCluster): ServiceL2Status => {
  const [status, ...more] = scene.cluster.readAll(SERVICE_L2_STATUSES)
  assert.deepEqual(more, [])
  return status!
}
const settled = async (): Promise<SpeakerCluster> => {
  const scene = speakerCluster({ nodes: ['n1'] })
  scene.serve('web-1', [ipOf(1)])
  await scene.rest()
  return scene
}

describe('the ServiceL2Status of a Service', () => {
  it('has labels, status, an owner and a generated name, and no spec', async () => {
    const scene = await settled()
    const { metadata, status, ...rest } = theOne(scene)
    assert.match(metadata.name, /^l2-.+/)
    assert.equal(metadata.namespace, NAMESPACE)
    assert.deepEqual(metadata.labels, {
      'metallb.io/node': 'n1',
      'metallb.io/service-name': 'web-1',
      'metallb.io/service-namespace': 'shop',
    })
    assert.deepEqual(metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Pod', name: 'speaker-n1', uid: 'pod-n1' }])
    assert.deepEqual(status, { node: 'n1', serviceName: 'web-1', serviceNamespace: 'shop', interfaces: [] })
    assert.deepEqual(Object.keys(rest).sort(), ['apiVersion', 'kind'])
    await scene.stop()
  })

  const edits: [name: string, edit: (object: ServiceL2Status) => ServiceL2Status][] = [
    ['interfaces', (object) => ({ ...object, status: { ...object.status, interfaces: [{ name: 'eth9' }] } })],
    ['labels', (object) => ({ ...object, metadata: { ...object.metadata, labels: { 'metallb.io/node': 'n9' } } })],
    ['owner', (object) => ({ ...object, metadata: { ...object.metadata, ownerReferences: [] } })],
  ]
  for (const [name, edit] of edits) {
    it(`gets its ${name} back after an edit`, async () => {
      const scene = await settled()
      const before = theOne(scene)
      scene.cluster.put(SERVICE_L2_STATUSES, edit(before))
      await scene.rest()
      const { metadata, status } = theOne(scene)
      assert.deepEqual(
        [metadata.labels, metadata.ownerReferences, status],
        [before.metadata.labels, before.metadata.ownerReferences, before.status],
      )
      await scene.stop()
    })
  }

  it('keeps a label that somebody added', async () => {
    const scene = await settled()
    const object = theOne(scene)
    const labels = { ...object.metadata.labels, team: 'blue' }
    scene.cluster.put(SERVICE_L2_STATUSES, { ...object, metadata: { ...object.metadata, labels } })
    const writes = scene.countWrites()
    await scene.rest()
    assert.deepEqual([theOne(scene).metadata.labels, writes()], [labels, 0])
    await scene.stop()
  })

  it('comes back when it is deleted, and nothing moves for it', async () => {
    const scene = speakerCluster()
    serveMany(scene, 3)
    await scene.rest()
    const shown = scene.shown()
    for (const { metadata } of scene.cluster.readAll(SERVICE_L2_STATUSES))
      scene.cluster.remove(SERVICE_L2_STATUSES, metadata)
    await scene.rest()
    assert.deepEqual(scene.shown(), shown)
    assertShared(scene, 3)
    await scene.stop()
  })

  it('is one: duplicates and those of other nodes go', async () => {
    const scene = await settled()
    const { name } = theOne(scene).metadata
    scene.cluster.put(SERVICE_L2_STATUSES, l2Status('l2-zz', 'web-1', 'n1'))
    scene.cluster.put(SERVICE_L2_STATUSES, l2Status('l2-other', 'web-1', 'n2'))
    await scene.rest(5000)
    assert.ok(['l2-zz', name].includes(theOne(scene).metadata.name))
    assert.equal(theOne(scene).status?.node, 'n1')
    await scene.stop()
  })

  it('of another Service and node is left alone by those who do not announce it', async () => {
    const scene = await settled()
    scene.cluster.put(SERVICE_L2_STATUSES, l2Status('l2-foreign', 'unknown', 'n7'))
    await scene.rest(5000)
    assert.deepEqual(scene.shown(), ['unknown@n7', 'web-1@n1'])
    await scene.stop()
  })

  it('is made once even when the watch is late', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    await scene.rest()
    const { api } = scene.speakers['n1']!
    scene.serve('web-1', [ipOf(1)])
    await scene.rest(1)
    api.faults.stallWatches(true)
    await scene.rest(500)
    scene.serve('web-1', [ipOf(1)], { labels: { more: 'news' } })
    await scene.rest(500)
    api.faults.stallWatches(false)
    await scene.rest(10_000)
    assert.equal(scene.shown().length, 1)
    assert.equal(
      api.calls.filter(({ verb, resource }) => verb === 'create' && resource === SERVICE_L2_STATUSES).length,
      1,
    )
    await scene.stop()
  })

  const failing: [name: string, matches: (call: { verb: string; subresource?: string }) => boolean][] = [
    ['its creation', ({ verb }) => verb === 'create'],
    ['its status', ({ verb, subresource }) => verb === 'patch' && subresource === 'status'],
    ['its removal', ({ verb }) => verb === 'delete'],
  ]
  for (const [name, matches] of failing) {
    it(`is right in the end when ${name} fails a few times, or only the answer is lost`, async () => {
      const scene = speakerCluster({ nodes: ['n1'] })
      await scene.rest()
      const { api } = scene.speakers['n1']!
      const isOurs = (call: { verb: string; subresource?: string; resource: unknown }): boolean =>
        call.resource === SERVICE_L2_STATUSES && matches(call)
      api.faults.failNext(3, { status: 500, reason: 'InternalError' }, isOurs)
      api.faults.loseNextAnswers(1, isOurs)
      scene.serve('web-1', [ipOf(1)])
      scene.serve('web-2', [ipOf(2)])
      await scene.rest(60_000)
      scene.serve('web-2', [])
      await scene.rest(60_000)
      assert.deepEqual(scene.shown(), ['web-1@n1'])
      assert.deepEqual(scene.answering(ipOf(1)), ['n1'])
      await scene.stop()
    })
  }
})
