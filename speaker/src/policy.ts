import { type Api, follow, SPEAKER_POLICIES } from '@steelyard/kube'
import { MEMBERSHIP_DEFAULTS, type MembershipConfig } from '@steelyard/membership'
import {
  DEFAULT_POLICY,
  describePolicy,
  describeProblems,
  generationOf,
  membershipTiming,
  readSpeakerPolicy,
  SPEAKER_POLICY_NAME,
  type SpeakerPolicy,
} from '@steelyard/model'
import type { Logger } from '@steelyard/program'
import { type Clock, type Random, sleep } from '@steelyard/runtime'
import type { MovePolicy } from './holdings.ts'

/** The SpeakerPolicy in force: what the cluster says, or the last that could be used. */
export type Policy = {
  readonly now: () => SpeakerPolicy
  /** Of the object in force; 0 = there is none, and the defaults hold. */
  readonly generation: () => number
  /** Resolves when the cluster has been asked; it is not waited for long, for an old cluster may not have the kind. */
  readonly read: Promise<unknown>
  readonly stop: () => Promise<void>
}

export type PolicyPorts = {
  readonly api: Api
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly onChange: () => void
}

const PATIENCE_MS = 2000

export function followPolicy({ api, clock, random, log, onChange }: PolicyPorts): Policy {
  const state = { policy: DEFAULT_POLICY, generation: 0 }
  const follower = follow(api, SPEAKER_POLICIES, {
    scope: { fieldSelector: `metadata.name=${SPEAKER_POLICY_NAME}` },
    clock,
    random,
    log,
    onChange: (_name, object) => {
      const read = object === undefined ? { ok: true as const, value: DEFAULT_POLICY } : readSpeakerPolicy(object)
      if (!read.ok) {
        const error = describeProblems(read.problems)
        return log.error('the SpeakerPolicy cannot be used: the last good one stays in force', { error })
      }
      Object.assign(state, { policy: read.value, generation: generationOf(object) })
      log.info(describePolicy(read.value), { op: 'policy', generation: state.generation })
      onChange()
    },
  })
  return {
    now: () => state.policy,
    generation: () => state.generation,
    read: Promise.race([follower.synced, sleep(clock, PATIENCE_MS)]),
    stop: () => follower.stop(),
  }
}

/** @param wan `--ml-wan-config`: everything takes longer */
export function membershipConfig(policy: SpeakerPolicy, wan: boolean): MembershipConfig {
  const { heartbeatIntervalMs, misses } = membershipTiming(policy, wan)
  const slower = heartbeatIntervalMs / MEMBERSHIP_DEFAULTS.intervalMs
  const scaled = (ms: number): number => Math.max(ms, Math.round(ms * slower))
  return {
    ...MEMBERSHIP_DEFAULTS,
    intervalMs: heartbeatIntervalMs,
    misses,
    confirmMs: scaled(MEMBERSHIP_DEFAULTS.confirmMs),
    settleMs: scaled(MEMBERSHIP_DEFAULTS.settleMs),
    resyncMs: scaled(MEMBERSHIP_DEFAULTS.resyncMs),
    carrierMs: scaled(MEMBERSHIP_DEFAULTS.carrierMs),
    fencing: policy.partition,
  }
}

/** The pace of moves is the whole cluster's; each node keeps to it by itself, for they move one after the other. */
export function movePolicy({ moves, rebalance }: SpeakerPolicy): MovePolicy {
  const after = { never: undefined, delayed: rebalance.delayMs, now: 0 }
  return { movesPerSecond: moves.perSecond, rebalanceAfterMs: after[rebalance.mode] }
}
