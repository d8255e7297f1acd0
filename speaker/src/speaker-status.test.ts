import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryApi, memoryCluster, SPEAKER_STATUSES, type SpeakerStatus } from '@steelyard/kube'
import type { OwnerReference } from '@steelyard/model'
import { createLogger } from '@steelyard/program'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import { speakerStatusWriter } from './speaker-status.ts'
import { address, REPORT, session } from './testing/speaker-report.ts'

const NAMESPACE = 'metallb-system'
const REF = { namespace: NAMESPACE, name: 'n1' }
const OWNER: OwnerReference = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-x', uid: 'pod-1' }
const START = Date.UTC(2026, 0, 1)

function setUp(owner: OwnerReference | 'unknown' = OWNER) {
  const clock = fakeClock()
  const timeOfDay = (): Date => new Date(START + clock.now())
  const cluster = memoryCluster(timeOfDay)
  const api = memoryApi({ cluster, clock })
  const log = createLogger({ level: 'none', caller: 'test' })
  const ports = { api, clock, timeOfDay, random: seededRandom(1), log, namespace: NAMESPACE, node: 'n1' }
  const start = () => speakerStatusWriter({ ...ports, owner: () => (owner === 'unknown' ? undefined : owner) })
  const read = (): SpeakerStatus | undefined => cluster.read(SPEAKER_STATUSES, REF)
  const edit = (change: Partial<NonNullable<SpeakerStatus['status']>>): void => {
    const object = read()
    assert.ok(object !== undefined)
    cluster.put(SPEAKER_STATUSES, { ...object, status: { ...object.status, ...change } })
  }
  const statusWrites = (): number => api.writes().filter(({ subresource }) => subresource === 'status').length
  return { clock, cluster, api, start, read, edit, statusWrites, writes: () => api.writes().length }
}

