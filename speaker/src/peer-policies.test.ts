import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BGP_PEER_POLICIES } from '@steelyard/kube'
import { ipOf } from './testing/expectations.ts'
import { NAMESPACE } from './testing/objects.ts'
import { speakerCluster } from './testing/speaker-cluster.ts'

const policy = (name: string, spec: object) => ({
  apiVersion: 'steelyard.dev/v1alpha1',
  kind: 'BGPPeerPolicy',
  metadata: { name, namespace: NAMESPACE },
  spec,
})

describe('a cluster that does not know the BGPPeerPolicy', () => {
  it('has its addresses announced all the same, two seconds later at most', async () => {
    const scene = speakerCluster({ nodes: ['n1'], running: [], membership: false })
    scene.serve('web', [ipOf(1)])
    const { api, speaker } = scene.start('n1')
    const isAsked = ({ resource }: { resource: { plural: string } }): boolean => resource.plural === 'bgppeerpolicies'
    api.faults.failNext(Infinity, { status: 404, reason: 'NotFound' }, isAsked)
    await scene.rest(1900)
    assert.deepEqual(scene.answering(ipOf(1)), [])
    await scene.rest(1000)
    assert.deepEqual(scene.answering(ipOf(1)), ['n1'])
    assert.equal(speaker.unready(), undefined)
    await scene.stop()
  })
})

describe('a BGPPeerPolicy', () => {
  it('is a part of the configuration: a wrong one refuses it, until it is mended', async () => {
    const scene = speakerCluster({ nodes: ['n1'] })
    await scene.rest()
    scene.cluster.put(BGP_PEER_POLICIES, policy('for-all', { listenPort: 1179 }))
    await scene.rest()
    assert.match(
      scene.stateOf('n1')?.status?.errorSummary ?? '',
      /^BGPPeerPolicy for-all: spec\.listenPort: found 1179/,
    )
    scene.cluster.put(BGP_PEER_POLICIES, policy('for-all', { listenPort: 1179, passive: true }))
    await scene.rest()
    assert.equal(scene.stateOf('n1')?.status?.result, 'Valid')
    await scene.stop()
  })
})
