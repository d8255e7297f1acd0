import { ApiError, applyStatus, follow, isNotFound, SPEAKER_POLICIES, type SpeakerPolicyObject } from '@steelyard/kube'
import { SPEAKER_POLICY_NAME } from '@steelyard/model'
import { keyedQueue } from '@steelyard/runtime'
import { policyStatus } from './decide/policy-condition.ts'
import type { World } from './world.ts'

/** Says in the SpeakerPolicy whether it is in force: speakers read it by themselves, and a hundred must not all write. */
export type PolicyReport = { readonly stop: () => Promise<void> }

const REF = { name: SPEAKER_POLICY_NAME }
const FIELD_MANAGER = 'steelyard-controller'
const WRITE_BACKOFF = { firstMs: 200, maxMs: 30_000 }

/**
 * Follows the one SpeakerPolicy for itself: allocation must not wait for a kind that it does not need, and that a
 * cluster under upgrade may not have yet.
 */
export function reportPolicy(world: World): PolicyReport {
  const writes = keyedQueue<string>({
    handle: () => write(world, policies.objects.get(SPEAKER_POLICY_NAME)),
    onFailure: (_, error, retryInMs) => {
      if (!(error instanceof ApiError)) throw error
      world.log.warn('the status of the SpeakerPolicy could not be written: trying again', { error, retryInMs })
    },
    concurrency: 1,
    backoff: WRITE_BACKOFF,
    clock: world.clock,
    random: world.random,
  })
  const policies = follow(world.api, SPEAKER_POLICIES, {
    scope: { fieldSelector: `metadata.name=${SPEAKER_POLICY_NAME}` },
    clock: world.clock,
    random: world.random,
    log: world.log.from('follow'),
    onChange: () => writes.add(SPEAKER_POLICY_NAME),
  })
  return {
    stop: async () => {
      await Promise.all([policies.stop(), writes.stop()])
    },
  }
}

async function write({ api, log, timeOfDay }: World, object: SpeakerPolicyObject | undefined): Promise<void> {
  const status = object === undefined ? undefined : policyStatus(object, timeOfDay())
  if (status === undefined) return
  try {
    await applyStatus(api, { resource: SPEAKER_POLICIES, ref: REF, status, fieldManager: FIELD_MANAGER })
  } catch (error) {
    // Gone meanwhile: the watch will say so.
    if (isNotFound(error)) return
    throw error
  }
  for (const { status: is, message = '', reason = '' } of status.conditions) {
    const say = is === 'True' ? log.info : log.error
    say(`SpeakerPolicy ${SPEAKER_POLICY_NAME}: ${message}`, { reason })
  }
}
