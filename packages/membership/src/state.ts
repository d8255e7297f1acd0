import type { Random } from '@steelyard/runtime'
import type { NodeRecord } from './record.ts'
import type { Peer } from './peer.ts'
import type { Tally } from './tally.ts'
import type { Keyring } from './seal.ts'
import type { RecordPart } from './record-parts.ts'
import type { Wire } from './wire.ts'
import type { MembershipConfig } from './config.ts'
import { tally } from './tally.ts'
import { hashText } from './rendezvous.ts'

export type MemberStatus = 'unknown' | 'alive' | 'suspect' | 'dead' | 'left'

/** What one member holds of another. For ownership, `alive` and `suspect` are alive. */
export type MemberView = {
  readonly node: string
  readonly status: MemberStatus
  /** Since when, on the clock that `step` is told. */
  readonly since: number
  readonly incarnation: number
  /** Of the record that is held; 0 = none. */
  readonly recordVersion: number
  /** Alive because others hear it; here it is not heard. */
  readonly indirect: boolean
}

/**
 * Whether this node may answer: `settling` after its start, `doubting` after it was late or cut off,
 * `fenced` while it hears too few. Only `settled` answers.
 */
export type Standing = 'settling' | 'settled' | 'doubting' | 'fenced'

export type Self = { readonly node: string; readonly boot: Uint8Array }

export type MembershipEvent =
  /** Every node that may be a member, without this one. */
  | { readonly kind: 'roster'; readonly nodes: readonly string[] }
  /** The own record, whole; it becomes a new version only if it differs. */
  | { readonly kind: 'publish'; readonly record: NodeRecord }
  /** @property link the own interface a link beat came in by; absent: the node path */
  | { readonly kind: 'received'; readonly bytes: Uint8Array; readonly link?: string }
  /** The interfaces that link beats go over now. */
  | { readonly kind: 'links'; readonly names: readonly string[] }
  /** False: no announcing interface has a carrier. */
  | { readonly kind: 'carrier'; readonly up: boolean }
  | { readonly kind: 'keys'; readonly keyring: Keyring }
  /** What came of `askWitness`. */
  | { readonly kind: 'witness'; readonly reachable: boolean }
  | { readonly kind: 'leave' }
  /** The own loop was late by so much. To be told before the datagrams that waited meanwhile. */
  | { readonly kind: 'stalled'; readonly lagMs: number }
  /** The end of a turn of the loop. @property lagMs as in `stalled`, if it was not told there */
  | { readonly kind: 'tick'; readonly lagMs: number }

export type MembershipEffect =
  | { readonly kind: 'send'; readonly to: string; readonly bytes: Uint8Array }
  | { readonly kind: 'sendLink'; readonly link: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'members'
      readonly members: readonly MemberView[]
      readonly standing: Standing
      /** At least half of the last agreed members are heard. */
      readonly majority: boolean
    }
  /** A peer's record as it counts now; undefined: it counts no more. */
  | { readonly kind: 'record'; readonly node: string; readonly record: NodeRecord | undefined }
  /** The own claims, all of them, that a living peer's better claim beats now. */
  | { readonly kind: 'beaten'; readonly ips: readonly string[] }
  /** The links, all of them, that nobody answers on although they are up. */
  | { readonly kind: 'deafLinks'; readonly names: readonly string[] }
  | { readonly kind: 'askWitness' }

/** A peer that was alive when this node began to doubt itself. */
export type Doubt = {
  readonly until: number
  probeAt: number
  readonly token: number
  /** By peer: the envelope counter of its answer to the probe; undefined = none yet. */
  readonly waiting: Map<Peer, number | undefined>
}

/** One link that beats go over. Times are awake time, hashes `hashText` of names. */
export type Link = {
  readonly name: string
  /** By peer: when it was last heard on this link, and with which envelope counter. */
  readonly heard: Map<Peer, { at: number; counter: number }>
  /** By peer: when it last said that it hears this node on the link. */
  readonly twoWay: Map<Peer, number>
  beatAt: number
  /** Where the next beat begins in `heard`, when not all fit. */
  nextHeard: number
  isDeaf: boolean
}

