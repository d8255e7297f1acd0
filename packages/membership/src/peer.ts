import { sameBytes } from '@steelyard/net'
import type { RecordAssembly } from './record-parts.ts'
import type { NodeRecord } from './record.ts'
import { hashText } from './rendezvous.ts'
import type { ReplayWindow } from './replay-window.ts'
import type { MemberStatus, MemberView } from './state.ts'

/** What was answered about a suspect. */
export type Suspicion = {
  readonly since: number
  /** Who was asked: its other watchers. */
  readonly asked: ReadonlySet<string>
  /** By who answered: whether it hears the suspect. */
  readonly answers: Map<string, boolean>
  rounds: number
}

/** What was asked of a boot that is not believed yet. */
type Challenge = {
  readonly nonce: Uint8Array
  readonly since: number
  readonly sentAt: number
  readonly triesLeft: number
}

/** All that is held of one node of the roster. Times are awake time, but for `since`. */
export type Peer = {
  readonly node: string
  readonly hash: number
  /** How this node ranks as its watcher, and how many living members rank higher. */
  readonly selfRank: number
  higher: number
  /** The life that is believed, because it has proven itself. */
  boot: Uint8Array | undefined
  retired: readonly Uint8Array[]
  /** Of that life. */
  window: ReplayWindow | undefined
  /** The secret it seals with; of a boot that is not believed yet only what it seems to be. */
  keyId: string | undefined
  challenge: Challenge | undefined
  provedAt: number
  status: MemberStatus
  since: number
  changedAt: number
  incarnation: number
  heardAt: number
  /** It takes itself for a watcher of this node and is beaten for until then. */
  beatUntil: number
  suspicion: Suspicion | undefined
  isIndirect: boolean
  recheckAt: number
  /** When it was last told that it is dead. */
  toldAt: number
  /** The highest envelope counter that came with a beat: an older beat says nothing new. */
  beatCounter: number
  /** Of its record: the newest that is known of. */
  version: number
  held: { readonly version: number; readonly record: NodeRecord; readonly bytes: Uint8Array } | undefined
  isRecordTold: boolean
  assembly: RecordAssembly | undefined
  pullAt: number
  pulls: number
  /** The own addresses that its claims beat. */
  beats: readonly string[]
  digestAt: number
  view: MemberView | undefined
}

const NEVER = Number.NEGATIVE_INFINITY

export function newPeer(node: string, selfRank: number): Peer {
  return {
    node,
    hash: hashText(node),
    selfRank,
    higher: 0,
    boot: undefined,
    keyId: undefined,
    retired: [],
    window: undefined,
    challenge: undefined,
    provedAt: NEVER,
    status: 'unknown',
    since: 0,
    changedAt: NEVER,
    incarnation: 0,
    heardAt: NEVER,
    beatUntil: NEVER,
    suspicion: undefined,
    isIndirect: false,
    recheckAt: NEVER,
    toldAt: NEVER,
    beatCounter: -1,
    version: 0,
    held: undefined,
    isRecordTold: false,
    assembly: undefined,
    pullAt: NEVER,
    pulls: 0,
    beats: [],
    digestAt: NEVER,
    view: undefined,
  }
}

/** Suspicion alone takes nothing from anybody. */
export function isLiving({ status }: Peer): boolean {
  return status === 'alive' || status === 'suspect'
}

export function isBootOf({ boot }: Peer, other: Uint8Array): boolean {
  return boot !== undefined && sameBytes(boot, other)
}

export function isRetired({ retired }: Peer, boot: Uint8Array): boolean {
  return retired.some((former) => sameBytes(former, boot))
}

export function viewOf(peer: Peer): MemberView {
  peer.view ??= {
    node: peer.node,
    status: peer.status,
    since: peer.since,
    incarnation: peer.incarnation,
    recordVersion: peer.held?.version ?? 0,
    indirect: peer.isIndirect,
  }
  return peer.view
}
