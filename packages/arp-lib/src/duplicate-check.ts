import { type DeadlineHeap, deadlineHeap, earliest, insert, remove, type Timed } from '@steelyard/runtime'
import { type Rate, refill, refilledAt, type TokenBucket } from './token-bucket.ts'

/** `warn`: the address is announced meanwhile. `refuse`: it waits until nobody has answered. */
export type CheckMode = 'warn' | 'refuse'

/** How an address is asked for before it is used. Milliseconds. */
export type CheckConfig = {
  /** The waits between the probes of one check. */
  readonly probeGapsMs: readonly number[]
  /** How long an answer is waited for after the last probe. */
  readonly listenMs: Readonly<Record<CheckMode, number>>
  /** When a refused address is tried again: the first wait, doubled each time up to the last. */
  readonly retryMs: { readonly first: number; readonly most: number }
  /** Of all probes together, in frames. */
  readonly rate: Rate
}

/**
 * RFC 5227 section 1.1 takes up to 7 s over a check, RFC 4862 one second: those are for hosts of
 * every kind on links of every kind. Here an answer comes within a few milliseconds or the watch
 * goes on hearing it (docs/decisions/0010): a verdict after 200 ms, or 300 ms where nothing waits.
 * Probes take half of the announcements' rate, so that a crowd of new addresses leaves room for a take-over.
 */
export const DUPLICATE_CHECK: CheckConfig = {
  probeGapsMs: [50, 50],
  listenMs: { warn: 200, refuse: 100 },
  retryMs: { first: 30_000, most: 300_000 },
  rate: { perSecond: 1000, credit: 100 },
}

type Check = Timed & {
  readonly key: string
  readonly mode: CheckMode
  /** Probes of this attempt. */
  sent: number
  refusals: number
}

/** Which addresses are being asked for, or wait to be asked for again. Belongs to its owner's loop, like `Schedule`. */
export type DuplicateChecks = {
  readonly entries: Map<string, Check>
  readonly heap: DeadlineHeap<Check>
  readonly bucket: TokenBucket
}

/** What is due of a check: a probe to send, or the end without an answer. */
export type CheckStep = { readonly kind: 'probe' | 'passed'; readonly key: string; readonly mode: CheckMode }

/** What an answer means. `retryAt` is when a refused address is asked for again. */
export type CheckVerdict = { readonly mode: 'warn' } | { readonly mode: 'refuse'; readonly retryAt: number }

export function duplicateChecks(): DuplicateChecks {
  return { entries: new Map(), heap: deadlineHeap(), bucket: { tokens: 0, at: Number.NEGATIVE_INFINITY } }
}

/** Begins to check `key`, from the first probe on even when a check of it is going on. */
export function beginCheck(state: DuplicateChecks, key: string, mode: CheckMode, now: number): void {
  endCheck(state, key)
  const check: Check = { key, mode, due: now, place: 0, sent: 0, refusals: 0 }
  state.entries.set(key, check)
  insert(state.heap, check)
}

/** Nothing more is asked about `key`. */
export function endCheck(state: DuplicateChecks, key: string): void {
  const check = state.entries.get(key)
  if (check === undefined) return
  state.entries.delete(key)
  remove(state.heap, check)
}

/** What is due now. A check that has passed is over, and known no more. */
export function takeChecks(state: DuplicateChecks, now: number, config: CheckConfig): CheckStep[] {
  refill(state.bucket, now, config.rate)
  const steps: CheckStep[] = []
  for (let check = dueCheck(state, now); check !== undefined; check = dueCheck(state, now)) {
    const { key, mode } = check
    const isOver = check.sent > config.probeGapsMs.length
    steps.push({ kind: isOver ? 'passed' : 'probe', key, mode })
    if (isOver) endCheck(state, key)
    else probed(state, check, now, config)
  }
  return steps
}

/** One that ends needs no frame, but waits its turn with the others: all are due in order. */
function dueCheck({ heap, bucket }: DuplicateChecks, now: number): Check | undefined {
  const check = earliest(heap)
  return check !== undefined && check.due <= now && bucket.tokens >= 1 ? check : undefined
}

/** Gaps count from when a probe was sent, not from when it was due: its answer needs the time. */
function probed(state: DuplicateChecks, check: Check, now: number, config: CheckConfig): void {
  state.bucket.tokens -= 1
  const gap = config.probeGapsMs[check.sent] ?? config.listenMs[check.mode]
  check.sent += 1
  move(state, check, now + gap)
}

/** The last probe of `key` was not sent after all: it is made up for, since silence proves nothing without it. */
export function missProbe(state: DuplicateChecks, key: string, now: number, config: CheckConfig): void {
  const check = state.entries.get(key)
  if (check === undefined || check.sent === 0) return
  check.sent -= 1
  move(state, check, now + (config.probeGapsMs[check.sent] ?? config.listenMs[check.mode]))
}

/**
 * Somebody else uses `key`, or probes for it too (RFC 5227 section 2.1.1). A check that warns has
 * done its work; one that refuses begins anew after a while, ever later.
 * @returns undefined when `key` is not being checked.
 */
export function failCheck(
  state: DuplicateChecks,
  key: string,
  now: number,
  config: CheckConfig,
): CheckVerdict | undefined {
  const check = state.entries.get(key)
  if (check === undefined) return undefined
  if (check.mode === 'warn') {
    endCheck(state, key)
    return { mode: 'warn' }
  }
  if (check.sent > 0) {
    check.sent = 0
    check.refusals += 1
    move(state, check, now + waitMs(check.refusals, config))
  }
  return { mode: 'refuse', retryAt: check.due }
}

/** Without jitter: what is due together is spread by the rate limit. */
function waitMs(refusals: number, { retryMs }: CheckConfig): number {
  return Math.min(retryMs.most, retryMs.first * 2 ** Math.min(refusals - 1, 30))
}

function move({ heap }: DuplicateChecks, check: Check, due: number): void {
  remove(heap, check)
  check.due = due
  insert(heap, check)
}

/** When `takeChecks` has something to give again; undefined when nothing is checked. */
export function nextCheckAt({ heap, bucket }: DuplicateChecks, { rate }: CheckConfig): number | undefined {
  const due = earliest(heap)?.due
  return due === undefined ? undefined : Math.max(due, refilledAt(bucket, rate))
}
