import type { Condition } from '../kubernetes.ts'
import { CONFIGURATION_REASONS, KINDS } from '../names.ts'
import { found, type Found, mapped } from '../reading/found.ts'
import { readStatusObject } from '../reading/objects.ts'
import { nonEmptyText, oneOf, optionalText } from '../reading/scalars.ts'
import { fields, optionalList, withDefault } from '../reading/structures.ts'

export type ConfigurationResult = 'Valid' | 'Invalid' | 'Unknown'
export type ConfigurationSummary = { readonly result: ConfigurationResult; readonly errorSummary: string }
export type ConfigurationState = ConfigurationSummary & {
  readonly name: string
  readonly conditions: readonly Condition[]
}

/** How a configuration pass ended. */
export type ConfigurationOutcome =
  | { readonly kind: 'reconciled' }
  /** A rule is broken, or the configuration could not be applied. */
  | { readonly kind: 'configurationError'; readonly message: string }
  | { readonly kind: 'unknownError'; readonly message: string }

/** @param checkedAt RFC 3339: when the pass was, whether or not anything changed by it. */
export function configurationCondition(type: string, outcome: ConfigurationOutcome, checkedAt: string): Condition {
  return {
    type,
    status: outcome.kind === 'reconciled' ? 'True' : 'False',
    reason: CONFIGURATION_REASONS[outcome.kind],
    message: outcome.kind === 'reconciled' ? '' : outcome.message,
    lastTransitionTime: checkedAt,
  }
}

/** The short form of all conditions. An unknown error leaves the result as it is but is told in the summary. */
export function summarizeConditions(conditions: readonly Condition[]): ConfigurationSummary {
  return { result: resultOf(conditions), errorSummary: conditions.flatMap(messageOf).join('\n') }
}

function resultOf(conditions: readonly Condition[]): ConfigurationResult {
  if (conditions.length === 0) return 'Unknown'
  const isInvalid = conditions.some(
    ({ status, reason }) => status === 'False' && reason === CONFIGURATION_REASONS.configurationError,
  )
  return isInvalid ? 'Invalid' : 'Valid'
}

function messageOf({ message = '' }: Condition): string[] {
  return message === '' ? [] : [message]
}

const condition = mapped(
  fields({
    type: nonEmptyText,
    status: oneOf('True', 'False', 'Unknown'),
    reason: optionalText,
    message: optionalText,
    lastTransitionTime: optionalText,
  }),
  ({ type, status, reason, message, lastTransitionTime }): Condition => ({
    type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
  }),
)

/** An object that nobody has judged yet has no status, which is Unknown. */
const status = withDefault(
  fields({
    result: withDefault(oneOf('Valid', 'Invalid', 'Unknown'), 'Unknown'),
    errorSummary: mapped(optionalText, (summary) => summary ?? ''),
    conditions: optionalList(condition),
  }),
  {},
)

export function readConfigurationState(object: unknown): Found<ConfigurationState> {
  const read = readStatusObject(KINDS.configurationState, object, status)
  return read.ok ? found({ name: read.value.name, ...read.value.status }) : read
}
