import { type Api, ApiError, DEPLOYMENTS, type ObjectRef } from '@steelyard/kube'
import type { OwnerReference } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { backoffMs, type Clock, type Random, sleep } from '@steelyard/runtime'

const BACKOFF = { firstMs: 200, maxMs: 5000 }
/** Waiting does not help: there is no such object, or no right to see it. */
const FINAL = new Set([401, 403, 404])

type Ports = { readonly api: Api; readonly clock: Clock; readonly random: Random; readonly log: Logger }

/**
 * The Deployment that `--deployment` names, as the owner of what is made for it. An API server that is away is waited
 * for.
 * @throws Error when there is no such Deployment, or it may not be read
 */
export async function ownDeployment(
  { api, clock, random, log }: Ports,
  ref: Required<ObjectRef>,
): Promise<OwnerReference> {
  for (let failures = 1; ; failures++) {
    try {
      const { metadata } = await api.get(DEPLOYMENTS, ref)
      return { apiVersion: 'apps/v1', kind: 'Deployment', name: ref.name, uid: metadata.uid ?? '' }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (FINAL.has(error.status)) throw new Error(refusal(ref, error), { cause: error })
      const retryInMs = backoffMs(failures, BACKOFF, random)
      log.warn('the own Deployment could not be read: trying again', { op: 'start', error, retryInMs })
      await sleep(clock, retryInMs)
    }
  }
}

function refusal({ namespace, name }: Required<ObjectRef>, { message }: ApiError): string {
  return `--deployment: found ${namespace}/${name} (${message}); accepted: the Deployment that this controller belongs to, which is to own the membership Secret`
}
