import type { NeighbourOptions, RouterKind } from './router.ts'

export const ROUTER_KINDS = ['frr', 'bird', 'gobgp', 'openbgpd', 'exabgp'] as const satisfies readonly RouterKind[]
/** With the version that Debian 12 has. */
export const ROUTER_NAMES: Readonly<Record<RouterKind, string>> = {
  frr: 'FRR 8.4',
  bird: 'BIRD 2.0.12',
  gobgp: 'GoBGP 3.10',
  openbgpd: 'OpenBGPD 7.7',
  exabgp: 'ExaBGP 4.2',
}

/** What a router may lack. The names are those of the result table. */
export type Feature =
  | 'unnumbered peers'
  | 'two-octet AS numbers only'
  | 'extended next hop'
  | 'route refresh'
  | 'enhanced route refresh'
  | 'graceful restart helper'
  | 'TTL security'
  | 'multihop'
  | 'BFD'
  | 'BFD AdminDown'
  | 'shutdown communication sent'
  | 'shutdown communication shown'
  | 'link bandwidth shown'
  | 'stale routes shown'

const NO_BFD = { BFD: 'it has no BFD', 'BFD AdminDown': 'it has no BFD' } as const

/** What each router, in Debian 12's version, does not do, and why: told in tests and docs, never left out in silence. */
export const UNSUPPORTED: Readonly<Record<RouterKind, Partial<Readonly<Record<Feature, string>>>>> = {
  frr: {},
  bird: {
    'unnumbered peers': 'it takes a range of link-local neighbours, but only to be connected to',
    'stale routes shown': 'it marks those of long-lived graceful restart only',
    'BFD AdminDown': 'where its BFD is switched off it falls silent',
  },
  gobgp: {
    'unnumbered peers': 'it sends no Router Advertisements to be found by',
    'two-octet AS numbers only': 'it always offers four octets',
    'route refresh': 'it keeps what it heard, and never asks again',
    'enhanced route refresh': 'it keeps what it heard, and never asks again',
    ...NO_BFD,
  },
  openbgpd: {
    'unnumbered peers': 'a neighbour is an address',
    'extended next hop': 'it does not know RFC 8950',
    ...NO_BFD,
  },
  exabgp: {
    'unnumbered peers': 'a neighbour is an address',
    'graceful restart helper': 'it has no table of routes: it passes on what it hears',
    'stale routes shown': 'it has no table of routes: it passes on what it hears',
    'shutdown communication sent': 'its teardown takes a number, no words',
    'shutdown communication shown': 'it cannot decode a NOTIFICATION that it is to pass on',
    ...NO_BFD,
  },
}

export function lacks(kind: RouterKind, feature: Feature): string | undefined {
  return UNSUPPORTED[kind][feature]
}

/** The features that a neighbour's options ask for. */
export function featuresOf(neighbour: NeighbourOptions): readonly Feature[] {
  const { fourOctetAsn, extendedNextHop, bfd, ttlSecurity, ebgpMultihop, address } = neighbour
  const asked: readonly (readonly [boolean, Feature])[] = [
    [address === undefined, 'unnumbered peers'],
    [fourOctetAsn === false, 'two-octet AS numbers only'],
    [extendedNextHop === true, 'extended next hop'],
    [bfd !== undefined, 'BFD'],
    [ttlSecurity === true, 'TTL security'],
    [ebgpMultihop !== undefined, 'multihop'],
  ]
  return asked.flatMap(([wanted, feature]) => (wanted ? [feature] : []))
}
