import { type Change, describeProblem, type Judgement } from '@steelyard/model'
import type { Decoded } from '@steelyard/net'

/** A question of the API server, read. */
export type Review = { readonly uid: string; readonly change: Change }

const VERSION = 'admission.k8s.io/v1'
const KIND = 'AdmissionReview'
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const
/** The API server cuts longer ones. */
const LONGEST_WARNING = 250
const FORBIDDEN = 403

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads an AdmissionReview of `admission.k8s.io/v1`.
 * @param kind what is judged where it was sent to; another kind is a mistake of the webhook's configuration
 */
export function readReview(text: string, kind: string): Decoded<Review> {
  const review = parse(text)
  if (review === undefined) return refuse('the body is not JSON, or no object')
  if (review['apiVersion'] !== VERSION || review['kind'] !== KIND) return refuse(`the body is no ${KIND} of ${VERSION}`)
  return readRequest(recordOf(review['request']), kind)
}

function readRequest(request: Fields, kind: string): Decoded<Review> {
  const uid = textOf(request, 'uid')
  if (uid === '') return refuse('request.uid is missing')
  const operation = OPERATIONS.find((one) => one === request['operation'])
  if (operation === undefined) return refuse(`request.operation is none of ${OPERATIONS.join(', ')}`)
  if (textOf(recordOf(request['kind']), 'kind') !== kind)
    return refuse(`request.kind is not ${kind}, which is judged here`)
  const object = withName(request['object'])
  if (operation !== 'DELETE' && object === undefined) return refuse('request.object is missing')
  const name = textOf(request, 'name') || nameIn(object)
  const objects = {
    ...(object && { object }),
    ...(isFields(request['oldObject']) && { oldObject: request['oldObject'] }),
  }
  return {
    ok: true,
    value: { uid, change: { operation, kind, namespace: textOf(request, 'namespace'), name, ...objects } },
  }
}

function refuse(reason: string): Decoded<never> {
  return { ok: false, reason }
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function recordOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function textOf(fields: Fields, name: string): string {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** An object that asks for a generated name may not have it yet. */
function withName(object: unknown): Fields | undefined {
  if (!isFields(object)) return undefined
  const metadata = recordOf(object['metadata'])
  const prefix = textOf(metadata, 'generateName')
  if (prefix === '' || textOf(metadata, 'name') !== '') return object
  return { ...object, metadata: { ...metadata, name: `${prefix}…` } }
}

function nameIn(object: unknown): string {
  return textOf(recordOf(recordOf(object)['metadata']), 'name')
}

/** The answer to the API server: taken or refused, with every reason in one line each. */
export function answerReview(uid: string, { problems, warnings }: Judgement): object {
  const allowed = problems.length === 0
  const message = problems.map(describeProblem).join('\n')
  return {
    apiVersion: VERSION,
    kind: KIND,
    response: {
      uid,
      allowed,
      ...(allowed ? {} : { status: { code: FORBIDDEN, reason: 'Forbidden', message } }),
      ...(warnings.length === 0 ? {} : { warnings: warnings.map(describeProblem).map(cut) }),
    },
  }
}

function cut(text: string): string {
  return text.length <= LONGEST_WARNING ? text : `${text.slice(0, LONGEST_WARNING - 1)}…`
}
