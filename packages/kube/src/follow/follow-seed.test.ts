import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CONFIG_MAPS } from '../resources.ts'
import { configMap, followFixture, valueOf } from './follow-fixture.ts'

describe('a follower with a seed', () => {
  it('has the seed while the server is away, and is not synced by it', async () => {
    const { api, start, clock, changes } = followFixture(['x'])
    api.faults.partition(true)
    const follower = start()
    follower.seed([configMap('x', 'old'), configMap('gone', 'old')])
    await clock.advanceAsync(60_000)
    assert.deepEqual(changes, ['a/x: none -> old', 'a/gone: none -> old'])
    assert.equal(follower.isSynced(), false)
    assert.equal(follower.lastHeardAt(), -Infinity)
    api.faults.partition(false)
    await Promise.all([follower.stop(), clock.advanceAsync(60_000)])
  })

  it('tells the difference to the first full list: changes, what is new, what is gone', async () => {
    const { api, start, clock, changes, calls } = followFixture(['x', 'y'])
    api.faults.partition(true)
    const follower = start()
    follower.seed([configMap('x', 'old'), configMap('gone', 'old')])
    changes.length = 0
    api.faults.partition(false)
    await clock.advanceAsync(60_000)
    assert.deepEqual(changes, ['a/x: old -> 1', 'a/y: none -> 1', 'a/gone: old -> none'])
    assert.equal(follower.isSynced(), true)
    assert.match(calls(), /list watch$/)
    await follower.stop()
  })

  it("takes the server's object even under the version that the seed had", async () => {
    const { api, start, clock, put } = followFixture()
    put('x', 'new')
    const resourceVersion = api.cluster.readAll(CONFIG_MAPS)[0]?.metadata.resourceVersion
    assert.ok(resourceVersion !== undefined)
    const follower = start()
    const seed = configMap('x', 'old')
    follower.seed([{ ...seed, metadata: { ...seed.metadata, resourceVersion } }])
    assert.equal(valueOf(follower.objects.get('a/x')), 'old')
    await clock.advanceAsync(0)
    assert.equal(valueOf(follower.objects.get('a/x')), 'new')
    await follower.stop()
  })

  it('leaves alone what a list that broke off has brought, and keeps the rest', async () => {
    const { api, start, clock } = followFixture(['a', 'b', 'c'])
    api.faults.failNext(1, { status: 503, reason: 'ServiceUnavailable' }, () => api.calls.length === 2)
    const follower = start({ limits: { pageSize: 2 } })
    await clock.advanceAsync(0)
    assert.equal(follower.isSynced(), false)
    follower.seed([configMap('a', 'old'), configMap('c', 'old'), configMap('d', 'old')])
    assert.deepEqual([...follower.objects.values()].map(valueOf), ['1', '1', 'old', 'old'])
    await clock.advanceAsync(10_000)
    assert.deepEqual([...follower.objects.keys()].sort(), ['a/a', 'a/b', 'a/c'])
    await follower.stop()
  })

  it('takes no seed once it has listed, nor once it is stopped', async () => {
    const { start, clock, changes } = followFixture()
    const follower = start()
    await clock.advanceAsync(0)
    follower.seed([configMap('late')])
    const stopped = start()
    const stopping = stopped.stop()
    stopped.seed([configMap('late')])
    await stopping
    assert.deepEqual(changes, [])
    assert.equal(follower.objects.size + stopped.objects.size, 0)
    await follower.stop()
  })
})