/** A record that is on its way out: the parts from `next` on are still to be sent. */
export type Transfer = {
  readonly version: number
  readonly parts: readonly RecordPart[]
  readonly to: readonly Peer[]
  next: number
}

/**
 * All that one member knows. It belongs to one loop, which changes it in place through `step`. Times in it are
 * awake time: the clock that `step` is told, less all that the own loop was late (`lostMs`), so that what this
 * node slept through is nobody's silence.
 */
export type MembershipState = {
  readonly self: Self
  readonly selfHash: number
  readonly random: Random
  readonly wire: Wire
  readonly peers: Map<string, Peer>
  /** The same peers, for loops that are run often. */
  roster: readonly Peer[]
  /** Of the last step. */
  at: number
  lostMs: number
  incarnation: number
  isLeaving: boolean
  own: { readonly version: number; readonly record: NodeRecord | undefined; readonly bytes: Uint8Array }
  /** Living members, oneself included. */
  living: number
  /** Peers this node judges, and peers it beats for; both follow `living`. */
  watched: readonly Peer[]
  watchers: readonly Peer[]
  isWatchStale: boolean
  watchAt: number
  beatAt: number
  beatNumber: number
  nextToken: number
  refutedAt: number
  digestAt: number
  readonly transfers: Map<string, Transfer>
  transferAt: number
  /** Peers that owe a proof, and when the next of them is asked again. */
  readonly challenged: Set<Peer>
  challengeAt: number
  /** Peers whose record is older here than it is known to be. */
  readonly wanting: Set<Peer>
  readonly links: Map<string, Link>
  hasCarrier: boolean
  rosterAt: number | undefined
  standing: Standing
  /** While settling: one of those that are waited for. */
  pending: Peer | undefined
  doubt: Doubt | undefined
  agreed: Set<string>
  /** When the set of living members changed last. */
  changedAt: number
  hasMajority: boolean
  witness: { readonly askedAt: number; readonly reachedAt: number }
  isChanged: boolean
  isBeatenStale: boolean
  isDeafStale: boolean
  beatenTold: string
  readonly tally: Tally
}

const NEVER = Number.NEGATIVE_INFINITY
const NOTHING_PUBLISHED = { version: 0, record: undefined, bytes: new Uint8Array(0) } as const
const nobodyAsked = () => ({
  challenged: new Set<Peer>(),
  challengeAt: Number.POSITIVE_INFINITY,
  wanting: new Set<Peer>(),
})
const NOTHING_TOLD = { isChanged: true, isBeatenStale: false, isDeafStale: false, beatenTold: '[]' }
export const NO_WITNESS = { askedAt: NEVER, reachedAt: NEVER } as const

export function membership(self: Self, wire: Wire, random: Random): MembershipState {
  return {
    self,
    selfHash: hashText(self.node),
    random,
    wire,
    peers: new Map(),
    roster: [],
    at: 0,
    lostMs: 0,
    incarnation: 0,
    isLeaving: false,
    own: NOTHING_PUBLISHED,
    living: 1,
    watched: [],
    watchers: [],
    isWatchStale: false,
    watchAt: NEVER,
    beatAt: NEVER,
    beatNumber: 0,
    nextToken: Math.floor(random() * 2 ** 32),
    refutedAt: NEVER,
    digestAt: NEVER,
    transfers: new Map(),
    transferAt: NEVER,
    ...nobodyAsked(),
    links: new Map(),
    hasCarrier: true,
    rosterAt: undefined,
    standing: 'settling',
    pending: undefined,
    doubt: undefined,
    agreed: new Set([self.node]),
    changedAt: NEVER,
    hasMajority: true,
    witness: NO_WITNESS,
    ...NOTHING_TOLD,
    tally: tally(),
  }
}

/** One call of `step`. @property at awake time */
export type Turn = {
  readonly state: MembershipState
  readonly config: MembershipConfig
  readonly now: number
  readonly at: number
  readonly effects: MembershipEffect[]
}
