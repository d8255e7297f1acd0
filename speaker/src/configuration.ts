import {
  compileSpeaker,
  type ConfigurationOutcome,
  describeProblem,
  describeProblems,
  type OwnNode,
  type SpeakerConfig,
  type SpeakerObjects,
} from '@steelyard/model'
import { errorText, type Logger } from '@steelyard/program'
import { isDeepStrictEqual } from 'node:util'

/** The configuration in force, and what the last pass over the objects found. */
export type Configuration = {
  /** The last good one; undefined before there was any. */
  readonly config: SpeakerConfig | undefined
  /** Undefined before the first pass. */
  readonly outcome: ConfigurationOutcome | undefined
  readonly warnings: readonly string[]
}

export const NO_CONFIGURATION: Configuration = { config: undefined, outcome: undefined, warnings: [] }

/**
 * One pass: the objects as a new configuration, or the last good one and what is wrong with the new. A
 * configuration equal to the one in force is that one, by identity, so that nothing need be reckoned anew.
 */
export function reconfigure(before: Configuration, objects: SpeakerObjects, self: OwnNode): Configuration {
  try {
    const compiled = compileSpeaker(objects, self)
    if (!compiled.ok) {
      return { ...before, outcome: { kind: 'configurationError', message: cut(describeProblems(compiled.problems)) } }
    }
    const config = isDeepStrictEqual(compiled.config, before.config) ? before.config : compiled.config
    return { config, outcome: { kind: 'reconciled' }, warnings: (compiled.warnings ?? []).map(describeProblem) }
  } catch (error) {
    // A bug of ours must not take down what is announced under the last good configuration.
    return { ...before, outcome: { kind: 'unknownError', message: errorText(error) } }
  }
}

/** The schema of conditions allows 32768 characters; a message that long says no more than one that is cut. */
const LONGEST_MESSAGE = 30_000

function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message
}

/** One line when a refusal begins or changes, one when it ends, and each warning once. */
export function logConfiguration(before: Configuration, now: Configuration, log: Logger): void {
  const told = messageOf(before)
  const message = messageOf(now)
  if (message !== '' && message !== told) {
    const state = now.config === undefined ? 'there is none in force' : 'the last good one stays in force'
    log.error(`configuration refused: ${state}`, { op: 'configure', error: message })
  }
  if (message === '' && now.config !== before.config) log.info('configuration in force', { op: 'configure' })
  else if (message === '' && told !== '') log.info('configuration accepted again', { op: 'configure' })
  for (const warning of now.warnings) if (!before.warnings.includes(warning)) log.warn(warning, { op: 'configure' })
}

function messageOf({ outcome }: Configuration): string {
  return outcome === undefined || outcome.kind === 'reconciled' ? '' : outcome.message
}
