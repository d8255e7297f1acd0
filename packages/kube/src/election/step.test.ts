import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Random, seededRandom } from '@steelyard/runtime'
import {
  type Election,
  type ElectionConfig,
  type ElectionEvent,
  type ElectionStep,
  isValid,
  newElection,
} from './election.ts'
import { ASK_ANNOTATION, type LeaseRecord, recordOf, releasedLease, renewedLease, takenLease } from './lease-record.ts'
import { electionStep, nextDeadline } from './step.ts'

const CONFIG: ElectionConfig = {
  me: 'me',
  renewMs: 600,
  validMs: 1400,
  patienceMs: 2200,
  askAgainMs: 20_000,
  askLastsMs: 40_000,
  obeyMs: 60_000,
  retryMs: 300,
}
const REF = { namespace: 'metallb-system', name: 'steelyard-controller' }

function record(
  holder: string,
  version: number,
  more: { term?: number; ask?: string; renewed?: number } = {},
): LeaseRecord {
  const lease = takenLease(undefined, REF, holder, new Date(more.renewed ?? 0))
  const annotations = more.ask === undefined ? {} : { [ASK_ANNOTATION]: more.ask }
  const metadata = { ...lease.metadata, annotations, resourceVersion: String(version) }
  return recordOf({ ...lease, metadata, spec: { ...lease.spec, leaseTransitions: more.term ?? 0 } })
}

/** Runs events through the step; the answer is the state and the calls it asked for. */
function play(events: readonly (readonly [now: number, event: ElectionEvent])[], from = newElection()) {
  const calls: string[] = []
  let state = from
  for (const [now, event] of events) {
    const next = electionStep(state, event, now, CONFIG)
    state = next.state
    if (next.call !== undefined) calls.push(`${now} ${next.call}`)
  }
  return { state, calls }
}

const woken: ElectionEvent = { kind: 'woken' }
function answered(sentAt: number, answer: LeaseRecord | 'absent'): ElectionEvent {
  return { kind: 'answered', sentAt, record: answer }
}

describe('the election, step by step', () => {
  it('makes the Lease when there is none', () => {
    const { state, calls } = play([
      [0, woken],
      [5, answered(0, 'absent')],
      [9, answered(5, record('me', 10))],
    ])
    assert.deepEqual(calls, ['0 read', '5 create'])
    assert.equal(state.role, 'holder')
    assert.equal(state.provenAt, 5)
    assert.equal(nextDeadline(state, CONFIG), Infinity)
  })

  it('takes a Lease that was released, and one that an earlier life of its own left behind', () => {
    for (const holder of ['', 'me']) {
      const { calls } = play([
        [0, woken],
        [5, answered(0, record(holder, 10, { term: 3 }))],
      ])
      assert.deepEqual(calls, ['0 read', '5 take'])
    }
  })

  it('asks another holder, and takes over when no renewal comes', () => {
    const other = record('other', 10)
    const { calls, state } = play([
      [0, woken],
      [5, answered(0, other)],
      [9, answered(5, record('other', 11, { ask: 'me 1' }))],
      [2208, woken],
      [2209, woken],
    ])
    assert.deepEqual(calls, ['0 read', '5 ask', '2209 take'])
    assert.equal(state.pending, 'take')
  })

  it('is patient anew after each renewal it sees', () => {
    const { calls } = play([
      [0, woken],
      [5, answered(0, record('other', 10))],
      [9, answered(5, record('other', 11, { ask: 'me 1' }))],
      [2000, { kind: 'seen', record: record('other', 12, { ask: 'me 1', renewed: 1 }) }],
      [4199, woken],
      [4200, woken],
    ])
    assert.deepEqual(calls, ['0 read', '5 ask', '4200 take'])
  })

  it('does not rely on a wish that the holder may have stopped obeying', () => {
    const { calls } = play([
      [0, woken],
      [5, answered(0, record('other', 10))],
      [9, answered(5, record('other', 11, { ask: 'me 1' }))],
      [2000, { kind: 'seen', record: record('other', 12, { ask: 'me 1', renewed: 1 }) }],
      // It slept, or was paused, for a minute.
      [62_000, woken],
    ])
    assert.deepEqual(calls, ['0 read', '5 ask', '62000 ask'])
  })

  it('starts its wishes over after losing touch with the API', () => {
    const { calls, state } = play([
      [0, woken],
      [5, answered(0, record('other', 10))],
      [9, answered(5, record('other', 11, { ask: 'me 1' }))],
      [2209, woken],
      [3209, { kind: 'failed', why: 'error' }],
      [3400, woken],
      [3509, woken],
      [3520, answered(3509, record('other', 11, { ask: 'me 1' }))],
      [3530, answered(3520, record('other', 12, { ask: 'me 2' }))],
    ])
    assert.deepEqual(calls, ['0 read', '5 ask', '2209 take', '3509 read', '3520 ask'])
    assert.equal(nextDeadline(state, CONFIG), 3530 + CONFIG.patienceMs)
  })

  const holding: readonly (readonly [number, ElectionEvent])[] = [
    [0, woken],
    [5, answered(0, 'absent')],
    [9, answered(5, record('me', 10))],
  ]

  it('a read proves nothing while a wish is in force: only a renewal does', () => {
    const { calls, state } = play([
      ...holding,
      [5000, { kind: 'seen', record: record('me', 11, { ask: 'other 1' }) }],
      [5100, { kind: 'failed', why: 'outdated' }],
      [5200, answered(5100, record('me', 12, { ask: 'other 2' }))],
    ])
    assert.deepEqual(calls, ['0 read', '5 create', '5000 renew', '5100 read', '5200 renew'])
    assert.equal(isValid(state, 5200, CONFIG), false)
    const renewed = play([[5300, answered(5200, record('me', 13, { ask: 'other 2', renewed: 1 }))]], state).state
    assert.equal(renewed.provenAt, 5200)
  })

  it('a read proves the reign while nobody asks', () => {
    const { calls, state } = play([
      ...holding,
      [90_000, { kind: 'proofWanted' }],
      [90_050, answered(90_000, record('me', 10))],
    ])
    assert.deepEqual(calls, ['0 read', '5 create', '90000 read'])
    assert.equal(state.provenAt, 90_000)
  })

  it('a later reign under its own name is not its own: another life of it took over', () => {
    const { state } = play([...holding, [5000, { kind: 'seen', record: record('me', 11, { term: 1 }) }]])
    assert.equal(state.role, 'lost')
  })

  it('takes no notice of news that is older than what it has', () => {
    const held = play([
      [0, woken],
      [5, answered(0, record('other', 9, { term: 1 }))],
    ]).state
    const { state } = play([[6, { kind: 'seen', record: record('me', 8) }]], held)
    assert.equal(state.record === undefined || state.record === 'absent' ? '' : state.record.holder, 'other')
  })

  it('the Lease that was written keeps what others put into it, but for wishes of the reign before', () => {
    const before = record('other', 5, { ask: 'me 1', term: 7 })
    const labelled = { ...before.lease, metadata: { ...before.lease.metadata, labels: { a: 'b' } } }
    const taken = takenLease(recordOf(labelled), REF, 'me', new Date(1234))
    assert.deepEqual(taken.metadata.labels, { a: 'b' })
    assert.deepEqual(taken.metadata.annotations, {})
    assert.equal(taken.metadata.resourceVersion, '5')
    assert.equal(taken.spec?.leaseTransitions, 8)
    assert.equal(taken.spec?.renewTime, '1970-01-01T00:00:01.234000Z')
    assert.equal(releasedLease(recordOf(taken), new Date(0)).spec?.holderIdentity, '')
    assert.equal(renewedLease(recordOf(taken), new Date(0)).spec?.holderIdentity, 'me')
  })
})

