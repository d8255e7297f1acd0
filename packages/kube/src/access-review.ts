import type { Api } from './api.ts'
import type { UserInfo } from './objects.ts'
import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from './resources.ts'

/** What the API server says of a caller. @property why words for whoever was refused */
export type AccessVerdict =
  | { readonly kind: 'allowed'; readonly user: string }
  /** The token is nobody's. */
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'forbidden'; readonly user: string; readonly why: string }

export type AccessQuestion = {
  /** A bearer token. Secret material: never logged. */
  readonly token: string
  readonly path: string
  readonly verb: string
}

/** A scraper gives up after ten seconds by default; there are two calls. */
const TIMEOUT_MS = 4000

/**
 * Whether the owner of a token may reach a path that is no object's: a TokenReview tells whose the token is, a
 * SubjectAccessReview whether that user may. Rejects with ApiError when the API server cannot be asked.
 */
export async function reviewAccess(api: Api, { token, path, verb }: AccessQuestion): Promise<AccessVerdict> {
  const { status } = await api.create(
    TOKEN_REVIEWS,
    { apiVersion: 'authentication.k8s.io/v1', kind: TOKEN_REVIEWS.kind, metadata: {}, spec: { token } },
    { timeoutMs: TIMEOUT_MS },
  )
  const { user } = status ?? {}
  if (status?.authenticated !== true || user === undefined) return { kind: 'unknown', why: 'the token is not valid' }
  return reviewUser(api, user, { path, verb })
}

async function reviewUser(
  api: Api,
  { username = '', uid, groups, extra }: UserInfo,
  nonResourceAttributes: Pick<AccessQuestion, 'path' | 'verb'>,
): Promise<AccessVerdict> {
  const subject = {
    user: username,
    ...(uid === undefined ? {} : { uid }),
    ...(groups === undefined ? {} : { groups }),
    ...(extra === undefined ? {} : { extra }),
  }
  const { status } = await api.create(
    SUBJECT_ACCESS_REVIEWS,
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: SUBJECT_ACCESS_REVIEWS.kind,
      metadata: {},
      spec: { ...subject, nonResourceAttributes },
    },
    { timeoutMs: TIMEOUT_MS },
  )
  if (status?.allowed === true) return { kind: 'allowed', user: username }
  const { path, verb } = nonResourceAttributes
  return { kind: 'forbidden', user: username, why: `${username} has no right to ${verb} ${path}` }
}
