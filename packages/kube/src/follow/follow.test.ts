import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigMap } from '@steelyard/model'
import { CONFIG_MAPS } from '../resources.ts'
import { configMap, followFixture, valueOf } from './follow-fixture.ts'

function labelled(app: string): ConfigMap {
  return { ...configMap('x'), metadata: { namespace: 'a', name: 'x', labels: { app } } }
}

describe('follow, when all goes well', () => {
  it('lists page by page, then watches', async () => {
    const { start, clock, changes, calls } = followFixture(['a', 'b', 'c', 'd', 'e'])
    const follower = start({ limits: { pageSize: 2 } })
    assert.equal(follower.isSynced(), false)
    await clock.advanceAsync(0)
    assert.equal(follower.isSynced(), true)
    assert.deepEqual([...follower.objects.keys()], ['a/a', 'a/b', 'a/c', 'a/d', 'a/e'])
    assert.equal(changes.length, 5)
    assert.equal(calls(), 'list list list watch')
    await follower.stop()
  })

  it('tells what is added, modified and deleted, with what was before', async () => {
    const { start, clock, changes, put, remove } = followFixture(['x'])
    const follower = start()
    await follower.synced
    put('y', '5')
    put('x', '2')
    remove('y')
    await clock.advanceAsync(0)
    assert.deepEqual(changes, ['a/x: none -> 1', 'a/y: none -> 5', 'a/x: 1 -> 2', 'a/y: 5 -> none'])
    assert.deepEqual([...follower.objects.values()].map(valueOf), ['2'])
    await follower.stop()
  })

  it('sees only its scope: what leaves it is gone', async () => {
    const { api, start, clock, changes } = followFixture()
    const follower = start({ scope: { namespace: 'a', labelSelector: 'app=web' } })
    await follower.synced
    api.cluster.put(CONFIG_MAPS, labelled('web'))
    api.cluster.put(CONFIG_MAPS, configMap('y'))
    api.cluster.put(CONFIG_MAPS, labelled('db'))
    await clock.advanceAsync(0)
    assert.deepEqual(changes, ['a/x: none -> 1', 'a/x: 1 -> none'])
    await follower.stop()
  })

  it('keeps what project leaves, and drops managedFields without one', async () => {
    const { api, start, clock } = followFixture()
    const managed = { ...configMap('x').metadata, managedFields: [{ manager: 'kubectl' }] }
    api.cluster.put(CONFIG_MAPS, { ...configMap('x'), metadata: managed })
    const plain = start()
    const trimmed = start({ project: (object) => ({ ...object, data: {} }) })
    await clock.advanceAsync(0)
    assert.deepEqual(Object.keys(plain.objects.get('a/x')?.metadata ?? {}), ['namespace', 'name', 'resourceVersion'])
    assert.equal(valueOf(trimmed.objects.get('a/x')), 'none')
    await Promise.all([plain.stop(), trimmed.stop()])
  })

  it('tells nothing more once stopped', async () => {
    const { start, clock, changes, put } = followFixture()
    const follower = start()
    await follower.synced
    await follower.stop()
    put('late')
    await clock.advanceAsync(60_000)
    assert.deepEqual(changes, [])
    assert.equal(clock.nextWakeAt(), undefined)
  })

  it('stops while it waits for the next try', async () => {
    const { api, start, clock } = followFixture()
    api.faults.failNext(1000, { status: 500, reason: 'InternalError' })
    const follower = start()
    await clock.advanceAsync(5000)
    await follower.stop()
    assert.equal(clock.nextWakeAt(), undefined)
  })
})
