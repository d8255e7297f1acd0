import {
  type Api,
  applyStatus,
  CONFIGURATION_STATES,
  type ConfigurationState,
  isTaken,
  mergePatch,
  type ObjectRef,
} from '@steelyard/kube'
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
import { MISSING_INTERFACES } from './decide/interface-notice.ts'
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
 * The condition goes by forced server-side apply, under the field manager that the contract names: edits by
 * others are undone, a deleted object comes back. Writes only what differs, so its own write is the end of it.
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

async function write(writer: Writer): Promise<void> {
  const { api, namespace, ownState, wish, failures } = writer
  if (wish === undefined) return
  const object = ownState()
  const differs = stateDifferences(object, wish)
  const ref = { namespace, name: stateNameOf(wish.node) }
  if (object === undefined) await create(writer, ref, wish)
  else if (differs.metadata) await writeMetadata(api, ref, wish)
  if (differs.status) {
    await applyStatus(api, { resource: CONFIGURATION_STATES, ref, status: stateStatus(object, wish), fieldManager })
  }
  failures.worked()
}

/** One that is there all the same was left by a former life of this speaker, and may say something else. */
async function create({ api }: Writer, ref: Required<ObjectRef>, wish: ConfigurationStateWish): Promise<void> {
  try {
    await api.create(CONFIGURATION_STATES, { ...STATE_TYPE, metadata: { ...ref, ...stateMetadata(wish) } })
  } catch (error) {
    if (!isTaken(error)) throw error
    await writeMetadata(api, ref, wish)
  }
}

async function writeMetadata(api: Api, ref: ObjectRef, wish: ConfigurationStateWish): Promise<void> {
  const { labels, annotations, ...metadata } = stateMetadata(wish)
  const without = { [MISSING_INTERFACES]: null }
  const body = {
    metadata: { ...metadata, labels: { ...without, ...labels }, annotations: { ...without, ...annotations } },
  }
  await mergePatch(api, { resource: CONFIGURATION_STATES, ref, body })
}
