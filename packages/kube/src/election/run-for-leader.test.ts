import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LEASES } from '../resources.ts'
import { electionFixture } from './election-fixture.ts'
import { ASK_ANNOTATION } from './lease-record.ts'

const HOUR = 3_600_000

describe('one replica', () => {
  it('holds the Lease at once, and writes it once', async () => {
    const { start, until, lease, writes } = electionFixture()
    const alone = start('one')
    assert.ok((await until(alone.leadership.stillLeader, 1000)) <= 10)
    assert.equal(lease()?.spec?.holderIdentity, 'one')
    assert.equal(writes(), 1)
    await alone.leadership.stop()
  })

  it('neither writes nor reads at rest', async () => {
    const { start, clock, cluster } = electionFixture()
    const alone = start('one')
    await clock.advanceAsync(5000)
    alone.api.calls.length = 0
    for (let minute = 0; minute < 60; minute++) {
      alone.api.faults.bookmark()
      await clock.advanceAsync(60_000)
    }
    assert.deepEqual(alone.api.writes(), [])
    assert.ok(alone.api.calls.every(({ verb }) => verb === 'watch'))
    assert.equal(cluster.readAll(LEASES).length, 1)
    await alone.leadership.stop()
  })

  it('proves its reign by one read when it wants to act after a rest, and no more for a while', async () => {
    const { start, clock } = electionFixture()
    const { api, leadership } = start('one')
    await clock.advanceAsync(HOUR)
    api.calls.length = 0
    assert.equal(leadership.stillLeader(), false)
    assert.deepEqual(await Promise.all([leadership.confirm(), leadership.confirm(), leadership.confirm()]), [
      true,
      true,
      true,
    ])
    assert.equal(leadership.stillLeader(), true)
    await leadership.confirm()
    assert.deepEqual(
      api.calls.map(({ verb }) => verb),
      ['get'],
    )
    await leadership.stop()
  })

  it('after a container restart (same name) goes on at once', async () => {
    const { start, crash, clock, until, lease } = electionFixture()
    const first = start('pod-1')
    await clock.advanceAsync(1000)
    crash(first)
    const again = start('pod-1')
    assert.ok((await until(again.leadership.stillLeader, 1000)) <= 10)
    assert.equal(lease()?.spec?.leaseTransitions, 1)
    await again.leadership.stop()
  })

  it('after a crash under another name goes on within three seconds', async () => {
    const { start, crash, clock, until } = electionFixture()
    const first = start('pod-1')
    await clock.advanceAsync(HOUR)
    crash(first)
    const second = start('pod-2')
    const took = await until(second.leadership.stillLeader, 10_000)
    assert.ok(took <= 3000, `${took} ms`)
    await second.leadership.stop()
  })

  it('waits for an API that is away at the start', async () => {
    const { start, clock } = electionFixture()
    const { api, leadership } = start('one')
    api.faults.failNext(30, {})
    await clock.advanceAsync(20_000)
    assert.equal(await leadership.confirm(), true)
    await leadership.stop()
  })

  it('steps down when its Lease is deleted', async () => {
    const { start, clock, cluster } = electionFixture()
    const { leadership } = start('one')
    await clock.advanceAsync(100)
    cluster.remove(LEASES, { namespace: 'metallb-system', name: 'steelyard-controller' })
    await clock.advanceAsync(0)
    assert.equal(await leadership.ended, 'lost')
    assert.equal(leadership.stillLeader(), false)
    assert.equal(await leadership.confirm(), false)
  })
})

