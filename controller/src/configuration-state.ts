import {
  ApiError,
  applyStatus,
  CONFIGURATION_STATES,
  type ConfigurationState,
  isNotFound,
  isTaken,
  mergePatch,
  PODS,
} from '@steelyard/kube'
import { type Condition, CONFIGURATION_REASONS, LABELS, type OwnerReference } from '@steelyard/model'
import { keyedQueue } from '@steelyard/runtime'
import type { Verdict } from './config-pass.ts'
import type { World } from './world.ts'

/** The controller's ConfigurationState: one condition that says what the last look at the configuration found. */
export type StateWriter = {
  /** A pass has ended. */
  readonly report: (verdict: Verdict) => void
  /** The object was changed or deleted, perhaps by somebody else. */
  readonly check: () => void
  readonly stop: () => Promise<void>
}

export type StateOptions = {
  readonly namespace: string
  /** The own Pod, owner of the object; empty when not known. */
  readonly podName: string
  /** The object as the watch last had it. */
  readonly current: () => ConfigurationState | undefined
}

export const STATE_NAME = 'controller'
const OWN_LABELS = { [LABELS.componentType]: 'controller' }
const CONDITION = 'poolReconcilerValid'
const FIELD_MANAGER = 'poolReconciler'
const WRITE_BACKOFF = { firstMs: 200, maxMs: 10_000 }
/** The schema allows 32768; a message that long says no more than one that is cut. */
const LONGEST_MESSAGE = 30_000

type State = StateOptions & {
  readonly world: World
  condition: Condition | undefined
  /** Undefined until it was asked for. */
  owners: readonly OwnerReference[] | undefined
}

export function configurationState(world: World, options: StateOptions): StateWriter {
  const state: State = { world, condition: undefined, owners: undefined, ...options }
  const writes = keyedQueue<string>({
    handle: () => write(state),
    onFailure: (_, error, retryInMs) => {
      if (!(error instanceof ApiError)) throw error
      world.log.warn('the ConfigurationState could not be written: trying again', { error, retryInMs })
    },
    concurrency: 1,
    backoff: WRITE_BACKOFF,
    clock: world.clock,
    random: world.random,
  })
  return {
    report: (verdict) => {
      state.condition = conditionOf(verdict, world.timeOfDay())
      writes.add(STATE_NAME)
    },
    check: () => {
      if (state.condition !== undefined && !isInOrder(state, options.current())) writes.add(STATE_NAME)
    },
    stop: writes.stop,
  }
}

function conditionOf(verdict: Verdict, now: Date): Condition {
  const isValid = verdict.kind === 'valid'
  return {
    type: CONDITION,
    status: isValid ? 'True' : 'False',
    reason: isValid ? CONFIGURATION_REASONS.reconciled : CONFIGURATION_REASONS.configurationError,
    message: verdict.kind === 'refused' ? verdict.message.slice(0, LONGEST_MESSAGE) : '',
    // The API's times have whole seconds.
    lastTransitionTime: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

async function write(state: State): Promise<void> {
  const { condition, world, namespace } = state
  if (condition === undefined) return
  const object = await existing(state)
  if (shows(object, condition)) return
  await applyStatus(world.api, {
    resource: CONFIGURATION_STATES,
    ref: { namespace, name: STATE_NAME },
    status: statusWith(object, condition),
    fieldManager: FIELD_MANAGER,
  })
}

/** The object, made when it is missing, and owned by the Pod that writes it now. */
async function existing(state: State): Promise<ConfigurationState> {
  const { world, namespace } = state
  const ref = { namespace, name: STATE_NAME }
  const ownerReferences = await ownersOf(state)
  const found = await readOrCreate(state, { ...ref, labels: OWN_LABELS, ownerReferences })
  if (isMarked(state, found)) return found
  return mergePatch(world.api, {
    resource: CONFIGURATION_STATES,
    ref,
    body: { metadata: { labels: OWN_LABELS, ...(ownerReferences.length > 0 && { ownerReferences }) } },
  })
}

function isInOrder(state: State, object: ConfigurationState | undefined): boolean {
  return (
    object !== undefined && isMarked(state, object) && state.condition !== undefined && shows(object, state.condition)
  )
}

function isMarked({ owners = [] }: State, { metadata }: ConfigurationState): boolean {
  const isLabelled = Object.entries(OWN_LABELS).every(([key, value]) => metadata.labels?.[key] === value)
  return isLabelled && owners.every(({ uid }) => metadata.ownerReferences?.some((owner) => owner.uid === uid))
}

async function readOrCreate(state: State, metadata: ConfigurationState['metadata']): Promise<ConfigurationState> {
  const { api } = state.world
  try {
    return await api.get(CONFIGURATION_STATES, metadata)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
  try {
    return await api.create(CONFIGURATION_STATES, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ConfigurationState',
      metadata,
    })
  } catch (error) {
    if (!isTaken(error)) throw error
  }
  return api.get(CONFIGURATION_STATES, metadata)
}

/** Asked for once: a Pod's uid does not change. Without a Pod, or the right to read it, nobody owns the object. */
async function ownersOf(state: State): Promise<readonly OwnerReference[]> {
  if (state.owners !== undefined) return state.owners
  const { podName, namespace, world } = state
  state.owners = podName === '' ? [] : await podReference(world, { namespace, name: podName })
  return state.owners
}

async function podReference(
  { api, log }: World,
  ref: { readonly namespace: string; readonly name: string },
): Promise<readonly OwnerReference[]> {
  try {
    const { metadata } = await api.get(PODS, ref)
    return [{ apiVersion: 'v1', kind: 'Pod', name: ref.name, uid: metadata.uid ?? '' }]
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 403)) throw error
    log.warn('the own Pod cannot be read: the ConfigurationState gets no owner', { error })
    return []
  }
}

/** Ours among the conditions that others own. */
function statusWith(object: ConfigurationState, condition: Condition): ConfigurationState['status'] {
  const others = (object.status?.conditions ?? []).filter(({ type }) => type !== CONDITION)
  return { ...summaryOf([...others, condition]), conditions: [condition] }
}

function summaryOf(conditions: readonly Condition[]): { readonly result: string; readonly errorSummary: string } {
  const isInvalid = conditions.some(
    ({ status, reason }) => status === 'False' && reason === CONFIGURATION_REASONS.configurationError,
  )
  const messages = conditions.map(({ message = '' }) => message).filter((message) => message !== '')
  return { result: isInvalid ? 'Invalid' : 'Valid', errorSummary: messages.join('\n') }
}

function shows(object: ConfigurationState | undefined, condition: Condition): boolean {
  const conditions = object?.status?.conditions ?? []
  const shown = conditions.find(({ type }) => type === CONDITION)
  const { result, errorSummary } = summaryOf(conditions)
  return (
    shown !== undefined &&
    (['status', 'reason', 'message', 'lastTransitionTime'] as const).every((name) => shown[name] === condition[name]) &&
    object?.status?.result === result &&
    (object.status.errorSummary ?? '') === errorSummary
  )
}
