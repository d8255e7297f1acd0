import { judgeChange, type StoredObjects } from '@steelyard/model'
import type { AdmissionPath, StoredKind } from './paths.ts'
import { answerReview, readReview } from './review.ts'

/** What the judgement is made with. */
export type Surroundings = {
  readonly namespace: string
  readonly stored: () => StoredObjects
  /** Those of the kinds named that were not listed yet. */
  readonly missing: (kinds: readonly StoredKind[]) => readonly StoredKind[]
}

export type HttpAnswer = {
  readonly status: number
  /** JSON, or plain text where something is wrong with the question. */
  readonly body: object | string
  /** Why a change was refused, for the log. */
  readonly refusal?: string
}

const OK = 200
const BAD_REQUEST = 400
const UNAVAILABLE = 503

/**
 * Answers one question of the API server. What cannot be judged is no refusal: the API server then goes by the
 * webhook's failure policy.
 */
export function answerRequest({ kind, needs }: AdmissionPath, text: string, around: Surroundings): HttpAnswer {
  const review = readReview(text, kind)
  if (!review.ok) return { status: BAD_REQUEST, body: review.reason }
  const missing = around.missing(needs)
  if (missing.length > 0) return { status: UNAVAILABLE, body: `waiting for the first list of ${missing.join(', ')}` }
  const { uid, change } = review.value
  const judgement = judgeChange(change, around.stored(), around.namespace)
  const body = answerReview(uid, judgement)
  if (judgement.problems.length === 0) return { status: OK, body }
  const refusal = `${change.operation} of ${kind} ${change.namespace}/${change.name}`
  return { status: OK, body, refusal }
}
