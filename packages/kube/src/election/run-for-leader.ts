import type { Cancel, Clock, Random, TimeOfDay } from '@steelyard/runtime'
import { ApiError, isConflict, isNotFound, isTaken } from '../api-error.ts'
import type { Api } from '../api.ts'
import { follow, type Follower } from '../follow/follow.ts'
import type { Log } from '../log.ts'
import { keyOf, type Lease, type ObjectRef } from '../objects.ts'
import { LEASES } from '../resources.ts'
import {
  type Election,
  type ElectionCall,
  type ElectionConfig,
  type ElectionEvent,
  isAsked,
  isValid,
  newElection,
} from './election.ts'
import { ASK_ANNOTATION, type LeaseRecord, recordOf, releasedLease, renewedLease, takenLease } from './lease-record.ts'
import { electionStep, nextDeadline } from './step.ts'

export type LeaderOptions = {
  readonly namespace: string
  /** The Lease's name: `steelyard-controller`. */
  readonly name: string
  /** The Pod's name: the same after a container restart, never shared by two living processes. */
  readonly identity: string
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Log
}

export type Leadership = {
  /** Resolves when this process holds the Lease for the first time; stays pending when it never does. */
  readonly elected: Promise<void>
  /** Resolves once this reign, or the hope for one, is over for good. After `lost` the process should end: what it knows is another's by now. */
  readonly ended: Promise<'lost' | 'released'>
  /** Whether we may act at this instant. Costs nothing. False also when the proof is merely too old: see `confirm`. */
  readonly stillLeader: () => boolean
  /** Whether we may act now, asking the API when the last proof is too old: at most one small read a second and a half. */
  readonly confirm: () => Promise<boolean>
  /** Gives the Lease back, so that a standby takes over at once; first stop acting. */
  readonly stop: () => Promise<void>
}

const TIMES: Omit<ElectionConfig, 'me' | 'patienceMs'> = {
  renewMs: 600,
  validMs: 1400,
  askAgainMs: 20_000,
  askLastsMs: 40_000,
  obeyMs: 60_000,
  retryMs: 300,
}
/** Standbys differ a little, so that they do not all come at once. */
const PATIENCE_MS = 2200
const PATIENCE_SPREAD_MS = 200
/** A call that hangs (a dead connection) is given up while there is still time for another. */
const CALL_TIMEOUT_MS = 1000
/** The Lease's watch comes back sooner than others: a standby's wish must be seen. */
const WATCH_BACKOFF = { firstMs: 100, maxMs: 1000 }

type Run = {
  readonly api: Api
  readonly options: LeaderOptions
  readonly config: ElectionConfig
  readonly ref: ObjectRef
  readonly elected: PromiseWithResolvers<void>
  readonly ended: PromiseWithResolvers<'lost' | 'released'>
  state: Election
  cancelWake: Cancel
  waiters: ((mayAct: boolean) => void)[]
  /** The last call failed; said once. */
  failing: boolean
}

/**
 * Leader election by a Lease that is not written at rest.
 *
 * The holder writes the Lease once, on acquiring it. A standby that wants to know whether the holder lives
 * leaves a wish (an annotation); the holder, which watches the Lease, then renews every 0.6 s for as long as
 * wishes keep coming. A wish unanswered for 2.2 s makes the standby take over: a crash costs less than 3 s,
 * one replica alone costs no write, and a released Lease (SIGTERM) is taken at once.
 *
 * Why two cannot act. Every change of the Lease is conditional on its resource version, so of two who try
 * to take it, or of a renewal and a take-over, one fails. What is left is a holder that does not know yet
 * that it was replaced. It may act only for `validMs` (1.4 s) after it sent what proved its reign:
 *  - a successful renewal: every standby sees it later than it was sent, and waits `patienceMs` (2.2 s) from then on;
 *  - a read of the Lease without a new wish: a standby would have to leave its wish after that read, and then
 *    wait `patienceMs` as well. A wish that the holder no longer obeys (`obeyMs`, 60 s after seeing it) is one
 *    on which its standby no longer relies (`askLastsMs`, 40 s after sending it).
 * Both ends measure durations with their own monotonic clock, so the machines' times of day do not matter;
 * 0.8 s are left for clocks that run unevenly and for a write that was already under way. A holder that is
 * cut off or was paused finds its proof too old before it acts again, and learns the truth from the read that
 * `confirm` makes. What remains is a write delayed on the wire by more than those 0.8 s: Services are written
 * with their resource version, and two Services with one address are found and settled by the new leader's
 * next pass.
 */
export function runForLeader(api: Api, options: LeaderOptions): Leadership {
  const { namespace, name, identity, random } = options
  const run: Run = {
    api,
    options,
    config: { ...TIMES, me: identity, patienceMs: PATIENCE_MS + random() * PATIENCE_SPREAD_MS },
    ref: { namespace, name },
    elected: Promise.withResolvers(),
    ended: Promise.withResolvers(),
    state: newElection(),
    cancelWake: () => {},
    waiters: [],
    failing: false,
  }
  const follower = watchLease(run)
  advance(run, { kind: 'woken' })
  void run.ended.promise.then(() => follower.stop())
  return {
    elected: run.elected.promise,
    ended: run.ended.promise,
    stillLeader: () => mayAct(run),
    confirm: () => confirm(run),
    stop: async () => {
      advance(run, { kind: 'stop' })
      await run.ended.promise
      await follower.stop()
    },
  }
}

