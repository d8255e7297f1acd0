import type { CallName, Faults } from '@steelyard/kube'

/** Something the API server does to the controller while it serves a new Service. */
export type BadAnswer = {
  readonly what: string
  readonly fault: (faults: Faults) => void
  /** What ends the fault, if it does not end by itself. */
  readonly mend?: (faults: Faults) => void
  /** What the log says of it, if it is worth a line at level info: a conflict is not. */
  readonly says?: string
}

const statusWrite = ({ verb, resource, subresource }: CallName): boolean =>
  verb === 'update' && resource.plural === 'services' && subresource === 'status'
const of =
  (verb: CallName['verb'], plural: string) =>
  (call: CallName): boolean =>
    call.verb === verb && call.resource.plural === plural

export const BAD_ANSWERS: readonly BadAnswer[] = [
  {
    what: 'a status write that is forbidden',
    fault: (faults) => faults.failNext(2, { status: 403, reason: 'Forbidden', message: 'no rights' }, statusWrite),
    says: 'update services/status default/new: 403 Forbidden: no rights',
  },
  {
    what: 'a status write that meets an internal error',
    fault: (faults) =>
      faults.failNext(2, { status: 500, reason: 'InternalError', message: 'etcd is away' }, statusWrite),
    says: 'update services/status default/new: 500 InternalError: etcd is away',
  },
  {
    what: 'a status write that is one too many',
    fault: (faults) =>
      faults.failNext(
        2,
        { status: 429, reason: 'TooManyRequests', message: 'slow down', retryAfterMs: 1000 },
        statusWrite,
      ),
    says: 'update services/status default/new: 429 TooManyRequests: slow down',
  },
  {
    what: 'a status write that meets a conflict',
    fault: (faults) =>
      faults.failNext(2, { status: 409, reason: 'Conflict', message: 'changed meanwhile' }, statusWrite),
  },
  {
    what: 'a status write refused by an admission webhook',
    fault: (faults) =>
      faults.failNext(2, { status: 400, reason: 'BadRequest', message: 'a webhook denied it' }, statusWrite),
    says: 'update services/status default/new: 400 BadRequest: a webhook denied it',
  },
  {
    what: 'a connection that breaks in the middle of a write',
    fault: (faults) => faults.failNext(2, {}, statusWrite),
    says: 'update services/status default/new: Unreachable: connection reset',
  },
  {
    what: 'a write that is done, but whose answer is lost',
    fault: (faults) => faults.loseNextAnswers(1, statusWrite),
    says: 'update services/status default/new: Unreachable: connection reset',
  },
  {
    what: 'watches that end because their version is too old',
    fault: (faults) => faults.endWatches({ status: 410, reason: 'Expired', message: 'too old' }),
    says: 'listing services again: the version we had is too old',
  },
  {
    what: 'watches that end, and lists that the server is too busy for',
    fault: (faults) => {
      faults.failNext(3, { status: 503, reason: 'ServiceUnavailable', message: 'busy' }, of('list', 'services'))
      faults.endWatches({ status: 410, reason: 'Expired', message: 'too old' })
    },
    says: 'listing services again: the version we had is too old',
  },
  {
    what: 'watches that break again and again',
    fault: (faults) => {
      faults.failNext(5, {}, ({ verb }) => verb === 'watch')
      faults.endWatches({})
    },
    says: 'following services failed: trying again',
  },
  {
    what: 'watches that say nothing any more',
    fault: (faults) => faults.stallWatches(true),
    mend: (faults) => faults.stallWatches(false),
  },
  {
    what: 'a network that is cut for ten seconds',
    fault: (faults) => faults.partition(true),
    mend: (faults) => faults.partition(false),
  },
  {
    what: 'Events that nobody may write',
    fault: (faults) =>
      faults.failNext(5, { status: 403, reason: 'Forbidden', message: 'no rights' }, of('create', 'events')),
  },
]
