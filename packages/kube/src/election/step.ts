import {
  absorb,
  type Election,
  type ElectionCall,
  type ElectionConfig,
  type ElectionEvent,
  type ElectionStep,
  isAsked,
  isValid,
  RELEASE_TRIES,
} from './election.ts'
import { isOlder, type LeaseRecord } from './lease-record.ts'

/**
 * One step of the election. Nothing in here waits, reads a clock or compares the clocks of two machines:
 * `now` is this process's own monotonic time. The safety argument is in `run-for-leader.ts`.
 */
export function electionStep(
  before: Election,
  event: ElectionEvent,
  now: number,
  config: ElectionConfig,
): ElectionStep {
  const state = settled(takeIn(before, event, now, config), now, config)
  const call = nextCall(state, now, config)
  if (call === undefined) return { state, call }
  return { state: { ...state, pending: call, mustRead: state.mustRead && call !== 'read' }, call }
}

/** When the state wants to be woken; `Infinity` for a holder that nobody asks. */
export function nextDeadline(state: Election, config: ElectionConfig): number {
  if (state.pending !== undefined || state.role === 'lost' || state.role === 'released') return Infinity
  const due = state.role === 'holder' ? holderDueAt(state) : candidateDueAt(state, config)
  return Math.max(due, state.retryAt)
}

function takeIn(state: Election, event: ElectionEvent, now: number, config: ElectionConfig): Election {
  switch (event.kind) {
    case 'seen':
      return absorb(state, event.record, now, config)
    case 'gone':
      return isNews(state, event.record) ? withoutLease(state, now) : state
    case 'answered':
      return takeAnswer(state, event, now, config)
    case 'failed':
      return takeFailure(state, event.why, now + config.retryMs)
    case 'proofWanted':
      return { ...state, proofWanted: true }
    case 'stop':
      return { ...state, stopping: true }
    case 'woken':
      break
  }
  return state
}

function isNews({ record: known }: Election, record: LeaseRecord): boolean {
  return typeof known !== 'object' || !isOlder(record, known)
}

/** A deleted Lease is a lost one: somebody else may make it anew. Whoever saw it go waits before making it. */
function withoutLease(state: Election, now: number): Election {
  const seenAt = typeof state.record === 'object' ? now : state.seenAt
  const over = state.stopping ? 'released' : 'lost'
  return { ...state, record: 'absent', seenAt, role: state.role === 'holder' ? over : state.role }
}

type Answer = Extract<ElectionEvent, { readonly kind: 'answered' }>
type RecordAnswer = { readonly sentAt: number; readonly record: LeaseRecord }
type TakeAnswer = (state: Election, answer: RecordAnswer, now: number, config: ElectionConfig) => Election

function takeAnswer(before: Election, { sentAt, record }: Answer, now: number, config: ElectionConfig): Election {
  const state = { ...before, pending: undefined }
  if (record === 'absent') return withoutLease(state, now)
  return before.pending === undefined ? state : ANSWERS[before.pending](state, { sentAt, record }, now, config)
}

const ANSWERS: Readonly<Record<ElectionCall, TakeAnswer>> = {
  create: begin,
  take: begin,
  /** While no wish is in force, a standby would first have to make one, later than this read, and then be patient. */
  read: (state, { sentAt, record }, now, config) => {
    const next = absorb(state, record, now, config)
    return isAsked(next, now) ? next : { ...next, provenAt: Math.max(next.provenAt, sentAt) }
  },
  /** Every standby sees the renewal after it was sent, and is patient from then on. */
  renew: (state, { sentAt, record }, now, config) => {
    const next = absorb(state, record, now, config)
    return { ...next, provenAt: sentAt, renewAt: sentAt + config.renewMs }
  },
  ask: (state, { sentAt, record }, now, config) => {
    const next = absorb(state, record, now, config)
    const unbroken = next.asked !== undefined && now - next.asked.sentAt < config.askLastsMs
    return { ...next, asked: { since: unbroken ? next.asked.since : now, sentAt } }
  },
  release: (state) => ({ ...state, role: state.role === 'holder' ? 'released' : state.role }),
}

