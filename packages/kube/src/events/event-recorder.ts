import type { KubeObject } from '@steelyard/model'
import { backoffMs, type Cancel, type Clock, type Random, type TimeOfDay } from '@steelyard/runtime'
import { ApiError, isNotFound, isTaken } from '../api-error.ts'
import type { Api } from '../api.ts'
import type { Log } from '../log.ts'
import type { EventType } from '../objects.ts'
import { EVENTS } from '../resources.ts'
import { type Due, type EventBook, newEventBook, note, recheck, takeNext } from './event-book.ts'
import { eventName, eventOf, referenceTo } from './event-object.ts'

export type EventRecorderOptions = {
  /** Who speaks: `metallb-controller`. */
  readonly component: string
  /** On which node, if that matters. */
  readonly host?: string
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Log
}

export type EventRecorder = {
  /** Never fails and never waits: the Event is written in the background, or dropped. */
  readonly tell: (object: KubeObject, type: EventType, reason: string, message: string) => void
  /** Resolves when all that may be written now is written, or the API refuses; within seconds. */
  readonly flush: () => Promise<void>
  /** Nothing more is written. */
  readonly stop: () => void
}

type Recorder = {
  readonly api: Api
  readonly options: EventRecorderOptions
  readonly book: EventBook
  waiters: (() => void)[]
  cancelRest: Cancel | undefined
  writing: boolean
  /** The API does not take Events now. */
  resting: boolean
  stopped: boolean
  failures: number
  reportedAt: number
}

const WRITE_TIMEOUT_MS = 5000
const BACKOFF = { firstMs: 1000, maxMs: 30_000 }
const RECHECK_MS = 5000
const REPORT_EVERY_MS = 10 * 60_000

/**
 * Writes core/v1 Events. Identical ones (object, type, reason, message) within ten minutes become one
 * Event with a count; one object costs at most ten writes at once and one a minute after that; one write
 * is under way at a time, so that Events never compete with the work itself. What cannot be written is
 * tried again while the API is away, and dropped when it is refused.
 */
export function eventRecorder(api: Api, options: EventRecorderOptions): EventRecorder {
  const idle = { waiters: [], cancelRest: undefined, writing: false, resting: false, stopped: false, failures: 0 }
  const recorder: Recorder = { api, options, book: newEventBook(), ...idle, reportedAt: -Infinity }
  const { clock, timeOfDay } = options
  return {
    tell: (object, type, reason, message) => {
      note(recorder.book, { about: referenceTo(object), type, reason, message, at: timeOfDay() }, clock.now())
      reportDropped(recorder)
      void write(recorder)
    },
    flush: () =>
      new Promise((resolve) => {
        recorder.waiters.push(resolve)
        tellWaiters(recorder)
      }),
    stop: () => {
      recorder.stopped = true
      recorder.cancelRest?.()
    },
  }
}

/** The only writer: one Event after the other until nothing is due or the API refuses, then it rests. */
async function write(recorder: Recorder): Promise<void> {
  if (recorder.writing || recorder.resting || recorder.stopped) return
  recorder.writing = true
  while (!recorder.resting && !recorder.stopped) {
    const due = takeNext(recorder.book, recorder.options.clock.now())
    if (due === undefined) break
    await writeEntry(recorder, due)
  }
  recorder.writing = false
  tellWaiters(recorder)
  planRetry(recorder)
}

function tellWaiters(recorder: Recorder): void {
  if (recorder.writing) return
  for (const wake of recorder.waiters) wake()
  recorder.waiters = []
}

/** Sets the time of the next try: when the API may have recovered, or when more may be written about an object. */
function planRetry(recorder: Recorder): void {
  const { book, options, failures, resting, stopped } = recorder
  const { clock, random } = options
  recorder.cancelRest?.()
  recorder.cancelRest = undefined
  if (stopped || (!resting && book.throttled.size === 0)) return
  const waitMs = resting ? backoffMs(failures, BACKOFF, random) : RECHECK_MS
  recorder.cancelRest = clock.wakeAt(clock.now() + waitMs, () => {
    recorder.resting = false
    recheck(book)
    void write(recorder)
  })
}

async function writeEntry(recorder: Recorder, due: Due): Promise<void> {
  const { api, options } = recorder
  const { entry } = due
  const { count } = entry
  try {
    if (entry.name === undefined) {
      const name = eventName(entry.about.name, options.random)
      await api.create(EVENTS, eventOf(entry, name, options), { timeoutMs: WRITE_TIMEOUT_MS })
      entry.name = name
    } else {
      const ref = { namespace: entry.about.namespace ?? 'default', name: entry.name }
      const body = { count, lastTimestamp: entry.lastAt.toISOString() }
      await api.patch(EVENTS, ref, { kind: 'merge', body }, { timeoutMs: WRITE_TIMEOUT_MS })
    }
    entry.writtenCount = count
    recorder.failures = 0
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    notWritten(recorder, due, error)
  }
}

/** What a failed write means: another name, another Event, a rest, or nothing but one Event less. */
function notWritten(recorder: Recorder, { entry, page }: Due, error: ApiError): void {
  if (isTaken(error)) return
  if (entry.name !== undefined && isNotFound(error)) {
    // Events live for an hour; what is told again after that is a new one.
    entry.name = undefined
    return
  }
  if (error.status === 0 || error.status === 429 || error.status >= 500) {
    page.tokens++
    recorder.failures++
    recorder.resting = true
    return
  }
  entry.writtenCount = entry.count
  recorder.book.dropped++
  recorder.options.log.debug('an Event was refused', { reason: error.reason, error })
}

function reportDropped(recorder: Recorder): void {
  const { book, options, reportedAt } = recorder
  const { clock, log } = options
  if (book.dropped === 0 || clock.now() - reportedAt < REPORT_EVERY_MS) return
  recorder.reportedAt = clock.now()
  log.warn('Events could not be written and were dropped', { dropped: book.dropped })
  book.dropped = 0
}
