import { type CheckConfig, rescale, type ScheduleConfig } from '@steelyard/arp-lib'
import type { AnnouncePace } from '../messages.ts'
import type { LinkConfig, LinkState } from './state.ts'

/** What an operator chose instead of the built-in pace, worked out. */
export type Pace = { readonly schedule: ScheduleConfig; readonly check: CheckConfig }

export function scheduleOf({ pace }: LinkState, config: LinkConfig): ScheduleConfig {
  return pace?.schedule ?? config.schedule
}

export function checkOf({ pace }: LinkState, config: LinkConfig): CheckConfig {
  return pace?.check ?? config.check
}

/** A tenth of a second's frames may go at once, and never less than one round. */
const CREDIT_SHARE = 0.1
const LEAST_CREDIT = 2
/** Of the announcements' rate. */
const PROBE_SHARE = 0.5

/**
 * Puts a pace into force, or the built-in one back. What waits for its refresh waits in
 * proportion from now on.
 * @throws Error for a pace that is none: the main thread has let something through that it must not.
 */
export function applyPace(
  state: LinkState,
  wanted: AnnouncePace | undefined,
  { now, config }: { readonly now: number; readonly config: LinkConfig },
): void {
  const before = scheduleOf(state, config).refreshMs
  state.pace = wanted === undefined ? undefined : paceOf(wanted, config)
  const after = scheduleOf(state, config).refreshMs
  if (after !== before) rescale(state.schedule, after / before, now)
}

function paceOf({ refreshMs, framesPerSecond }: AnnouncePace, { schedule, check }: LinkConfig): Pace {
  for (const [name, value] of Object.entries({ refreshMs, framesPerSecond })) {
    if (!(value > 0 && Number.isFinite(value))) throw new Error(`desired ${name} is ${value}, not a positive number`)
  }
  return {
    schedule: { ...schedule, refreshMs, rate: rateOf(framesPerSecond) },
    check: { ...check, rate: rateOf(framesPerSecond * PROBE_SHARE) },
  }
}

function rateOf(perSecond: number): ScheduleConfig['rate'] {
  return { perSecond, credit: Math.max(LEAST_CREDIT, perSecond * CREDIT_SHARE) }
}
