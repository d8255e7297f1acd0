import { type Api, applyStatus, CONFIGURATION_STATES, type ConfigurationState } from '@steelyard/kube'
import { CONFIGURATION_CONDITIONS } from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Clock, keyedQueue, type Random } from '@steelyard/runtime'
import {
  type ConfigurationStateWish,
  STATE_TYPE,
  stateDifferences,
  stateMetadata,
  stateNameOf,
  stateStatus,
} from './decide/configuration-state.ts'
import { type FailureLog, failureLog } from './quiet-failures.ts'

const { fieldManager } = CONFIGURATION_CONDITIONS.speaker
const BACKOFF = { firstMs: 200, maxMs: 30_000 }

/** Keeps this speaker's ConfigurationState as it is to be. */
export type StateWriter = {
  readonly want: (wish: ConfigurationStateWish) => void
  /** The object changed, or is gone: look again. */
  readonly recheck: () => void
  readonly stop: () => Promise<void>
}

export type StateWriterPorts = {
  readonly api: Api
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly namespace: string
  /** What the API has, as far as we know. */
  readonly ownState: () => ConfigurationState | undefined
}

type Writer = StateWriterPorts & { readonly failures: FailureLog; wish: ConfigurationStateWish | undefined }

/**
 * Forced server-side apply, by the field manager that the contract names: edits by others are undone, a
 * deleted object comes back. Writes only what differs, so its own write is the end of it.
 */
export function stateWriter(ports: StateWriterPorts): StateWriter {
  const writer: Writer = { ...ports, failures: failureLog('write the ConfigurationState', ports.log), wish: undefined }
  const queue = keyedQueue<'state'>({
    handle: () => write(writer),
    onFailure: (_key, error) => writer.failures.failed(error),
    concurrency: 1,
    backoff: BACKOFF,
    clock: ports.clock,
    random: ports.random,
  })
  return {
    want: (wish) => {
      writer.wish = wish
      queue.add('state')
    },
    recheck: () => {
      if (writer.wish !== undefined) queue.add('state')
    },
    stop: () => queue.stop(),
  }
}

async function write({ api, namespace, ownState, wish, failures }: Writer): Promise<void> {
  if (wish === undefined) return
  const differs = stateDifferences(ownState(), wish)
  const ref = { namespace, name: stateNameOf(wish.node) }
  if (differs.metadata) {
    const body = { ...STATE_TYPE, metadata: stateMetadata(wish) }
    await api.patch(CONFIGURATION_STATES, ref, { kind: 'apply', body, fieldManager, force: true })
  }
  if (differs.status) {
    await applyStatus(api, { resource: CONFIGURATION_STATES, ref, status: stateStatus(wish), fieldManager })
  }
  failures.worked()
}