function watchLease(run: Run): Follower<Lease> {
  const { api, options, ref } = run
  const { clock, random, log, namespace, name } = options
  return follow(api, LEASES, {
    scope: { namespace, fieldSelector: `metadata.name=${name}` },
    clock,
    random,
    log,
    backoff: WATCH_BACKOFF,
    // The whole Lease is kept: it is written back.
    project: (lease) => lease,
    onChange: (key, now, before) => {
      if (key !== keyOf({ metadata: ref })) return
      if (now !== undefined) advance(run, { kind: 'seen', record: recordOf(now) })
      else if (before !== undefined) advance(run, { kind: 'gone', record: recordOf(before) })
    },
  })
}

function mayAct({ state, config, options }: Run): boolean {
  return isValid(state, options.clock.now(), config)
}

async function confirm(run: Run): Promise<boolean> {
  if (mayAct(run)) return true
  if (run.state.role !== 'holder' || run.state.stopping) return false
  const answer = new Promise<boolean>((resolve) => void run.waiters.push(resolve))
  advance(run, { kind: 'proofWanted' })
  return answer
}

/** Feeds the pure step, does what it says, and sets the next alarm. */
function advance(run: Run, event: ElectionEvent): void {
  const { config, options } = run
  const before = run.state
  const { state, call } = electionStep(before, event, options.clock.now(), config)
  run.state = state
  tellChange(run, before)
  run.cancelWake()
  const deadline = nextDeadline(state, config)
  run.cancelWake = Number.isFinite(deadline)
    ? options.clock.wakeAt(deadline, () => advance(run, { kind: 'woken' }))
    : () => {}
  if (call !== undefined) void perform(run, call)
}

/** Tells those who wait for an answer, and the log. */
function tellChange(run: Run, before: Election): void {
  const { state, options, elected, ended } = run
  const { log, clock, name } = options
  const now = clock.now()
  if (!state.proofWanted) {
    for (const answer of run.waiters.splice(0)) answer(mayAct(run))
  }
  if (!isAsked(before, now) && isAsked(state, now)) log.info(`a standby watches the Lease ${name}: renewing it`)
  if (state.role === before.role) return
  if (state.role === 'holder') {
    log.info(`holding the Lease ${name}: this replica is active`)
    elected.resolve()
  }
  if (state.role === 'lost') log.warn(`lost the Lease ${name}`, { reason: 'LeaseLost', holder: holderOf(state) })
  if (state.role === 'lost' || state.role === 'released') ended.resolve(state.role)
}

function holderOf({ record }: Election): string {
  return typeof record === 'object' ? record.holder : ''
}

async function perform(run: Run, call: ElectionCall): Promise<void> {
  const { clock, log, name } = run.options
  const sentAt = clock.now()
  try {
    const record = await CALLS[call](run)
    if (run.failing) log.info(`the Lease ${name} can be reached again`)
    run.failing = false
    advance(run, { kind: 'answered', sentAt, record })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const outdated = isConflict(error) || isTaken(error) || isNotFound(error)
    if (!outdated && !run.failing)
      log.warn(`the Lease ${name} cannot be reached`, { op: call, reason: error.reason, error })
    run.failing = !outdated
    advance(run, { kind: 'failed', why: outdated ? 'outdated' : 'error' })
  }
}

const LIMIT = { timeoutMs: CALL_TIMEOUT_MS }

const CALLS: Readonly<Record<ElectionCall, (run: Run) => Promise<LeaseRecord | 'absent'>>> = {
  read: async ({ api, ref }) => {
    try {
      return recordOf(await api.get(LEASES, ref, LIMIT))
    } catch (error) {
      if (isNotFound(error)) return 'absent'
      throw error
    }
  },
  create: async ({ api, ref, options }) =>
    recordOf(await api.create(LEASES, takenLease(undefined, ref, options.identity, options.timeOfDay()), LIMIT)),
  take: async (run) => {
    const { api, ref, options } = run
    return recordOf(await api.update(LEASES, takenLease(known(run), ref, options.identity, options.timeOfDay()), LIMIT))
  },
  renew: async (run) =>
    recordOf(await run.api.update(LEASES, renewedLease(known(run), run.options.timeOfDay()), LIMIT)),
  release: async (run) =>
    recordOf(await run.api.update(LEASES, releasedLease(known(run), run.options.timeOfDay()), LIMIT)),
  ask: async ({ api, ref, options }) => {
    const wish = `${options.identity} ${options.timeOfDay().toISOString()} ${options.random().toString(36).slice(2)}`
    const body = { metadata: { annotations: { [ASK_ANNOTATION]: wish } } }
    return recordOf(await api.patch(LEASES, ref, { kind: 'merge', body }, LIMIT))
  },
}

/** The record that a conditional write is based on; the step asks for one only when it knows it. */
function known({ state }: Run): LeaseRecord {
  if (typeof state.record === 'object') return state.record
  throw new TypeError('the Lease is written before it is known')
}
