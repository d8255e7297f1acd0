import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Service } from '@steelyard/model'
import { type FakeClock, fakeClock, seededRandom } from '@steelyard/runtime'
import { memoryApi, type MemoryApi } from '../memory/memory-api.ts'
import type { KubeEvent } from '../objects.ts'
import { EVENTS } from '../resources.ts'
import { type EventRecorder, eventRecorder } from './event-recorder.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {} }

function service(name: string): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name, uid: `uid-${name}`, resourceVersion: '7' },
  }
}

type Fixture = {
  readonly clock: FakeClock
  readonly api: MemoryApi
  readonly recorder: EventRecorder
  readonly events: () => readonly KubeEvent[]
  readonly warnings: unknown[]
}

function fixture(): Fixture {
  const clock = fakeClock()
  const api = memoryApi({ clock })
  const warnings: unknown[] = []
  const recorder = eventRecorder(api, {
    component: 'metallb-controller',
    clock,
    timeOfDay: () => new Date(clock.now()),
    random: seededRandom(1),
    log: { ...quiet, warn: (message, fields) => void warnings.push([message, fields]) },
  })
  return { clock, api, recorder, events: () => api.cluster.readAll(EVENTS), warnings }
}

describe('events', () => {
  it('carry what kubectl describe shows', async () => {
    const { recorder, events } = fixture()
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'assigned 192.0.2.1')
    await recorder.flush()
    const [{ metadata, ...event } = assert.fail('no event')] = events()
    assert.match(metadata.name, /^web\.[0-9a-f]{16}$/)
    assert.equal(metadata.namespace, 'shop')
    assert.deepEqual(event, {
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web', uid: 'uid-web' },
      type: 'Normal',
      reason: 'IPAllocated',
      message: 'assigned 192.0.2.1',
      count: 1,
      firstTimestamp: '1970-01-01T00:00:00.000Z',
      lastTimestamp: '1970-01-01T00:00:00.000Z',
      source: { component: 'metallb-controller' },
      reportingComponent: 'metallb-controller',
    })
  })

  it('that repeat are one object with a count', async () => {
    const { clock, recorder, events } = fixture()
    for (let times = 0; times < 4; times++) {
      recorder.tell(service('web'), 'Warning', 'AllocationFailed', 'pool is full')
      await clock.advanceAsync(1000)
    }
    assert.deepEqual(
      events().map(({ count, lastTimestamp }) => [count, lastTimestamp]),
      [[4, '1970-01-01T00:00:03.000Z']],
    )
  })

  it('that differ in object, type, reason or message are their own', async () => {
    const { recorder, events } = fixture()
    recorder.tell(service('web'), 'Warning', 'AllocationFailed', 'pool is full')
    recorder.tell(service('db'), 'Warning', 'AllocationFailed', 'pool is full')
    recorder.tell(service('web'), 'Normal', 'AllocationFailed', 'pool is full')
    recorder.tell(service('web'), 'Warning', 'LoadBalancerFailed', 'pool is full')
    recorder.tell(service('web'), 'Warning', 'AllocationFailed', 'unknown pool')
    await recorder.flush()
    assert.equal(events().length, 5)
    assert.equal(new Set(events().map(({ metadata }) => metadata.name)).size, 5)
  })

  it('that come again after ten minutes of silence are new', async () => {
    const { clock, recorder, events } = fixture()
    recorder.tell(service('web'), 'Warning', 'AllocationFailed', 'pool is full')
    await clock.advanceAsync(10 * 60_000)
    recorder.tell(service('web'), 'Warning', 'AllocationFailed', 'pool is full')
    await recorder.flush()
    assert.deepEqual(
      events().map(({ count }) => count),
      [1, 1],
    )
  })

  it('of a storm cost next to nothing: a million for five Services are a few hundred writes', async () => {
    const { clock, api, recorder, events } = fixture()
    for (let second = 0; second < 3600; second++) {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        for (let times = 0; times < 56; times++)
          recorder.tell(service(name), 'Normal', 'nodeAssigned', `node ${times % 2}`)
      }
      if (second % 10 === 0) await clock.advanceAsync(10_000)
    }
    assert.ok(api.writes().length <= 5 * 70, `${api.writes().length} writes`)
    assert.equal(events().length, 10)
    const told = events().reduce((sum, { count }) => sum + count, 0)
    assert.ok(told > 0.95 * 1_008_000, `${told} of 1008000 counted`)
  })

  it('of a storm of different messages are dropped, the newest kept, and that is said', async () => {
    const { clock, recorder, events, warnings, api } = fixture()
    for (let serial = 0; serial < 1000; serial++) {
      recorder.tell(service('web'), 'Warning', 'AllocationFailed', `attempt ${serial}`)
    }
    await clock.advanceAsync(1000)
    assert.equal(events().length, 10)
    await clock.advanceAsync(60 * 60_000)
    assert.ok(events().some(({ message }) => message === 'attempt 999'))
    assert.ok(api.writes().length <= 70)
    recorder.tell(service('db'), 'Normal', 'IPAllocated', 'x')
    assert.ok(warnings.length === 1 || warnings.length === 2, 'said, and not each time')
  })

  it('of one noisy object do not hold up those of the others', async () => {
    const { clock, recorder, events } = fixture()
    for (let serial = 0; serial < 100; serial++)
      recorder.tell(service('noisy'), 'Warning', 'AllocationFailed', `${serial}`)
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'assigned 192.0.2.1')
    await clock.advanceAsync(0)
    assert.ok(events().some(({ involvedObject }) => involvedObject.name === 'web'))
  })

  it('wait while the API is away, and are then written', async () => {
    const { clock, api, recorder, events } = fixture()
    api.faults.failNext(5, { status: 503, reason: 'ServiceUnavailable' })
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'assigned 192.0.2.1')
    await recorder.flush()
    assert.equal(events().length, 0)
    await clock.advanceAsync(60_000)
    assert.equal(events().length, 1)
    assert.equal(api.calls.length, 6)
  })

  it('that are refused are dropped and disturb nothing', async () => {
    const { api, recorder, events } = fixture()
    api.faults.failNext(1, { status: 403, reason: 'Forbidden' })
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'first')
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'second')
    await recorder.flush()
    assert.deepEqual(
      events().map(({ message }) => message),
      ['second'],
    )
  })

  it('whose object expired at the API are written anew', async () => {
    const { clock, api, recorder, events } = fixture()
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'x')
    await recorder.flush()
    for (const { metadata } of events()) api.cluster.remove(EVENTS, metadata)
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'x')
    await clock.advanceAsync(0)
    assert.deepEqual(
      events().map(({ count }) => count),
      [2],
    )
  })

  it('leave no timer behind when stopped', async () => {
    const { clock, api, recorder } = fixture()
    api.faults.failNext(5, { status: 503, reason: 'ServiceUnavailable' })
    recorder.tell(service('web'), 'Normal', 'IPAllocated', 'x')
    await recorder.flush()
    recorder.stop()
    assert.equal(clock.nextWakeAt(), undefined)
  })

  it('have names that the API takes, however long the object is named', async () => {
    const { recorder, events } = fixture()
    recorder.tell(service('n'.repeat(253)), 'Normal', 'IPAllocated', 'x')
    await recorder.flush()
    assert.equal(events()[0]?.metadata.name.length, 253)
  })
})