describe("a speaker's SpeakerStatus", () => {
  it('is made at once, named like the node, owned by the Pod', async () => {
    const { clock, read, start } = setUp()
    const writer = start()
    writer.want({ ...REPORT, owned: [address('192.0.2.1')] })
    await clock.advanceAsync(0)
    const { metadata, status } = read() ?? {}
    assert.deepEqual(metadata?.ownerReferences, [OWNER])
    assert.equal(status?.ownedCount, 1)
    assert.deepEqual(status?.conditions, [
      {
        type: 'Announcing',
        status: 'True',
        reason: 'Announcing',
        message: 'answers for 1 address',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
      {
        type: 'AddressConflict',
        status: 'False',
        reason: 'NoConflict',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ])
    await writer.stop()
  })

  it('is not made before there is anything to tell', async () => {
    const { clock, read, start } = setUp()
    const writer = start()
    await clock.advanceAsync(60_000)
    assert.equal(read(), undefined)
    await writer.stop()
  })

  it('is written once and then left alone', async () => {
    const { clock, start, writes } = setUp()
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(1000)
    assert.equal(writes(), 2, 'an object, then its status')
    for (let second = 0; second < 600; second++) {
      writer.want({ ...REPORT, members: [...REPORT.members] })
      await clock.advanceAsync(1000)
    }
    assert.equal(writes(), 2)
    await writer.stop()
  })

  it('follows a storm of changes by one write each 5 seconds, and ends with the last', async () => {
    const { clock, read, start, statusWrites } = setUp()
    const writer = start()
    for (let tenth = 0; tenth < 300; tenth++) {
      writer.want({ ...REPORT, owned: [{ ...address('192.0.2.1'), epoch: tenth }] })
      await clock.advanceAsync(100)
    }
    await clock.advanceAsync(10_000)
    assert.equal(read()?.status?.owned?.[0]?.epoch, 299)
    assert.ok(statusWrites() <= 8, `${statusWrites()}`)
    await writer.stop()
  })

  it('is written at once when it has rested', async () => {
    const { clock, read, start } = setUp()
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(60_000)
    writer.want({ ...REPORT, standing: 'doubting' })
    await clock.advanceAsync(0)
    assert.equal(read()?.status?.standing, 'doubting')
    await writer.stop()
  })

  it('is not written more than once a minute for messages that were dropped', async () => {
    const { clock, read, start, statusWrites } = setUp()
    const writer = start()
    for (let second = 0; second < 300; second++) {
      writer.want({ ...REPORT, drops: { WrongKey: second * 1000 } })
      await clock.advanceAsync(1000)
    }
    assert.ok(statusWrites() <= 6, `${statusWrites()}`)
    await clock.advanceAsync(60_000)
    assert.deepEqual(read()?.status?.dropped, [{ reason: 'WrongKey', count: 299_000 }])
    await writer.stop()
  })

  it('is not written more than once a minute for prefixes and attempts to connect', async () => {
    const { clock, read, start, statusWrites } = setUp()
    const writer = start()
    const [up, down] = [session('tor', { established: true }), session('spine')]
    for (let second = 0; second < 300; second++) {
      const since = new Date(START + second * 1000)
      const view = { ...up.view, announced: second, pending: second % 2 }
      writer.want({
        ...REPORT,
        sessions: [
          { ...up, view },
          { ...down, since },
        ],
      })
      await clock.advanceAsync(1000)
    }
    assert.ok(statusWrites() <= 6, `${statusWrites()}`)
    await clock.advanceAsync(60_000)
    assert.equal(read()?.status?.sessions?.[1]?.announced, 299)
    await writer.stop()
  })

  it('tells at once that a session is lost, and what there is to look at', async () => {
    const { clock, read, start } = setUp()
    const shown = (): readonly unknown[] => {
      const { sessionsUp, sessions, conditions = [] } = read()?.status ?? {}
      const bgp = conditions.find(({ type }) => type === 'BGPSessions')
      return [sessionsUp, sessions?.length, bgp?.status, bgp?.message]
    }
    const writer = start()
    writer.want({ ...REPORT, sessions: [session('tor', { established: true })] })
    await clock.advanceAsync(10_000)
    assert.deepEqual(shown(), ['1/1', 1, 'True', '1 of 1'])
    writer.want({ ...REPORT, sessions: [session('tor', { lastError: 'the router is gone' })] })
    await clock.advanceAsync(0)
    const message = '1 of 1 are not established: tor (192.0.2.1:179): the router is gone'
    assert.deepEqual(shown(), ['0/1', 1, 'False', message])
    writer.want(REPORT)
    await clock.advanceAsync(10_000)
    assert.deepEqual(shown(), [undefined, 0, undefined, undefined])
    await writer.stop()
  })

  it('tells dropped messages along with all else', async () => {
    const { clock, read, start } = setUp()
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(10_000)
    writer.want({ ...REPORT, drops: { WrongKey: 1 } })
    await clock.advanceAsync(1000)
    writer.want({ ...REPORT, standing: 'fenced', drops: { WrongKey: 2 } })
    await clock.advanceAsync(0)
    assert.deepEqual(read()?.status?.dropped, [{ reason: 'WrongKey', count: 2 }])
    await writer.stop()
  })

  it('moves the time of a condition only when it turns', async () => {
    const { clock, read, start } = setUp()
    const writer = start()
    const times = (): readonly (string | undefined)[] =>
      (read()?.status?.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime)
    writer.want({ ...REPORT, owned: [address('192.0.2.1')] })
    await clock.advanceAsync(60_000)
    writer.want({ ...REPORT, owned: [address('192.0.2.1'), address('192.0.2.2')] })
    await clock.advanceAsync(60_000)
    assert.deepEqual(times(), ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'])
    writer.want(REPORT)
    await clock.advanceAsync(60_000)
    assert.deepEqual(times(), ['2026-01-01T00:02:00Z', '2026-01-01T00:00:00Z'])
    await writer.stop()
  })

  it('is made anew when it is deleted', async () => {
    const { clock, cluster, read, start } = setUp()
    const writer = start()
    writer.want({ ...REPORT, standing: 'doubting' })
    await clock.advanceAsync(60_000)
    for (let time = 0; time < 3; time++) {
      cluster.remove(SPEAKER_STATUSES, REF)
      await clock.advanceAsync(6000)
      assert.equal(read()?.status?.standing, 'doubting')
      assert.deepEqual(read()?.metadata.ownerReferences, [OWNER])
    }
    await writer.stop()
  })

  const EDITS: readonly (readonly [what: string, change: Partial<NonNullable<SpeakerStatus['status']>>])[] = [
    ['its standing', { standing: 'fenced' }],
    ['its addresses', { owned: [] }],
    ['its conditions', { conditions: [] }],
    ['its counters', { dropped: [] }],
    ['its sessions', { sessionCount: 9, sessions: [] }],
  ]
  for (const [what, change] of EDITS) {
    it(`is put back when somebody edits ${what}`, async () => {
      const { clock, read, edit, start } = setUp()
      const writer = start()
      writer.want({ ...REPORT, owned: [address('192.0.2.1')], drops: { WrongKey: 3 } })
      await clock.advanceAsync(60_000)
      const right = read()?.status
      edit(change)
      assert.notDeepEqual(read()?.status, right)
      await clock.advanceAsync(6000)
      const { conditions, ...rest } = read()?.status ?? {}
      const { conditions: before, ...restBefore } = right ?? {}
      assert.deepEqual(rest, restBefore)
      assert.deepEqual(
        conditions?.map(({ type, status }) => [type, status]),
        before?.map(({ type, status }) => [type, status]),
      )
      await writer.stop()
    })
  }

  it('becomes its own when a former Pod of the node left it', async () => {
    const { clock, cluster, read, start } = setUp()
    const former = { ...OWNER, name: 'speaker-old', uid: 'pod-0' }
    const metadata = { ...REF, uid: 'status-1', ownerReferences: [former] }
    cluster.put(SPEAKER_STATUSES, { apiVersion: 'steelyard.dev/v1alpha1', kind: 'SpeakerStatus', metadata })
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(1000)
    assert.deepEqual(read()?.metadata.ownerReferences, [OWNER])
    assert.equal(read()?.metadata.uid, 'status-1')
    assert.equal(read()?.status?.standing, 'settled')
    await writer.stop()
  })

  it('has no owner when the Pod is not known', async () => {
    const { clock, read, start } = setUp('unknown')
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(60_000)
    assert.equal(read()?.status?.standing, 'settled')
    assert.equal(read()?.metadata.ownerReferences, undefined)
    await writer.stop()
  })

  it('is right again after the API server was away', async () => {
    const { api, clock, read, start } = setUp()
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(60_000)
    api.faults.partition(true)
    writer.want({ ...REPORT, standing: 'fenced' })
    await clock.advanceAsync(300_000)
    writer.want({ ...REPORT, standing: 'doubting' })
    api.faults.partition(false)
    await clock.advanceAsync(120_000)
    assert.equal(read()?.status?.standing, 'doubting')
    await writer.stop()
  })

  it('is not written after a stop', async () => {
    const { clock, start, writes } = setUp()
    const writer = start()
    writer.want(REPORT)
    await clock.advanceAsync(1000)
    writer.want({ ...REPORT, standing: 'fenced' })
    await writer.stop()
    const before = writes()
    await clock.advanceAsync(600_000)
    assert.equal(writes(), before)
  })
})
