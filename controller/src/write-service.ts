import { ApiError, isConflict, isNotFound, refOf, SERVICES } from '@steelyard/kube'
import type { Service } from '@steelyard/model'
import { type Allocation, decideOn, dropService, type Tracked } from './allocation.ts'
import type { Subject } from './decide/allocator.ts'
import { storing } from './decide/stored-service.ts'
import { isNewer } from './resource-version.ts'

/**
 * Stores what was decided about one Service: one PUT of the whole object to `services/status`, which takes the
 * annotation along. Until it is known to be stored the decision stands, and its addresses stay reserved. Rejects
 * when it is to be tried again.
 */
export async function writeService(allocation: Allocation, key: string): Promise<void> {
  const known = knownAs(allocation, key)
  if (known === undefined) return
  if (known.tracked.isUncertain) await readAgain(allocation, key, known)
  // Reading it may have shown another Service of this name, or that nothing is left to do.
  const { tracked, subject } = knownAs(allocation, key) ?? known
  if (tracked !== known.tracked || subject.decided === undefined) return
  const written = storing(tracked.object, subject.decided)
  subject.sent = subject.decided.addresses
  try {
    const stored = await allocation.world.api.updateStatus(SERVICES, written)
    allocation.failing.delete(key)
    settle(allocation, key, known, stored)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    await afterFailure(allocation, key, known, error)
  }
}

type Known = { readonly tracked: Tracked; readonly subject: Subject }

function knownAs({ tracked, allocator }: Allocation, key: string): Known | undefined {
  const [found, subject] = [tracked.get(key), allocator.subjects.get(key)]
  return found && subject && { tracked: found, subject }
}

/** What the API says is a state of the Service like any other, unless the Service is gone by now, or newer elsewhere. */
function settle(allocation: Allocation, key: string, { tracked, subject }: Known, service: Service): void {
  subject.sent = []
  tracked.isUncertain = false
  if (allocation.tracked.get(key) !== tracked) return
  decideOn(allocation, isNewer(tracked.object, service) ? tracked.object : service)
}

async function readAgain(allocation: Allocation, key: string, known: Known): Promise<void> {
  try {
    settle(allocation, key, known, await allocation.world.api.get(SERVICES, refOf(key)))
  } catch (error) {
    if (!isNotFound(error)) throw error
    dropService(allocation, known.tracked.object)
  }
}

/** Always ends in another try, but for a Service that is gone or has nothing left to be written. */
async function afterFailure(allocation: Allocation, key: string, known: Known, error: ApiError): Promise<void> {
  if (mayBeStored(error)) {
    known.tracked.isUncertain = true
    throw error
  }
  known.subject.sent = []
  if (!isConflict(error)) throw error
  await readAgain(allocation, key, known)
  if (allocation.allocator.subjects.get(key)?.decided !== undefined) throw error
}

/** Only the answer may have been lost on the way, or the server may have failed after it stored. */
function mayBeStored({ status, reason }: ApiError): boolean {
  return (status === 0 && reason !== 'NotLeader') || status === 408 || status >= 500
}

/** Says once that the API fails, however many Services it keeps waiting; a refusal is told of each Service. */
export function reportFailure(
  { world, failing }: Allocation,
  service: string,
  error: ApiError,
  retryInMs: number,
): void {
  const isOurs = error.status >= 400 && error.status < 500 && error.status !== 429
  const kind = isOurs ? error.message : `${error.status} ${error.reason}`
  const isKnown = isOurs ? failing.get(service) === kind : [...failing.values()].includes(kind)
  failing.set(service, kind)
  const fields = { service, op: 'update services/status', error, retryInMs: Math.round(retryInMs) }
  if (isKnown || isConflict(error) || isNotFound(error)) world.log.debug('a Service could not be written', fields)
  else world.log.warn('a Service could not be written: trying again', fields)
}
