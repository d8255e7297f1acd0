import {
  type Api,
  applyStatus,
  follow,
  type Follower,
  isTaken,
  mergePatch,
  type ObjectRef,
  SPEAKER_STATUSES,
  type SpeakerStatus,
} from '@steelyard/kube'
import type { OwnerReference } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Cancel, type Clock, type KeyedQueue, keyedQueue, type Random, type TimeOfDay } from '@steelyard/runtime'
import type { SpeakerReport } from './decide/speaker-report.ts'
import { SPEAKER_STATUS_TYPE, type SpeakerStatusWish, statusDifference, wantedStatus } from './decide/speaker-status.ts'
import { type FailureLog, failureLog } from './quiet-failures.ts'

const FIELD_MANAGER = 'steelyard-speaker'
const BACKOFF = { firstMs: 1000, maxMs: 60_000 }
/** A failover moves hundreds of addresses in a second, on every node: the API server gets one write for them. */
const WRITE_EVERY_MS = 5000
/** Whoever sends junk to the port of membership must not make us write. */
const COUNTERS_EVERY_MS = 60_000

/** Keeps this speaker's SpeakerStatus as it is to be. */
export type SpeakerStatusWriter = {
  /** What it is to show from now on. The first is written at once, later ones 5 seconds after the last write at the soonest. */
  readonly want: (report: SpeakerReport) => void
  readonly stop: () => Promise<void>
}

export type SpeakerStatusPorts = {
  readonly api: Api
  readonly clock: Clock
  readonly timeOfDay: TimeOfDay
  readonly random: Random
  readonly log: Logger
  readonly namespace: string
  /** The object is named like it. */
  readonly node: string
  readonly owner: () => OwnerReference | undefined
}

type Writer = SpeakerStatusPorts & {
  readonly ref: Required<ObjectRef>
  readonly failures: FailureLog
  readonly follower: Pick<Follower<SpeakerStatus>, 'objects' | 'isSynced'>
  readonly queue: KeyedQueue<'status'>
  report: SpeakerReport | undefined
  writtenAt: number
  planned: { readonly at: number; readonly cancel: Cancel } | undefined
}

/**
 * Follows the own object for itself, so that a cluster that lacks the kind hinders nothing else. Edits by others are
 * undone, a deleted object comes back; it goes with the Pod that owns it. Writes only what differs.
 */
export function speakerStatusWriter(ports: SpeakerStatusPorts): SpeakerStatusWriter {
  const { api, clock, random, log, namespace, node } = ports
  const queue = keyedQueue<'status'>({
    handle: () => write(writer),
    onFailure: (_key, error) => writer.failures.failed(error),
    concurrency: 1,
    backoff: BACKOFF,
    clock,
    random,
  })
  const follower = follow(api, SPEAKER_STATUSES, {
    scope: { namespace, fieldSelector: `metadata.name=${node}` },
    clock,
    random,
    log,
    onChange: () => plan(writer),
  })
  const writer: Writer = {
    ...ports,
    ref: { namespace, name: node },
    failures: failureLog('write the SpeakerStatus', log),
    follower,
    queue,
    report: undefined,
    writtenAt: -Infinity,
    planned: undefined,
  }
  void follower.synced.then(() => plan(writer))
  return {
    want: (report) => {
      writer.report = report
      plan(writer)
    },
    stop: async () => {
      writer.report = undefined
      unplan(writer)
      await Promise.all([queue.stop(), follower.stop()])
    },
  }
}

/** Sees to it that a difference is written when it may be, and not later than that. */
function plan(writer: Writer): void {
  const { clock, timeOfDay, report, follower, queue, writtenAt } = writer
  if (report === undefined || !follower.isSynced()) return
  // What is planned already looks at everything anew when its time comes.
  if (writer.planned !== undefined && writer.planned.at <= writtenAt + WRITE_EVERY_MS) return
  const { metadata, status, countersOnly } = statusDifference(objectOf(writer), wishOf(writer, report), timeOfDay())
  if (!metadata && !status) return unplan(writer)
  const at = writtenAt + (countersOnly ? COUNTERS_EVERY_MS : WRITE_EVERY_MS)
  if (writer.planned !== undefined && writer.planned.at <= at) return
  unplan(writer)
  const begin = (): void => {
    writer.planned = undefined
    queue.add('status')
  }
  writer.planned = { at, cancel: clock.wakeAt(at, begin) }
}

function unplan(writer: Writer): void {
  writer.planned?.cancel()
  writer.planned = undefined
}

function objectOf({ follower, ref }: Writer): SpeakerStatus | undefined {
  return follower.objects.get(`${ref.namespace}/${ref.name}`)
}

function wishOf({ node, owner }: Writer, report: SpeakerReport): SpeakerStatusWish {
  return { node, owner: owner(), report }
}

async function write(writer: Writer): Promise<void> {
  const { api, ref, report, timeOfDay, failures } = writer
  if (report === undefined) return
  const [object, wish, now] = [objectOf(writer), wishOf(writer, report), timeOfDay()]
  const differs = statusDifference(object, wish, now)
  if (differs.metadata || differs.status) writer.writtenAt = writer.clock.now()
  if (object === undefined) await create(writer, wish.owner)
  else if (differs.metadata) await writeOwner(writer, wish.owner)
  if (differs.status) {
    const status = wantedStatus(object, wish, now)
    await applyStatus(api, { resource: SPEAKER_STATUSES, ref, status, fieldManager: FIELD_MANAGER })
  }
  failures.worked()
}

/** One that is there all the same was left by a former life of this speaker, and may belong to another Pod. */
async function create(writer: Writer, owner: OwnerReference | undefined): Promise<void> {
  const metadata = { ...writer.ref, ...(owner === undefined ? {} : { ownerReferences: [owner] }) }
  try {
    await writer.api.create(SPEAKER_STATUSES, { ...SPEAKER_STATUS_TYPE, metadata })
  } catch (error) {
    if (!isTaken(error)) throw error
    await writeOwner(writer, owner)
  }
}

async function writeOwner({ api, ref }: Writer, owner: OwnerReference | undefined): Promise<void> {
  if (owner === undefined) return
  await mergePatch(api, { resource: SPEAKER_STATUSES, ref, body: { metadata: { ownerReferences: [owner] } } })
}
