import { type BgpAdvertisement, type BgpPeer, EXCLUDE_FROM_BALANCERS_LABEL, type SpeakerConfig } from '@steelyard/model'
import { type Family, parseAddress } from '@steelyard/net'
import type { NodeState } from '../eligibility.ts'

/** What of the configuration and of the own node decides what is announced to whom. */
export type BgpRules = {
  /** The own one, for messages. */
  readonly node: string
  /** Those that select this node. */
  readonly advertisements: readonly BgpAdvertisement[]
  /** Those that select this node. */
  readonly peers: readonly BgpPeer[]
  /** The node's condition `NetworkUnavailable` is True. */
  readonly networkUnavailable: boolean
  /** The node is labelled to be left out by load balancers. */
  readonly excluded: boolean
  /** `--ignore-exclude-lb`. */
  readonly ignoreExcludeLabel: boolean
  /** The node is in maintenance, and has said so to routers. */
  readonly maintenance: boolean
}

/** @param node the own one, undefined while the API has not told of it */
export function bgpRulesFor(
  { bgpAdvertisements, bgpPeers }: Pick<SpeakerConfig, 'bgpAdvertisements' | 'bgpPeers'>,
  node: Pick<NodeState, 'labels' | 'networkUnavailable'> | undefined,
  { node: name, ignoreExcludeLabel }: Pick<BgpRules, 'node' | 'ignoreExcludeLabel'>,
): BgpRules {
  return {
    node: name,
    advertisements: bgpAdvertisements,
    peers: bgpPeers,
    networkUnavailable: node?.networkUnavailable ?? false,
    excluded: node?.labels[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined,
    ignoreExcludeLabel,
  }
}

/** Before there is a configuration. */
export const NO_BGP_RULES: BgpRules = {
  node: '',
  advertisements: [],
  peers: [],
  networkUnavailable: false,
  excluded: false,
  ignoreExcludeLabel: false,
  maintenance: false,
}

/** The families of routes that a session carries (contract, 9.1). */
export function sessionFamilies({ neighbour, dualStack }: Pick<BgpPeer, 'neighbour' | 'dualStack'>): readonly Family[] {
  if (dualStack || neighbour.kind === 'interface') return [4, 6]
  return parseAddress(neighbour.address)?.family === 6 ? [6] : [4]
}

export function sameBgpRules(a: BgpRules, b: BgpRules): boolean {
  return (
    a.node === b.node &&
    a.advertisements === b.advertisements &&
    a.peers === b.peers &&
    a.networkUnavailable === b.networkUnavailable &&
    a.excluded === b.excluded &&
    a.ignoreExcludeLabel === b.ignoreExcludeLabel &&
    a.maintenance === b.maintenance
  )
}
