import type { KubeObject } from '@steelyard/model'
import type { SubjectAccessReview, TokenReview } from '../objects.ts'
import { apiVersionOf, SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../resources.ts'
import type { AccessRules } from './cluster.ts'
import type { Request } from './requests.ts'

/** A question in the form of an object: it is answered, and nothing is stored. Undefined for all other kinds. */
export function answerReview({ resource, state }: Request, draft: unknown): KubeObject | undefined {
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name: '' } }
  if (resource === TOKEN_REVIEWS) return { ...type, ...reviewToken(state.access, draft as Pick<TokenReview, 'spec'>) }
  if (resource !== SUBJECT_ACCESS_REVIEWS) return undefined
  return { ...type, ...reviewAccess(state.access, draft as Pick<SubjectAccessReview, 'spec'>) }
}

function reviewToken(
  { users }: AccessRules,
  { spec }: Pick<TokenReview, 'spec'>,
): Pick<TokenReview, 'spec' | 'status'> {
  const user = users.get(spec.token)
  const status =
    user === undefined ? { authenticated: false, error: 'invalid bearer token' } : { authenticated: true, user }
  return { spec, status }
}

function reviewAccess(
  { grants }: AccessRules,
  { spec }: Pick<SubjectAccessReview, 'spec'>,
): Pick<SubjectAccessReview, 'spec' | 'status'> {
  const { path, verb } = spec.nonResourceAttributes
  return { spec, status: { allowed: grants.has(`${spec.user} ${verb} ${path}`) } }
}
