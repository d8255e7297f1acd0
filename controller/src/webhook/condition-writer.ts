import { ApiError, applyStatus, CONFIGURATION_STATES, follow, isNotFound } from '@steelyard/kube'
import type { Condition } from '@steelyard/model'
import { keyedQueue } from '@steelyard/runtime'
import { STATE_NAME } from '../configuration-state.ts'
import { webhookCondition, type WebhookStanding } from '../decide/webhook-condition.ts'
import type { World } from '../world.ts'
import { WEBHOOK_CONDITION } from './constants.ts'

/** Shows how the webhook fares in the controller's ConfigurationState, and in the log. */
export type ConditionWriter = {
  readonly report: (standing: WebhookStanding) => void
  readonly stop: () => Promise<void>
}

const { type: TYPE, fieldManager } = WEBHOOK_CONDITION
const WRITE_BACKOFF = { firstMs: 200, maxMs: 30_000 }

/** The object itself is made by who reports the configuration; until it is there, nothing is written. */
export function conditionWriter(world: World, namespace: string): ConditionWriter {
  const { api, clock, random, log } = world
  const ref = { namespace, name: STATE_NAME }
  const state: { standing: WebhookStanding | undefined; told: string } = { standing: undefined, told: '' }
  const writes = keyedQueue<string>({
    handle: () => write(),
    onFailure: (_, error, retryInMs) =>
      log.warn('the condition of the webhook could not be written: trying again', { error, retryInMs }),
    concurrency: 1,
    backoff: WRITE_BACKOFF,
    clock,
    random,
  })
  const states = follow(api, CONFIGURATION_STATES, {
    scope: { namespace, fieldSelector: `metadata.name=${STATE_NAME}` },
    clock,
    random,
    log: log.from('follow'),
    onChange: () => writes.add(STATE_NAME),
  })
  async function write(): Promise<void> {
    const object = states.objects.get(`${namespace}/${STATE_NAME}`)
    if (object === undefined || state.standing === undefined) return
    const shown = object.status?.conditions?.find(({ type }) => type === TYPE)
    const wanted = webhookCondition(TYPE, state.standing, { shown, now: world.timeOfDay() })
    if (wanted === shown) return
    const conditions: readonly Condition[] = wanted === undefined ? [] : [wanted]
    try {
      await applyStatus(api, { resource: CONFIGURATION_STATES, ref, status: { conditions }, fieldManager })
    } catch (error) {
      // Gone meanwhile: the watch will say so, and tell of the next one.
      if (!(error instanceof ApiError) || !isNotFound(error)) throw error
    }
  }
  return {
    report: (standing) => {
      state.standing = standing
      tell(world, standing, state)
      writes.add(STATE_NAME)
    },
    stop: async () => {
      await Promise.all([states.stop(), writes.stop()])
    },
  }
}

/** Each change once. */
function tell({ log }: World, standing: WebhookStanding, state: { told: string }): void {
  const { kind, reason, message } = { reason: 'Serving', message: '', ...standing }
  const text = `${kind} ${reason} ${message}`
  if (text === state.told) return
  state.told = text
  if (kind === 'ready') log.info('the webhook is ready', { reason })
  if (kind === 'troubled') log.error(`the webhook is not ready, nothing else is affected: ${message}`, { reason })
}
