import { type DeadlineHeap, deadlineHeap, earliest, insert, type Random, remove, type Timed } from '@steelyard/runtime'
import { type Rate, refill, refilledAt, type TokenBucket } from './token-bucket.ts'

/** When an address is announced on an interface, and how much may be sent in all. Milliseconds. */
export type ScheduleConfig = {
  /** The waits after each round of the burst, which starts at once. */
  readonly burstGapsMs: readonly number[]
  /** The wait between rounds afterwards … */
  readonly refreshMs: number
  /** … give or take this share of it, so that what was announced together spreads. */
  readonly jitter: number
  /** Over all addresses and interfaces, in frames. */
  readonly rate: Rate
}

/**
 * At 0, 50, 150, 350 and 750 ms, each second until 5 s, then each minute. A thousand addresses that
 * arrive at once get their first round within a second, at 1.3 Mbit/s of broadcasts.
 */
export const SCHEDULE: ScheduleConfig = {
  burstGapsMs: [50, 100, 200, 400, 1000, 1000, 1000, 1000],
  refreshMs: 60_000,
  jitter: 0.25,
  rate: { perSecond: 2000, credit: 200 },
}

type LaneName = 'first' | 'burst' | 'refresh'
type Entry = Timed & {
  readonly key: string
  readonly frames: number
  readonly startedAt: number
  done: number
  lane: LaneName
}

/**
 * What is announced, and when next: a plain object that its owner's loop changes through the
 * functions below. What is due stands in three lanes, so that a first round, on which a take-over
 * depends, never queues behind the repetitions of others.
 */
export type Schedule = {
  readonly entries: Map<string, Entry>
  readonly lanes: Readonly<Record<LaneName, DeadlineHeap<Entry>>>
  readonly bucket: TokenBucket
}

/** One round that is due: `round` counts from 0 at the start of the burst, `startedAt` is when that was. */
export type Round = { readonly key: string; readonly round: number; readonly startedAt: number }

export function schedule(): Schedule {
  const lanes = { first: deadlineHeap<Entry>(), burst: deadlineHeap<Entry>(), refresh: deadlineHeap<Entry>() }
  return { entries: new Map(), lanes, bucket: { tokens: 0, at: Number.NEGATIVE_INFINITY } }
}

/**
 * Starts announcing `key`. Nothing happens when it is announced already: a sync is no news.
 * @param frames how many frames a round of it takes.
 */
export function announce(state: Schedule, key: string, frames: number, now: number): void {
  if (state.entries.has(key)) return
  const entry: Entry = { key, frames, startedAt: now, due: now, place: 0, done: 0, lane: 'first' }
  state.entries.set(key, entry)
  insert(state.lanes.first, entry)
}

/** Starts the burst of `key` anew, as after a carrier has come up. */
export function announceAgain(state: Schedule, key: string, frames: number, now: number): void {
  silence(state, key)
  announce(state, key, frames, now)
}

/** Nothing of `key` is due any more, from this moment. */
export function silence(state: Schedule, key: string): void {
  const entry = state.entries.get(key)
  if (entry === undefined) return
  state.entries.delete(key)
  remove(state.lanes[entry.lane], entry)
}

/** Tells the rate limit of frames sent beside the rounds. */
export function spend(state: Schedule, frames: number): void {
  state.bucket.tokens -= frames
}

/** The rounds to send now, each of them moved on to its next time. Costs O(due · log n). */
export function takeDue(state: Schedule, now: number, config: ScheduleConfig, random: Random): Round[] {
  refill(state.bucket, now, config.rate)
  const rounds: Round[] = []
  for (const lane of LANES) {
    for (let entry = nextDue(state, lane, now); entry !== undefined; entry = nextDue(state, lane, now)) {
      rounds.push({ key: entry.key, round: entry.done, startedAt: entry.startedAt })
      spend(state, entry.frames)
      moveOn(state, entry, now, { config, random })
    }
  }
  return rounds
}

const LANES: readonly LaneName[] = ['first', 'burst', 'refresh']

function nextDue({ lanes, bucket }: Schedule, lane: LaneName, now: number): Entry | undefined {
  const entry = earliest(lanes[lane])
  return entry !== undefined && entry.due <= now && bucket.tokens >= 1 ? entry : undefined
}

/** A round that came somewhat late does not delay the next one; one held back by the rate limit does. */
function moveOn(
  { lanes }: Schedule,
  entry: Entry,
  now: number,
  { config, random }: { readonly config: ScheduleConfig; readonly random: Random },
): void {
  const burstGap = config.burstGapsMs[entry.done]
  const gap = burstGap ?? config.refreshMs * (1 + config.jitter * (2 * random() - 1))
  remove(lanes[entry.lane], entry)
  entry.done += 1
  entry.lane = burstGap === undefined ? 'refresh' : 'burst'
  entry.due = Math.max(entry.due, now - gap / 2) + gap
  insert(lanes[entry.lane], entry)
}

/** When `takeDue` has something to give again; undefined when nothing is announced. */
export function nextRoundAt({ lanes, bucket }: Schedule, { rate }: ScheduleConfig): number | undefined {
  const dues = LANES.flatMap((lane) => earliest(lanes[lane])?.due ?? [])
  return dues.length === 0 ? undefined : Math.max(Math.min(...dues), refilledAt(bucket, rate))
}

/**
 * Another refresh interval, from now on: what waits for its refresh waits in proportion, so that
 * the rounds stay as spread as they were and no change brings a burst. Bursts go on as they are.
 * @param ratio the new interval over the old one.
 */
export function rescale({ lanes }: Schedule, ratio: number, now: number): void {
  // The order stays the same, so the heap stays one. What is overdue waits for the rate limit only.
  for (const entry of lanes.refresh.items) if (entry.due > now) entry.due = now + (entry.due - now) * ratio
}