describe('two replicas', () => {
  it('the second stands by, and the first renews for it every 0.6 seconds', async () => {
    const { start, clock, writes } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(1000)
    const before = writes()
    await clock.advanceAsync(60_000)
    const perMinute = writes() - before
    assert.ok(perMinute >= 95 && perMinute <= 105, `${perMinute} writes in a minute`)
    assert.equal(first.leadership.stillLeader(), true)
    assert.equal(second.leadership.stillLeader(), false)
    await Promise.all([first.leadership.stop(), second.leadership.stop()])
  })

  it('when the standby leaves, the holder stops writing', async () => {
    const { start, clock, writes } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(30_000)
    await second.leadership.stop()
    await clock.advanceAsync(61_000)
    const before = writes()
    await clock.advanceAsync(HOUR)
    assert.equal(writes(), before)
    assert.equal(await first.leadership.confirm(), true)
    await first.leadership.stop()
  })

  it('a crash is noticed and the standby takes over within three seconds', async () => {
    for (const waitMs of [5000, 19_900, 20_100, 60_250, 119_999]) {
      const { start, crash, clock, until } = electionFixture()
      const first = start('one')
      await clock.advanceAsync(100)
      const second = start('two')
      await clock.advanceAsync(waitMs)
      crash(first)
      const took = await until(second.leadership.stillLeader, 10_000)
      assert.ok(took <= 3000, `${took} ms after ${waitMs} ms`)
      await second.leadership.stop()
    }
  })

  it('SIGTERM hands over at once', async () => {
    const { start, clock, until, lease } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(10_000)
    const stopped = first.leadership.stop()
    const took = await until(second.leadership.stillLeader, 5000)
    assert.ok(took <= 10, `${took} ms`)
    await stopped
    assert.equal(await first.leadership.ended, 'released')
    assert.equal(lease()?.spec?.holderIdentity, 'two')
    assert.equal(lease()?.metadata.annotations?.[ASK_ANNOTATION], undefined)
    await second.leadership.stop()
  })

  it('a holder that is cut off stops acting before the standby starts, and learns the truth when it is back', async () => {
    const { start, clock, until } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(10_000)
    first.api.faults.partition(true)
    const silent = await until(() => !first.leadership.stillLeader(), 10_000)
    assert.equal(second.leadership.stillLeader(), false)
    const took = silent + (await until(second.leadership.stillLeader, 10_000))
    assert.ok(
      silent <= 1400 && took >= silent + 700 && took <= 3000,
      `silent after ${silent} ms, taken over after ${took} ms`,
    )
    const wish = first.leadership.confirm()
    await clock.advanceAsync(2000)
    assert.equal(await wish, false)
    first.api.faults.partition(false)
    await clock.advanceAsync(3000)
    assert.equal(await first.leadership.ended, 'lost')
    await second.leadership.stop()
  })

  it('a holder at rest that was cut off before the standby came finds out before it acts', async () => {
    const { start, clock, until } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(HOUR)
    first.api.faults.stallWatches(true)
    const second = start('two')
    await until(second.leadership.stillLeader, 10_000)
    assert.equal(first.leadership.stillLeader(), false)
    assert.equal(await first.leadership.confirm(), false)
    assert.equal(await first.leadership.ended, 'lost')
    await second.leadership.stop()
  })

  it('a holder whose watch is dead but who acts sees the wish in its own reads, and stays', async () => {
    const { start, clock } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(1000)
    first.api.faults.stallWatches(true)
    const second = start('two')
    for (let times = 0; times < 200; times++) {
      assert.equal(await first.leadership.confirm(), true)
      await clock.advanceAsync(100)
    }
    assert.equal(second.leadership.stillLeader(), false)
    await Promise.all([first.leadership.stop(), second.leadership.stop()])
  })

  it('when the API is away for all, nobody acts, and then exactly one goes on', async () => {
    const { start, clock } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(10_000)
    for (const { api } of [first, second]) api.faults.partition(true)
    await clock.advanceAsync(20_000)
    assert.deepEqual(
      [first, second].map(({ leadership }) => leadership.stillLeader()),
      [false, false],
    )
    for (const { api } of [first, second]) api.faults.partition(false)
    await clock.advanceAsync(5000)
    assert.deepEqual(
      [first, second].map(({ leadership }) => leadership.stillLeader()),
      [true, false],
    )
    await Promise.all([first.leadership.stop(), second.leadership.stop()])
  })

  it('a flapping API does not make the Lease wander', async () => {
    const { start, clock, lease } = electionFixture()
    const first = start('one')
    await clock.advanceAsync(100)
    const second = start('two')
    await clock.advanceAsync(5000)
    for (let times = 0; times < 50; times++) {
      for (const { api } of [first, second]) api.faults.failNext(2, { status: 503, reason: 'ServiceUnavailable' })
      await clock.advanceAsync(1700)
    }
    assert.equal(lease()?.spec?.holderIdentity, 'one')
    assert.equal(first.leadership.stillLeader(), true)
    await Promise.all([first.leadership.stop(), second.leadership.stop()])
  })

  it('a lost answer to a take-over is found out by the next read', async () => {
    const { start, until, lease } = electionFixture()
    const { api, leadership } = start('one')
    api.faults.loseNextAnswers(1, ({ verb }) => verb === 'create')
    assert.ok((await until(leadership.stillLeader, 5000)) < 1000)
    assert.equal(lease()?.spec?.leaseTransitions, 1)
    await leadership.stop()
  })

  it('of three that start at once one holds, and when it goes one of the others does', async () => {
    const { start, clock, crash } = electionFixture()
    const all = [start('one'), start('two'), start('three')]
    const holders = (): string[] => all.filter(({ leadership }) => leadership.stillLeader()).map(({ name }) => name)
    await clock.advanceAsync(5000)
    assert.equal(holders().length, 1)
    const [gone = assert.fail('nobody holds')] = all.filter(({ leadership }) => leadership.stillLeader())
    crash(gone)
    await clock.advanceAsync(3000)
    assert.equal(holders().length, 1)
    assert.ok(!holders().includes(gone.name))
  })
})
