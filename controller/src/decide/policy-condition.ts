import {
  type Condition,
  CONFIGURATION_REASONS,
  describePolicy,
  describeProblems,
  generationOf,
  type KubeObject,
  POLICY_CONDITION,
  readSpeakerPolicy,
} from '@steelyard/model'

/** A SpeakerPolicy as the API has it. */
export type PolicyObject = KubeObject & { readonly status?: Partial<PolicyStatus> }
export type PolicyStatus = { readonly observedGeneration: number; readonly conditions: readonly Condition[] }

/** The schema allows 32768. */
const LONGEST_MESSAGE = 30_000
const KEPT = 'speakers keep the last good values, and one that starts anew takes the defaults'

/**
 * The status that the SpeakerPolicy is to have: one condition that says which values are in effect, or why these
 * cannot be. Undefined when it has that status.
 */
export function policyStatus(object: PolicyObject, now: Date): PolicyStatus | undefined {
  const before = object.status?.conditions?.find(({ type }) => type === POLICY_CONDITION)
  const condition = conditionOf(object, before, now)
  const isShown =
    object.status?.observedGeneration === condition.observedGeneration &&
    before !== undefined &&
    SHOWN.every((name) => before[name] === condition[name])
  return isShown ? undefined : { observedGeneration: generationOf(object), conditions: [condition] }
}

const SHOWN = ['status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'] as const

function conditionOf(object: PolicyObject, before: Condition | undefined, now: Date): Condition {
  const read = readSpeakerPolicy(object)
  const message = read.ok ? describePolicy(read.value) : `${describeProblems(read.problems)}; ${KEPT}`
  const status = read.ok ? 'True' : 'False'
  const since = before?.status === status ? before.lastTransitionTime : undefined
  return {
    type: POLICY_CONDITION,
    status,
    reason: read.ok ? CONFIGURATION_REASONS.reconciled : CONFIGURATION_REASONS.configurationError,
    message: message.slice(0, LONGEST_MESSAGE),
    // The API's times have whole seconds.
    lastTransitionTime: since ?? now.toISOString().replace(/\.\d+Z$/, 'Z'),
    observedGeneration: generationOf(object),
  }
}
