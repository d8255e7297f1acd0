import type { BgpAdvertisement, BgpPeer } from '@steelyard/model'
import { type Family, parseAddress } from '@steelyard/net'

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
  /** The node is labelled to be left out by load balancers, and that counts. */
  readonly excluded: boolean
  /** The node is in maintenance, and has said so to routers. */
  readonly maintenance: boolean
}

/** Before there is a configuration. */
export const NO_BGP_RULES: BgpRules = {
  node: '',
  advertisements: [],
  peers: [],
  networkUnavailable: false,
  excluded: false,
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
    a.maintenance === b.maintenance
  )
}
