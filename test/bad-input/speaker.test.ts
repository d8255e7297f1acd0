import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { IP_ADDRESS_POOLS } from '@steelyard/kube'
import { l2Advertisement } from '../../speaker/src/testing/objects.ts'
import { type SpeakerCluster, speakerCluster } from '../../speaker/src/testing/speaker-cluster.ts'
import { BAD_ADVERTISEMENTS } from './bad-advertisements.ts'
import { BAD_PEERS } from './bad-peers.ts'
import { BAD_POOLS } from './bad-pools.ts'
import { GOOD_POOL, resourceOf } from './resources.ts'

const HELD = '198.51.100.7'

/** The whole speaker, but for its link worker, on an API server in memory. */
describe('a broken object refuses the whole set for a speaker, and it goes on announcing by the last good one', () => {
  let scene: SpeakerCluster
  const state = (): { result?: string; errorSummary?: string } => scene.stateOf('n1')?.status ?? {}

  before(async () => {
    scene = speakerCluster({ nodes: ['n1'], pools: [], advertisements: [l2Advertisement('all')] })
    scene.cluster.put(IP_ADDRESS_POOLS, GOOD_POOL)
    scene.serve('held', [HELD])
    await scene.rest()
    assert.equal(state().result, 'Valid')
    assert.deepEqual(scene.answering(HELD), ['n1'])
  })
  after(async () => scene.stop())

  for (const [index, { what, objects, says }] of [...BAD_POOLS, ...BAD_ADVERTISEMENTS, ...BAD_PEERS].entries()) {
    it(what, async () => {
      const fresh = `198.51.100.${index + 10}`
      for (const object of objects) scene.cluster.put(resourceOf(object), object)
      await scene.rest()
      assert.equal(state().result, 'Invalid')
      assert.equal(state().errorSummary, says)
      scene.serve(`new-${index}`, [fresh])
      await scene.rest()
      assert.deepEqual([scene.answering(HELD), scene.answering(fresh)], [['n1'], ['n1']])
      for (const object of objects) scene.cluster.remove(resourceOf(object), object.metadata)
      await scene.rest()
      assert.equal(state().result, 'Valid')
      assert.deepEqual(scene.answering(HELD), ['n1'])
    })
  }
})