/** A new reign, which starts without a wish; the watch may have shown one already. */
function begin(state: Election, { sentAt, record }: RecordAnswer, now: number, config: ElectionConfig): Election {
  const { record: known } = state
  const fresh = { asked: undefined, ask: '', obeyUntil: -Infinity, renewAt: Infinity }
  const holder: Election = {
    ...state,
    ...fresh,
    role: 'holder',
    record,
    seenAt: now,
    term: record.term,
    provenAt: sentAt,
  }
  return typeof known === 'object' && isOlder(record, known) ? absorb(holder, known, now, config) : holder
}

/** After any failure the next thing is a look at the Lease; a standby that lost touch starts its wishes over. */
function takeFailure(before: Election, why: 'outdated' | 'error', retryAt: number): Election {
  const releaseTries = before.releaseTries + (before.pending === 'release' ? 1 : 0)
  const state = { ...before, pending: undefined, mustRead: true, releaseTries }
  return why === 'outdated' ? state : { ...state, asked: undefined, proofWanted: false, retryAt }
}

function settled(state: Election, now: number, config: ElectionConfig): Election {
  const idle = state.pending === undefined
  const done = state.stopping && idle && (state.role === 'candidate' || state.releaseTries >= RELEASE_TRIES)
  const role = done ? 'released' : state.role
  const proofWanted = state.proofWanted && role === 'holder' && !isValid(state, now, config)
  // Nobody asks any more: no renewal is due, not even one that could not be made in time.
  return { ...state, role, proofWanted, renewAt: isAsked(state, now) ? state.renewAt : Infinity }
}

function nextCall(state: Election, now: number, config: ElectionConfig): ElectionCall | undefined {
  if (state.pending !== undefined || now < state.retryAt) return undefined
  if (state.role === 'holder') return holderCall(state, now)
  return state.role === 'candidate' ? candidateCall(state, now, config) : undefined
}

function holderCall(state: Election, now: number): ElectionCall | undefined {
  const asked = isAsked(state, now)
  const wanted = state.stopping || state.proofWanted || (asked && now >= state.renewAt)
  if (!wanted) return undefined
  if (state.mustRead) return 'read'
  if (state.stopping) return 'release'
  return asked ? 'renew' : 'read'
}

function holderDueAt({ stopping, proofWanted, renewAt, obeyUntil }: Election): number {
  if (stopping || proofWanted) return -Infinity
  return renewAt < obeyUntil ? renewAt : Infinity
}

function candidateCall(state: Election, now: number, config: ElectionConfig): ElectionCall | undefined {
  const { record, mustRead, asked } = state
  if (record === undefined || mustRead) return 'read'
  if (record === 'absent') return now >= state.seenAt + config.patienceMs ? 'create' : undefined
  if (isFree(record, config)) return 'take'
  if (asked === undefined) return 'ask'
  const relied = now - asked.sentAt < config.askLastsMs
  if (relied && now >= patientUntil(state, asked.since, config)) return 'take'
  return now - asked.sentAt >= config.askAgainMs ? 'ask' : undefined
}

function candidateDueAt(state: Election, config: ElectionConfig): number {
  const { record, mustRead, asked } = state
  if (record === undefined || mustRead) return -Infinity
  if (record === 'absent') return state.seenAt + config.patienceMs
  if (isFree(record, config) || asked === undefined) return -Infinity
  return Math.min(asked.sentAt + config.askAgainMs, patientUntil(state, asked.since, config))
}

/** Released, or left behind by an earlier life of this very process. */
function isFree({ holder }: LeaseRecord, { me }: ElectionConfig): boolean {
  return holder === '' || holder === me
}

function patientUntil({ seenAt }: Election, askedSince: number, { patienceMs }: ElectionConfig): number {
  return Math.max(seenAt, askedSince) + patienceMs
}
