import { type Condition, KINDS, type KubeObject, OWN_GROUP, OWN_VERSION, type OwnerReference } from '@steelyard/model'
import { isOwnedBy } from './own-pod.ts'
import { sameValue } from './same-value.ts'
import { lastingPart, type ShownSession } from './session-report.ts'
import { reportedConditions, type ReportedStatus, reportedStatus, type SpeakerReport } from './speaker-report.ts'

/** A SpeakerStatus as the API has it. */
export type SpeakerStatusObject = KubeObject & {
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly dropped?: unknown
    readonly sessions?: unknown
  }
}

export const SPEAKER_STATUS_TYPE = { apiVersion: `${OWN_GROUP}/${OWN_VERSION}`, kind: KINDS.speakerStatus } as const

/** All that a speaker's SpeakerStatus is to show. */
export type SpeakerStatusWish = {
  readonly node: string
  readonly owner: OwnerReference | undefined
  readonly report: SpeakerReport
}

export type WantedStatus = ReportedStatus & { readonly conditions: readonly Condition[] }

/** The status for an object that is or is not there. @param now the time of a condition that changes by it */
export function wantedStatus(
  object: SpeakerStatusObject | undefined,
  { node, report }: SpeakerStatusWish,
  now: Date,
): WantedStatus {
  const shown = object?.status?.conditions ?? []
  const conditions = reportedConditions(report).map((condition) => {
    const before = shown.find(({ type, status }) => type === condition.type && status === condition.status)
    // The API's times have whole seconds.
    return { ...condition, lastTransitionTime: before?.lastTransitionTime ?? now.toISOString().replace(/\.\d+Z$/, 'Z') }
  })
  return { ...reportedStatus(node, report), conditions }
}

/** What of an object must be written; `countersOnly`: nothing of its status but what grows with every stray packet. */
export type StatusDifference = {
  readonly metadata: boolean
  readonly status: boolean
  readonly countersOnly: boolean
}

export function statusDifference(
  object: SpeakerStatusObject | undefined,
  wish: SpeakerStatusWish,
  now: Date,
): StatusDifference {
  if (object === undefined) return { metadata: true, status: true, countersOnly: false }
  const metadata = !isOwnedBy(object.metadata, wish.owner)
  const wanted = wantedStatus(object, wish, now)
  const different = fieldsThatDiffer(object, wanted)
  const countersOnly = !metadata && different.length > 0 && different.every((name) => isCounter(name, object, wanted))
  return { metadata, status: different.length > 0, countersOnly }
}

function isCounter(name: string, { status }: SpeakerStatusObject, wanted: WantedStatus): boolean {
  if (name === 'dropped') return true
  const shown = status?.sessions
  return name === 'sessions' && Array.isArray(shown) && sameValue(lasting(shown), lasting(wanted.sessions))
}

/** Whoever edited the object may have left anything in it. */
function lasting(sessions: readonly unknown[]): readonly unknown[] {
  return sessions.map((session) =>
    typeof session === 'object' && session !== null ? lastingPart(session as ShownSession) : session,
  )
}

/** What others added is theirs: only our fields and conditions are looked at. */
function fieldsThatDiffer({ status = {} }: SpeakerStatusObject, wanted: WantedStatus): readonly string[] {
  const shown = status as Readonly<Record<string, unknown>>
  const types = new Set(wanted.conditions.map(({ type }) => type))
  const ours = (status.conditions ?? []).filter(({ type }) => types.has(type))
  return Object.entries(wanted).flatMap(([name, value]) => {
    const found = name === 'conditions' ? inOrderOf(wanted.conditions, ours) : shown[name]
    return sameValue(found, value) ? [] : [name]
  })
}

function inOrderOf(wanted: readonly Condition[], found: readonly Condition[]): readonly (Condition | undefined)[] {
  return wanted.map(({ type }) => found.find((condition) => condition.type === type))
}
