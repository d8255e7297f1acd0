/** Timings and bounds of the membership protocol. All members should have the same. */
export type MembershipConfig = {
  /** Between two beats. */
  readonly intervalMs: number
  /** So many intervals of silence make a suspect. */
  readonly misses: number
  /** What a suspect and its other watchers have for their answers. */
  readonly confirmMs: number
  /** Up to so many living members, oneself included, all watch all. */
  readonly meshLimit: number
  /** How many watch each member beyond that. */
  readonly watchers: number
  /** How long a start waits for peers that do not come forward. */
  readonly settleMs: number
  /** How long a member that doubts itself waits for the others. */
  readonly resyncMs: number
  /** How long it waits when its link has just come up: neighbours must be found anew, and switches learn slowly. */
  readonly carrierMs: number
  /** A peer that is heard only by others is asked about again after this. */
  readonly recheckMs: number
  /** Between beats to peers that are not members: they may come (back). */
  readonly strangerMs: number
  /** Between digests, where not everybody hears everybody. */
  readonly digestMs: number
  /** A pull that brought nothing is repeated after this. */
  readonly pullMs: number
  /** How many records may be on their way here at a time. */
  readonly pullLimit: number
  /** Parts of records sent in one go, and the pause after it. */
  readonly burstParts: number
  readonly burstPauseMs: number
  /** The record of a dead member is kept for so long: the member may come back with it. */
  readonly keepDeadMs: number
  /** The dead are taken off the agreed members when nothing has changed for so long. */
  readonly agreeMs: number
  /** How often the witness is asked; an answer holds for twice as long. */
  readonly witnessMs: number
  /** `fenced`: who hears too few answers for nothing. */
  readonly fencing: 'available' | 'fenced'
}

export const MEMBERSHIP_DEFAULTS: MembershipConfig = {
  intervalMs: 100,
  misses: 4,
  confirmMs: 100,
  meshLimit: 32,
  watchers: 8,
  settleMs: 1000,
  resyncMs: 300,
  carrierMs: 3000,
  recheckMs: 500,
  strangerMs: 1000,
  digestMs: 1000,
  pullMs: 100,
  pullLimit: 32,
  burstParts: 256,
  burstPauseMs: 2,
  keepDeadMs: 60_000,
  agreeMs: 5000,
  witnessMs: 250,
  fencing: 'available',
}

/** For members with tens of milliseconds between them (`--ml-wan-config`): everything five times slower. */
export const MEMBERSHIP_WAN: MembershipConfig = {
  ...MEMBERSHIP_DEFAULTS,
  intervalMs: 500,
  confirmMs: 500,
  settleMs: 5000,
  resyncMs: 1500,
  recheckMs: 2500,
  strangerMs: 5000,
  digestMs: 5000,
  pullMs: 500,
  burstPauseMs: 10,
  agreeMs: 25_000,
  witnessMs: 1250,
}

/** Silence of this length makes a suspect. A fenced member waits longer: those it misses must have fallen silent before. */
export function suspectAfterMs({ intervalMs, misses, fencing }: MembershipConfig): number {
  return intervalMs * (fencing === 'fenced' ? misses + 1 : misses)
}

/** Silence of this length is shared by a watcher who is asked, and counts as not heard. */
export function missedAfterMs({ intervalMs, misses }: MembershipConfig): number {
  return intervalMs * (misses - 1)
}
