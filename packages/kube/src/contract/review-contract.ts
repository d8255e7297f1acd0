import assert from 'node:assert/strict'
import { reviewAccess } from '../access-review.ts'
import type { ContractCase } from './subject.ts'
import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../resources.ts'

/** Reviews are questions in the form of objects. */
export const REVIEW_CONTRACT: readonly ContractCase[] = [
  [
    'a token that nobody has is not an error, but nobody',
    async ({ api }) => {
      const { status } = await api().create(TOKEN_REVIEWS, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        metadata: {},
        spec: { token: 'nobody-has-this' },
      })
      assert.notEqual(status?.authenticated, true)
      const asked = { token: 'nobody-has-this', path: '/metrics', verb: 'get' }
      assert.equal((await reviewAccess(api(), asked)).kind, 'unknown')
    },
  ],
  [
    'who has no right is told so by the review of the right',
    async ({ api }) => {
      const { status } = await api().create(SUBJECT_ACCESS_REVIEWS, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        metadata: {},
        spec: { user: 'nobody-of-this-name', nonResourceAttributes: { path: '/metrics', verb: 'get' } },
      })
      assert.equal(status?.allowed, false)
    },
  ],
]
