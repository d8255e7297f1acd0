import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ENDPOINT_SLICES, SERVICES } from '@steelyard/kube'
import { ipOf, withdrawals } from './testing/expectations.ts'
import { service, slice } from './testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from './testing/speaker-cluster.ts'

describe('one Service', () => {
  it('with a changed address is withdrawn and announced anew; a changed order is nothing', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    scene.serve('web', [ipOf(1), '2001:db8::1'])
    await scene.rest()
    const { link, lines } = scene.speakers['n1']!
    const sets = link.sets()
    scene.serve('web', ['2001:db8::1', ipOf(1)])
    await scene.rest()
    assert.equal(link.sets(), sets)
    scene.serve('web', [ipOf(2), '2001:db8::1'])
    await scene.rest()
    assert.deepEqual([...link.announced().keys()], [ipOf(2), '2001:db8::1'])
    assert.deepEqual(withdrawals(scene, 'n1'), ['loadBalancerIPChanged'])
    assert.equal(lines.filter(({ event }) => event === 'serviceAnnounced').length, 2)
    assert.equal(scene.shown().length, 1)
    await scene.stop()
  })

  const silencing: [name: string, change: (scene: SpeakerCluster) => void, reason: string][] = [
    [
      'that is no LoadBalancer any more',
      (scene) => scene.cluster.put(SERVICES, service('web', { ips: [ipOf(1)], spec: { type: 'ClusterIP' } })),
      'notLoadBalancer',
    ],
    [
      'that gets a foreign class',
      (scene) => scene.cluster.put(SERVICES, service('web', { ips: [ipOf(1)], spec: { loadBalancerClass: 'a/b' } })),
      'notLoadBalancer',
    ],
    ['without an address', (scene) => scene.cluster.put(SERVICES, service('web')), 'noIPAllocated'],
    [
      'with a host name',
      (scene) =>
        scene.cluster.put(SERVICES, {
          ...service('web'),
          status: { loadBalancer: { ingress: [{ hostname: 'x.example' }] } },
        }),
      'invalidIP',
    ],
    [
      'with an address in no pool',
      (scene) => scene.cluster.put(SERVICES, service('web', { ips: ['203.0.113.1'] })),
      'ipNotAllowed',
    ],
    ['without endpoints', (scene) => scene.cluster.put(ENDPOINT_SLICES, slice('web', [])), 'notOwner'],
    [
      'whose endpoints serve no more',
      (scene) => scene.cluster.put(ENDPOINT_SLICES, slice('web', ['n1'], { ready: false, serving: false })),
      'notOwner',
    ],
    [
      'that is deleted',
      (scene) => scene.cluster.remove(SERVICES, { namespace: 'shop', name: 'web' }),
      'serviceDeleted',
    ],
  ]
  for (const [name, change, reason] of silencing) {
    it(`${name} falls silent: ${reason}`, async () => {
      const scene = speakerCluster({ nodes: ['n1'] })
      scene.serve('web', [ipOf(1)])
      await scene.rest()
      assert.deepEqual(scene.answering(ipOf(1)), ['n1'])
      change(scene)
      await scene.rest()
      assert.deepEqual(scene.answering(ipOf(1)), [])
      assert.deepEqual(withdrawals(scene, 'n1'), [reason])
      assert.deepEqual(scene.shown(), [])
      await scene.stop()
    })
  }

  it('keeps its address while its last endpoints terminate but serve', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    scene.serve('web', [ipOf(1)])
    await scene.rest()
    const sets = scene.speakers['n1']!.link.sets()
    scene.cluster.put(ENDPOINT_SLICES, slice('web', ['n1'], { ready: false, serving: true, terminating: true }))
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n1'])
    assert.equal(scene.speakers['n1']!.link.sets(), sets)
    await scene.stop()
  })

  it('of policy Local is announced where its endpoints are, and moves with the last of them', async () => {
    const scene = speakerCluster()
    scene.serve('web', [ipOf(1)], { spec: { externalTrafficPolicy: 'Local' } })
    scene.cluster.put(ENDPOINT_SLICES, slice('web', ['n3']))
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n3'])
    scene.cluster.put(ENDPOINT_SLICES, slice('web', ['n2']))
    await scene.rest()
    assert.deepEqual(scene.answering(ipOf(1)), ['n2'])
    assert.deepEqual(scene.shown(), ['web@n2'])
    await scene.stop()
  })

  it('is announced with manual endpoints that no node runs', async () => {
    const scene = speakerCluster()
    scene.serve('web', [ipOf(1)])
    scene.cluster.put(ENDPOINT_SLICES, slice('web', [undefined]))
    await scene.rest()
    assert.equal(scene.answering(ipOf(1)).length, 1)
    await scene.stop()
  })
})