describe('the election, fed with anything in any order', () => {
  it('never asks for a call while one is under way, never spins, and never comes back', () => {
    const random = seededRandom(7)
    for (let run = 0; run < 300; run++) {
      let state: Election = newElection()
      let now = 0
      for (let step = 0; step < 300; step++) {
        now += random() * (random() < 0.5 ? 100 : 5000)
        const next = electionStep(state, anyEvent(state, now, random), now, CONFIG)
        check(state, next, now)
        state = next.state
      }
    }
  })
})

function check(before: Election, { state, call }: ElectionStep, now: number): void {
  if (call === undefined) assert.ok(nextDeadline(state, CONFIG) > now, `would spin: ${JSON.stringify(state)}`)
  else assert.equal(state.pending, call)
  if (before.role === 'lost' || before.role === 'released') assert.equal(state.role, before.role)
  assert.equal(isValid(state, now, CONFIG) && state.role !== 'holder', false)
}

type Make = (state: Election, now: number, random: Random) => ElectionEvent

const EVENTS: readonly Make[] = [
  () => ({ kind: 'woken' }),
  () => ({ kind: 'woken' }),
  () => ({ kind: 'proofWanted' }),
  (_state, _now, random) => ({ kind: 'seen', record: anyRecord(random) }),
  (_state, _now, random) => ({ kind: random() < 0.1 ? 'gone' : 'seen', record: anyRecord(random) }),
  (_state, _now, random) => ({ kind: random() < 0.02 ? 'stop' : 'woken' }),
  ({ pending }) => (pending === undefined ? { kind: 'woken' } : { kind: 'failed', why: 'outdated' }),
  ({ pending }) => (pending === undefined ? { kind: 'woken' } : { kind: 'failed', why: 'error' }),
  anyAnswer,
  anyAnswer,
  anyAnswer,
]

function anyEvent(state: Election, now: number, random: Random): ElectionEvent {
  return EVENTS[Math.floor(random() * EVENTS.length)]?.(state, now, random) ?? { kind: 'woken' }
}

function anyAnswer({ pending }: Election, now: number, random: Random): ElectionEvent {
  if (pending === undefined) return { kind: 'woken' }
  return answered(now - random() * 1000, pending === 'read' && random() < 0.2 ? 'absent' : anyRecord(random))
}

function anyRecord(random: Random): LeaseRecord {
  return record(random() < 0.6 ? 'me' : 'other', Math.floor(random() * 50) + 1, {
    term: Math.floor(random() * 2),
    ask: random() < 0.5 ? `wish ${Math.floor(random() * 3)}` : '',
    renewed: Math.floor(random() * 5),
  })
}
