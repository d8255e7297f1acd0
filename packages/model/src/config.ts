import type { Prefix } from '@steelyard/net'
import type { LabelSelector } from './selector.ts'

/** One line of `spec.addresses`: its text, and the shortest ascending list of blocks it stands for. */
export type PoolEntry = { readonly text: string; readonly prefixes: readonly Prefix[] }

/**
 * Whom a pinned pool admits. Between the two criteria AND, inside each OR; an absent one admits all.
 * `namespaces` is already resolved: the listed names and those whose labels match, an empty set admits nobody.
 */
export type ServiceAllocation = {
  /** Lower is tried earlier; 0 is last. */
  readonly priority: number
  readonly namespaces?: ReadonlySet<string>
  readonly serviceSelectors?: readonly LabelSelector[]
}

export type Pool = {
  readonly name: string
  readonly entries: readonly PoolEntry[]
  readonly autoAssign: boolean
  readonly avoidBuggyIPs: boolean
  /** Present = pinned, even when it has no criteria. */
  readonly serviceAllocation?: ServiceAllocation
}

export type PreferredNode = { readonly weight: number; readonly preference: LabelSelector }

export type L2Advertisement = {
  readonly name: string
  /** Names of the pools it applies to, resolved from names and selectors. */
  readonly pools: ReadonlySet<string>
  /** Empty = all. */
  readonly nodeSelectors: readonly LabelSelector[]
  readonly serviceSelectors: readonly LabelSelector[]
  /** Empty = all interfaces. */
  readonly interfaces: readonly string[]
  readonly preferredNodes: readonly PreferredNode[]
}

/** A 32-bit community, or a large one (RFC 8092) of three 32-bit words. */
export type CommunityValue =
  | { readonly kind: 'standard'; readonly value: number }
  | { readonly kind: 'large'; readonly words: readonly [number, number, number] }

export type BgpAdvertisement = {
  readonly name: string
  readonly pools: ReadonlySet<string>
  readonly nodeSelectors: readonly LabelSelector[]
  readonly serviceSelectors: readonly LabelSelector[]
  readonly aggregationLength: number
  readonly aggregationLengthV6: number
  /** Absent means the default of 100 where one is sent at all. */
  readonly localPref?: number
  readonly communities: readonly CommunityValue[]
  /** Names of BGPPeer objects; empty = all. */
  readonly peers: ReadonlySet<string>
}

export type BfdProfile = {
  readonly name: string
  readonly receiveIntervalMs: number
  readonly transmitIntervalMs: number
  readonly echoIntervalMs: number
  readonly detectMultiplier: number
  readonly minimumTtl: number
  readonly echoMode: boolean
  readonly passiveMode: boolean
}

/** How this product goes beyond what a BGPPeer can say; without an object of ours, its defaults. */
export type BgpPeerPolicy = {
  /** The router connects, we wait for it. */
  readonly passive: boolean
  /** Where a passive peer is waited for. */
  readonly listenPort: number
  /** How long routes are announced with GRACEFUL_SHUTDOWN (RFC 8326) before they are withdrawn. */
  readonly gracefulShutdownMs: number
  /** RFC 4724 section 3: whole seconds. */
  readonly restartSeconds: number
  /** Present = routes tell how much traffic this node can take. */
  readonly weightedEcmp?: WeightedEcmp
  /** RFC 5082: what comes from the peer with less is dropped; absent = nothing is. */
  readonly minimumTtl?: number
}
export type WeightedEcmp = {
  readonly megabitsPerEndpoint: number
  /** Between two changes of nothing but the weight of a route. */
  readonly minIntervalMs: number
}

export type BgpPeer = {
  readonly name: string
  readonly myAsn: number
  readonly localAsn?: number
  readonly peerAsn:
    | { readonly kind: 'number'; readonly asn: number }
    | { readonly kind: 'internal' }
    | { readonly kind: 'external' }
  /** The neighbour: an address, or the interface of an unnumbered session. */
  readonly neighbour:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'interface'; readonly interface: string }
  readonly port: number
  readonly sourceAddress?: string
  readonly routerId?: string
  readonly vrf?: string
  readonly bfdProfile?: BfdProfile
  /** Milliseconds; 0 and 0 = neither hold timer nor keepalives. */
  readonly holdMs: number
  readonly keepaliveMs: number
  /** Absent = retry with backoff. */
  readonly connectMs?: number
  readonly nodeSelectors: readonly LabelSelector[]
  /** Secret material: never logged. */
  readonly password?: string
  readonly gracefulRestart: boolean
  readonly ebgpMultiHop: boolean
  readonly dualStack: boolean
  readonly policy: BgpPeerPolicy
}

/** What the controller works by: pools, sorted by name. */
export type ControllerConfig = { readonly pools: readonly Pool[] }

/** What a speaker works by, already narrowed to its own node where the contract says so. */
export type SpeakerConfig = {
  readonly pools: readonly Pool[]
  readonly l2Advertisements: readonly L2Advertisement[]
  readonly bgpAdvertisements: readonly BgpAdvertisement[]
  readonly bgpPeers: readonly BgpPeer[]
}

/** Why a configuration is refused: one is enough to refuse the whole set. Or, among warnings, what deserves a word. */
export type Problem = {
  /** "IPAddressPool first-pool", with the namespace left out: there is only one. */
  readonly object: string
  /** For example `spec.addresses[2]`. */
  readonly path: string
  /** What was found and what is accepted. */
  readonly message: string
}

export type Compiled<Config> =
  | { readonly ok: true; readonly config: Config; readonly warnings?: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
