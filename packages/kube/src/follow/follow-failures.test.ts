import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { followFixture } from './follow-fixture.ts'

describe('follow, one failure each', () => {
  it('a page that is too old (410) is answered by one full list', async () => {
    const { api, start, clock, calls } = followFixture(['a', 'b', 'c', 'd', 'e'])
    api.faults.failNext(1, { status: 410, reason: 'Expired' }, () => api.calls.length === 2)
    const follower = start({ limits: { pageSize: 2 } })
    await clock.advanceAsync(0)
    assert.equal(calls(), 'list list list watch')
    assert.equal(follower.objects.size, 5)
    await follower.stop()
  })

  it('a list that fails is tried again with growing waits, for ever', async () => {
    const { api, start, clock } = followFixture(['a'])
    api.faults.failNext(50, {})
    const follower = start()
    await clock.advanceAsync(1000)
    const early = api.calls.length
    assert.ok(early >= 3 && early <= 6, `${early} tries in the first second`)
    await clock.advanceAsync(600_000)
    assert.equal(follower.isSynced(), true)
    assert.ok(api.calls.length >= 52)
    await follower.stop()
  })

  it('Retry-After is honoured', async () => {
    const { api, start, clock } = followFixture(['a'])
    api.faults.failNext(1, { status: 429, reason: 'TooManyRequests', retryAfterMs: 7000 })
    const follower = start()
    await clock.advanceAsync(6900)
    assert.equal(api.calls.length, 1)
    await clock.advanceAsync(3700)
    assert.equal(follower.isSynced(), true)
    await follower.stop()
  })

  it('a watch that the server ends in order goes on from the last version, without a list', async () => {
    const { api, start, clock, changes, put, calls } = followFixture()
    const follower = start()
    await follower.synced
    put('x')
    await clock.advanceAsync(2000)
    api.faults.endWatches()
    put('y')
    await clock.advanceAsync(0)
    assert.equal(calls(), 'list watch watch')
    assert.deepEqual(changes, ['a/x: none -> 1', 'a/y: none -> 1'])
    await follower.stop()
  })

  it('a watch is asked to end after five to ten minutes, and then goes on', async () => {
    const { start, clock, calls } = followFixture()
    const follower = start({ limits: { idleMs: 1e9 } })
    await clock.advanceAsync(299_000)
    assert.equal(calls(), 'list watch')
    await clock.advanceAsync(302_000)
    assert.equal(calls(), 'watch')
    await follower.stop()
  })

  it('a connection that breaks goes on from the last version, without a list', async () => {
    const { api, start, clock, changes, put, calls } = followFixture()
    const follower = start()
    await follower.synced
    put('x')
    await clock.advanceAsync(0)
    api.faults.endWatches({})
    put('x', '2')
    await clock.advanceAsync(200)
    assert.equal(calls(), 'list watch watch')
    assert.deepEqual(changes, ['a/x: none -> 1', 'a/x: 1 -> 2'])
    await follower.stop()
  })

  it('an ERROR event in the midst of a watch is a failure like any other', async () => {
    const { api, start, clock, put, calls } = followFixture()
    const follower = start()
    await clock.advanceAsync(0)
    api.faults.endWatches({ status: 500, reason: 'InternalError', message: 'etcdserver: leader changed' })
    await clock.advanceAsync(200)
    put('x')
    await clock.advanceAsync(0)
    assert.equal(calls(), 'list watch watch')
    assert.equal(follower.objects.size, 1)
    await follower.stop()
  })

  it('a version that is too old (410) costs a new list at once, which tells what vanished meanwhile', async () => {
    const { api, start, clock, changes, put, remove, calls } = followFixture(['gone', 'stays', 'altered'])
    const follower = start()
    await follower.synced
    api.faults.stallWatches(true)
    await clock.advanceAsync(2000)
    remove('gone')
    put('altered', '2')
    put('fresh')
    api.cluster.expireVersions()
    changes.length = 0
    api.faults.endWatches({})
    api.faults.stallWatches(false)
    await clock.advanceAsync(200)
    assert.equal(calls(), 'list watch watch list watch')
    assert.deepEqual(changes, ['a/altered: 1 -> 2', 'a/fresh: none -> 1', 'a/gone: 1 -> none'])
    assert.equal(follower.isSynced(), true)
    await follower.stop()
  })

  it('a server that calls every version too old does not make us list in a circle', async () => {
    const { api, start, clock } = followFixture(['a'])
    api.faults.failNext(1000, { status: 410, reason: 'Expired' }, ({ verb }) => verb === 'watch')
    const follower = start()
    await clock.advanceAsync(60_000)
    assert.ok(api.calls.length < 40, `${api.calls.length} calls in a minute`)
    await follower.stop()
  })

  it('bookmarks move the version on, so that a resume needs no list', async () => {
    const { api, start, clock, calls } = followFixture(['a'])
    const follower = start({ scope: { namespace: 'elsewhere' } })
    await follower.synced
    await clock.advanceAsync(2000)
    api.cluster.expireVersions()
    api.faults.bookmark()
    api.faults.endWatches()
    await clock.advanceAsync(200)
    assert.equal(calls(), 'list watch watch')
    await follower.stop()
  })

  it('a watch that says nothing for three minutes, not even a bookmark, is replaced by one from the last version', async () => {
    const { api, start, clock, changes, put, calls } = followFixture()
    const follower = start()
    await clock.advanceAsync(100_000)
    api.faults.bookmark()
    assert.equal(follower.lastHeardAt(), 100_000)
    api.faults.stallWatches(true)
    put('missed')
    await clock.advanceAsync(179_000)
    assert.equal(calls(), 'list watch')
    await clock.advanceAsync(1000)
    assert.equal(calls(), 'watch')
    api.faults.stallWatches(false)
    await clock.advanceAsync(0)
    assert.deepEqual(changes, ['a/missed: none -> 1'])
    await follower.stop()
  })

  it('a proxy that ends every watch at once does not make us turn in a circle', async () => {
    const { api, start, clock } = followFixture(['a'])
    const follower = start()
    const end = (): void => {
      api.faults.endWatches()
      if (clock.now() < 60_000) clock.wakeAt(clock.now() + 10, end)
    }
    clock.wakeAt(0, end)
    await clock.advanceAsync(60_000)
    assert.ok(api.calls.length < 40, `${api.calls.length} calls in a minute`)
    await follower.stop()
  })

  it('after a partition everything missed is told', async () => {
    const { api, start, clock, put, remove } = followFixture(['a', 'b'])
    const follower = start()
    await clock.advanceAsync(0)
    api.faults.partition(true)
    remove('a')
    put('c')
    await clock.advanceAsync(600_000)
    assert.deepEqual([...follower.objects.keys()], ['a/a', 'a/b'])
    api.faults.partition(false)
    await clock.advanceAsync(20_000)
    assert.deepEqual([...follower.objects.keys()], ['a/b', 'a/c'])
    await follower.stop()
  })
})
