import {
  applyStatus,
  CONFIGURATION_STATES,
  type ConfigurationState,
  follow,
  type Follower,
  isNotFound,
} from '@steelyard/kube'
import { keyedQueue } from '@steelyard/runtime'
import { STATE_NAME } from '../configuration-state.ts'
import { webhookCondition, type WebhookStanding } from '../decide/webhook-condition.ts'
import type { PlainWorld } from '../world.ts'
import { WEBHOOK_CONDITION } from './constants.ts'

/** Shows how the webhook fares in the controller's ConfigurationState, and in the log. */
export type ConditionWriter = {
  readonly report: (standing: WebhookStanding) => void
  readonly stop: () => Promise<void>
}

const { type: TYPE, fieldManager } = WEBHOOK_CONDITION
const WRITE_BACKOFF = { firstMs: 200, maxMs: 30_000 }

type State = {
  readonly world: PlainWorld
  readonly ref: { readonly namespace: string; readonly name: string }
  readonly states: Follower<ConfigurationState>
  standing: WebhookStanding | undefined
  /** What the log was told last. */
  told: string
}

/** The object itself is made by who reports the configuration; until it is there, nothing is written. */
export function conditionWriter(world: PlainWorld, namespace: string): ConditionWriter {
  const { clock, random, log } = world
  const ref = { namespace, name: STATE_NAME }
  const states = follow(world.api, CONFIGURATION_STATES, {
    scope: { namespace, fieldSelector: `metadata.name=${STATE_NAME}` },
    clock,
    random,
    log: log.from('follow'),
    onChange: () => writes.add(STATE_NAME),
  })
  const state: State = { world, ref, states, standing: undefined, told: '' }
  const writes = keyedQueue<string>({
    handle: () => write(state),
    onFailure: (_, error, retryInMs) =>
      log.warn('the condition of the webhook could not be written: trying again', { error, retryInMs }),
    concurrency: 1,
    backoff: WRITE_BACKOFF,
    clock,
    random,
  })
  return {
    report: (standing) => {
      state.standing = standing
      tell(state, standing)
      writes.add(STATE_NAME)
    },
    stop: async () => {
      await Promise.all([states.stop(), writes.stop()])
    },
  }
}

async function write({ world, ref, states, standing }: State): Promise<void> {
  const object = states.objects.get(`${ref.namespace}/${ref.name}`)
  if (object === undefined || standing === undefined) return
  const shown = object.status?.conditions?.find(({ type }) => type === TYPE)
  const wanted = webhookCondition(TYPE, standing, { shown, now: world.timeOfDay() })
  if (wanted === shown) return
  const status = { conditions: wanted === undefined ? [] : [wanted] }
  try {
    await applyStatus(world.api, { resource: CONFIGURATION_STATES, ref, status, fieldManager })
  } catch (error) {
    // Gone meanwhile: the watch will say so, and tell of the next one.
    if (!isNotFound(error)) throw error
  }
}

/** Each change once. */
function tell(state: State, standing: WebhookStanding): void {
  const { log } = state.world
  const { kind, reason, message } = { reason: 'Serving', message: '', ...standing }
  const text = `${kind} ${reason} ${message}`
  if (text === state.told) return
  state.told = text
  if (kind === 'ready') log.info('the webhook is ready', { reason })
  if (kind === 'troubled') log.error(`the webhook is not ready, nothing else is affected: ${message}`, { reason })
}
