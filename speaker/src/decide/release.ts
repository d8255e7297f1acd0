import type { HeldClaim, Tenure, TenureGroup } from './tenure.ts'
import { mayMove, nextMoveAt, type Pace } from './pace.ts'

/** What this node wants to be rid of: nothing, all of it at a measured pace (maintenance), or all at once (it stops). */
export type Drain = 'none' | 'paced' | 'all'

export type ReleaseFacts = {
  /** Those that this node serves, the youngest last. */
  readonly groups: readonly TenureGroup[]
  readonly drain: Drain
  /** Groups above this node's share, to even out; by key. */
  readonly excess: ReadonlySet<string>
  readonly pace: Pace
  readonly movesPerSecond: number
  readonly now: number
  /** Since when at least half of the last agreed members have been heard; undefined when they are not. */
  readonly majoritySince: number | undefined
}

export type Released = { readonly tenure: Tenure; readonly lookAgainAt: number | undefined }

/** When halves have met, the claims of the larger one come in before this time, and win; what is left then is ours. */
export const MINORITY_PROBATION_MS = 2000

/** Marks what others shall take over. What was marked stays so while there is a reason for it. */
export function release(tenure: Tenure, facts: ReleaseFacts): Released {
  const claims = new Map(tenure.claims)
  const state = { lookAgainAt: undefined as number | undefined }
  for (const group of facts.groups) {
    const releasing = shouldRelease(group, tenure, facts, state)
    for (const ip of group.ips) {
      const claim = claims.get(ip)
      if (claim !== undefined) claims.set(ip, marked(claim, releasing, facts))
    }
  }
  const { lookAgainAt } = state
  return { tenure: { ...tenure, claims }, lookAgainAt: earliest(lookAgainAt, probationEnd(tenure, facts)) }
}

function shouldRelease(
  { key, ips }: TenureGroup,
  { claims }: Tenure,
  { drain, excess, pace, movesPerSecond, now }: ReleaseFacts,
  state: { lookAgainAt: number | undefined },
): boolean {
  if (drain === 'all') return true
  if (drain === 'none' && !excess.has(key)) return false
  if (ips.some((ip) => claims.get(ip)?.releasing === true)) return true
  if (mayMove(pace, movesPerSecond, now)) return true
  state.lookAgainAt = nextMoveAt(pace, movesPerSecond)
  return false
}

function marked(claim: HeldClaim, releasing: boolean, { majoritySince, now }: ReleaseFacts): HeldClaim {
  const minority = claim.minority && (majoritySince === undefined || now - majoritySince < MINORITY_PROBATION_MS)
  return claim.releasing === releasing && claim.minority === minority ? claim : { ...claim, releasing, minority }
}

function probationEnd({ claims }: Tenure, { majoritySince, now }: ReleaseFacts): number | undefined {
  if (majoritySince === undefined || now - majoritySince >= MINORITY_PROBATION_MS) return undefined
  return [...claims.values()].some(({ minority }) => minority) ? majoritySince + MINORITY_PROBATION_MS : undefined
}

export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : Math.min(a, b ?? Number.POSITIVE_INFINITY)
}
