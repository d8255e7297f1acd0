import type { KubeObject } from '@steelyard/model'
import { ApiError, type Failure } from '../api-error.ts'
import { type CallName, callName, type WatchEvent } from '../api.ts'
import { fromJson } from '../json.ts'

export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly text: string }

/** A `Status` object of the API, as far as we read it. */
type ApiStatus = {
  readonly kind?: string
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly retryAfterSeconds?: number }
}

/** Words for answers that carry no reason of their own: a proxy's, or the flow control's. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** What an answer holds; throws ApiError when it says no, or is not what an API server answers. */
export function bodyOf(call: CallName, answer: Answer): unknown {
  if (answer.status >= 200 && answer.status < 300) return parsed(call, answer.text)
  throw new ApiError(callName(call), failureOf(answer))
}

/** The object in an answer; also ApiError when there is none: some proxies answer 200 to everything. */
export function objectOf(call: CallName, answer: Answer): unknown {
  const body = bodyOf(call, answer) as { readonly metadata?: unknown } | null
  if (typeof body?.metadata === 'object' && body.metadata !== null) return body
  throw badAnswer(call, 'the answer is not an object of the API')
}

function failureOf({ status, retryAfter, text }: Answer): Failure {
  const said = statusIn(text)
  const retryAfterMs = millisecondsOf(retryAfter ?? said?.details?.retryAfterSeconds)
  return {
    status,
    reason: wordOr(said?.reason, REASONS[status] ?? 'UnexpectedStatus'),
    message: said?.message ?? text,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function wordOr(word: string | undefined, otherwise: string): string {
  return word === undefined || word === '' ? otherwise : word
}

function millisecondsOf(seconds: string | number | undefined): number | undefined {
  const value = Number(seconds)
  return seconds === undefined || !Number.isFinite(value) || value <= 0 ? undefined : value * 1000
}

function statusIn(text: string): ApiStatus | undefined {
  try {
    const value = fromJson(text) as ApiStatus | null
    return value?.kind === 'Status' ? value : undefined
  } catch {
    return undefined
  }
}

/** The text is never quoted: it may hold a Secret. */
function parsed(call: CallName, text: string): unknown {
  try {
    return fromJson(text)
  } catch {
    throw badAnswer(call, `the answer is not JSON (${text.length} characters)`)
  }
}

export function badAnswer(call: CallName, message: string): ApiError {
  return new ApiError(callName(call), { status: 0, reason: 'BadAnswer', message })
}

const KINDS: ReadonlyMap<unknown, 'added' | 'modified' | 'deleted'> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
])

type RawEvent = { readonly type?: unknown; readonly object?: (Partial<KubeObject> & ApiStatus) | null }

/** One line of a watch. Throws ApiError for an ERROR event, and for anything that is no event. */
export function watchEventOf(call: CallName, line: string): WatchEvent<KubeObject> {
  const { type, object } = (parsed(call, line) ?? {}) as RawEvent
  if (type === 'ERROR') throw new ApiError(callName(call), watchFailure(object))
  const resourceVersion = object?.metadata?.resourceVersion
  if (!object || resourceVersion === undefined) throw badAnswer(call, 'a watch event without an object')
  const kind = KINDS.get(type)
  if (kind !== undefined) return { kind, object: object as KubeObject }
  if (type === 'BOOKMARK') return { kind: 'bookmark', resourceVersion }
  throw badAnswer(call, 'a watch event of unknown type')
}

function watchFailure(status: ApiStatus | null | undefined): Failure {
  const code = status?.code ?? 500
  const retryAfterMs = millisecondsOf(status?.details?.retryAfterSeconds)
  return {
    status: code,
    reason: wordOr(status?.reason, REASONS[code] ?? 'UnexpectedStatus'),
    message: status?.message ?? 'the watch failed',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
