import { ApiError } from '../api-error.ts'
import { type Api, type CallName, callName } from '../api.ts'
import type { Leadership } from './run-for-leader.ts'

/**
 * The same API, but every write is preceded by `confirm`: it rejects with ApiError `NotLeader`, and
 * nothing is sent, once this replica may no longer act. Reads and watches pass.
 */
export function leaderOnlyApi(api: Api, leadership: Pick<Leadership, 'confirm'>): Api {
  const guarded = async <Result>(call: CallName, write: () => Promise<Result>): Promise<Result> => {
    if (await leadership.confirm()) return write()
    const message = 'this replica does not hold the Lease now'
    throw new ApiError(callName(call), { status: 0, reason: 'NotLeader', message })
  }
  return {
    ...api,
    create: (resource, draft, options) =>
      guarded({ verb: 'create', resource, ref: draft.metadata }, () => api.create(resource, draft, options)),
    update: (resource, object, options) =>
      guarded({ verb: 'update', resource, ref: object.metadata }, () => api.update(resource, object, options)),
    updateStatus: (resource, object, options) =>
      guarded({ verb: 'update', resource, ref: object.metadata, subresource: 'status' }, () =>
        api.updateStatus(resource, object, options),
      ),
    patch: (resource, ref, patch, options) =>
      guarded({ verb: 'patch', resource, ref }, () => api.patch(resource, ref, patch, options)),
    delete: (resource, ref, options) =>
      guarded({ verb: 'delete', resource, ref }, () => api.delete(resource, ref, options)),
  }
}
