import type { KubeObject } from '../kubernetes.ts'
import { KINDS } from '../names.ts'
import { durationFrom } from '../reading/duration.ts'
import { found, type Found, problemAt, refused } from '../reading/found.ts'
import { nameOf, readObject } from '../reading/objects.ts'
import { flag, integer, oneOf } from '../reading/scalars.ts'
import { fields, withDefault } from '../reading/structures.ts'

/** How speakers watch over each other, and how addresses move among them. */
export type SpeakerPolicy = {
  readonly membership: {
    readonly heartbeatIntervalMs: number
    /** Signs of life in a row that may be missing before others are asked. */
    readonly misses: number
  }
  /** Whether a part of a split network that lacks the majority goes on (`available`) or falls silent (`fenced`). */
  readonly partition: 'available' | 'fenced'
  readonly rebalance: {
    /** `now`: addresses are spread evenly whenever they are not, at the pace of `moves`. */
    readonly mode: 'never' | 'delayed' | 'now'
    /** Counts where the mode is `delayed`. */
    readonly delayMs: number
  }
  /** Of addresses that could as well stay, in the whole cluster. */
  readonly moves: { readonly perSecond: number }
  readonly announcement: { readonly refreshIntervalMs: number; readonly framesPerSecond: number }
  readonly duplicateAddress: 'warn' | 'refuse'
  readonly maintenance: { readonly drainUnschedulable: boolean }
}

/** The one object that counts. */
export const SPEAKER_POLICY_NAME = 'default'

/** What is in effect without an object. The schema fills in the same. */
export const DEFAULT_POLICY: SpeakerPolicy = {
  membership: { heartbeatIntervalMs: 100, misses: 4 },
  partition: 'available',
  rebalance: { mode: 'never', delayMs: 300_000 },
  moves: { perSecond: 20 },
  announcement: { refreshIntervalMs: 60_000, framesPerSecond: 2000 },
  duplicateAddress: 'warn',
  maintenance: { drainUnschedulable: false },
}

const spec = withDefault(
  fields({
    membership: withDefault(
      fields({
        heartbeatInterval: withDefault(durationFrom('50ms', '5s'), '100ms'),
        misses: withDefault(integer(2, 20), DEFAULT_POLICY.membership.misses),
      }),
      {},
    ),
    partition: withDefault(oneOf('available', 'fenced'), DEFAULT_POLICY.partition),
    rebalance: withDefault(
      fields({
        mode: withDefault(oneOf('never', 'delayed', 'now'), DEFAULT_POLICY.rebalance.mode),
        delay: withDefault(durationFrom('1s', '24h'), '5m'),
      }),
      {},
    ),
    moves: withDefault(fields({ perSecond: withDefault(integer(1, 1000), DEFAULT_POLICY.moves.perSecond) }), {}),
    announcement: withDefault(
      fields({
        refreshInterval: withDefault(durationFrom('5s', '1h'), '60s'),
        framesPerSecond: withDefault(integer(10, 100_000), DEFAULT_POLICY.announcement.framesPerSecond),
      }),
      {},
    ),
    duplicateAddress: withDefault(oneOf('warn', 'refuse'), DEFAULT_POLICY.duplicateAddress),
    maintenance: withDefault(
      fields({ drainUnschedulable: withDefault(flag, DEFAULT_POLICY.maintenance.drainUnschedulable) }),
      {},
    ),
  }),
  {},
)

/** Reads the SpeakerPolicy; one of another name than `default` is refused, since it would have no effect. */
export function readSpeakerPolicy(object: unknown): Found<SpeakerPolicy> {
  const name = nameOf(object)
  if (name !== '' && name !== SPEAKER_POLICY_NAME) {
    const place = { object: `${KINDS.speakerPolicy} ${name}`, path: 'metadata.name' }
    return refused([problemAt(place, `found ${JSON.stringify(name)}; accepted: the one name ${SPEAKER_POLICY_NAME}`)])
  }
  const read = readObject(KINDS.speakerPolicy, object, spec)
  if (!read.ok) return read
  const { membership, rebalance, announcement, ...rest } = read.value.spec
  return found({
    ...rest,
    membership: { heartbeatIntervalMs: membership.heartbeatInterval, misses: membership.misses },
    rebalance: { mode: rebalance.mode, delayMs: rebalance.delay },
    announcement: {
      refreshIntervalMs: announcement.refreshInterval,
      framesPerSecond: announcement.framesPerSecond,
    },
  })
}

/** `--ml-wan-config`: between sites a sign of life takes longer and gets lost more often. */
const WAN_FACTOR = 5

/** How often a speaker gives a sign of life, and how many may be missing. @param wan slower, for long distances */
export function membershipTiming({ membership }: SpeakerPolicy, wan: boolean): SpeakerPolicy['membership'] {
  const { heartbeatIntervalMs, misses } = membership
  return { heartbeatIntervalMs: heartbeatIntervalMs * (wan ? WAN_FACTOR : 1), misses }
}

/** The values in effect, in one sentence for people. */
export function describePolicy(policy: SpeakerPolicy): string {
  const { membership, partition, rebalance, moves, announcement, duplicateAddress, maintenance } = policy
  const parts = [
    `heartbeats every ${membership.heartbeatIntervalMs} ms, of which ${membership.misses} may be missing`,
    `partition ${partition}`,
    rebalance.mode === 'delayed' ? `rebalance after ${rebalance.delayMs / 1000} s` : `rebalance ${rebalance.mode}`,
    `at most ${moves.perSecond} moves a second`,
    `addresses announced again every ${announcement.refreshIntervalMs / 1000} s`,
    `at most ${announcement.framesPerSecond} frames a second`,
    `duplicate addresses: ${duplicateAddress}`,
    maintenance.drainUnschedulable ? 'cordoned nodes hand over' : 'cordoned nodes keep their addresses',
  ]
  return `In force: ${parts.join('; ')}.`
}

/** The generation of an object, 0 where there is none: what a status says that it is about. */
export function generationOf(object: KubeObject | undefined): number {
  return object?.metadata.generation ?? 0
}
