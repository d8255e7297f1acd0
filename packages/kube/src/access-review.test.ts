import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reviewAccess } from './access-review.ts'
import { ApiError } from './api-error.ts'
import { memoryApi } from './memory/memory-api.ts'

const ASKED = { token: 'of-prometheus', path: '/metrics', verb: 'get' }

describe('whether somebody may read the metrics', () => {
  it('is said by two reviews, which store nothing', async () => {
    const api = memoryApi()
    assert.deepEqual(await reviewAccess(api, ASKED), { kind: 'unknown', why: 'the token is not valid' })
    api.cluster.access.users.set(ASKED.token, { username: 'prometheus', groups: [] })
    assert.deepEqual(await reviewAccess(api, ASKED), {
      kind: 'forbidden',
      user: 'prometheus',
      why: 'prometheus has no right to get /metrics',
    })
    api.cluster.access.grants.add('prometheus get /metrics')
    assert.deepEqual(await reviewAccess(api, ASKED), { kind: 'allowed', user: 'prometheus' })
    assert.equal(api.cluster.state.tables.size, 0)
  })

  it('is not known when the API server cannot be asked', async () => {
    const api = memoryApi()
    api.faults.failNext(1, { status: 403, reason: 'Forbidden', message: 'tokenreviews is forbidden' })
    await assert.rejects(reviewAccess(api, ASKED), (error) => error instanceof ApiError && error.status === 403)
  })
})
