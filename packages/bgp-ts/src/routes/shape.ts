import type { Address, Family, Prefix } from '@steelyard/net'
import { linkBandwidthCommunity } from '../codec/link-bandwidth.ts'
import type { Attributes, Update } from '../message.ts'
import type { NextHops, Route } from '../peer.ts'

/** What the routes of one session have in common. */
export type Bearing = {
  readonly localAsn: number
  readonly isInternal: boolean
  readonly extendedNextHop: boolean
  readonly families: readonly Family[]
}

/** How the routes of one family are said. */
export type Manner = {
  readonly family: Family
  /** `classic`: the fields of RFC 4271, else MP_REACH_NLRI and MP_UNREACH_NLRI of RFC 4760. */
  readonly form: 'classic' | 'multiprotocol'
  readonly nextHop: Address
  readonly linkLocal?: Address
}

/** @returns undefined when routes of the family cannot be announced: it was not agreed upon, or has no next hop */
export function mannerOf(family: Family, bearing: Bearing, nextHops: NextHops): Manner | undefined {
  const nextHop = nextHopOf(family, bearing, nextHops)
  if (nextHop === undefined || !bearing.families.includes(family)) return undefined
  if (nextHop.family === 4) return family === 4 ? { family, form: 'classic', nextHop } : undefined
  if (family === 4 && !bearing.extendedNextHop) return undefined
  const { linkLocal } = nextHops
  return { family, form: 'multiprotocol', nextHop, ...(linkLocal === undefined ? {} : { linkLocal }) }
}

/** IPv4 routes, too, go to the IPv6 next hop where RFC 8950 has been agreed upon and there is one. */
function nextHopOf(family: Family, { extendedNextHop }: Bearing, { ipv4, ipv6 }: NextHops): Address | undefined {
  if (family === 6) return ipv6
  return extendedNextHop ? (ipv6 ?? ipv4) : ipv4
}

/** Routes with the same text have the same attributes in this session, and travel together. */
export function attributeText(route: Route, { isInternal }: Bearing): string {
  const { localPref, communities, largeCommunities, linkBandwidth } = route
  return `${isInternal ? localPref : ''}|${communities.join()}|${largeCommunities.join(';')}|${linkBandwidth ?? ''}`
}

/** The attributes of a route, but for where it is reachable. */
export function attributesOf(route: Route, bearing: Bearing): Attributes {
  const { communities, largeCommunities, linkBandwidth, localPref } = route
  return {
    origin: 'igp',
    // RFC 4271 section 5.1.2. What a peer of two octets is to see is the codec's.
    asPath: bearing.isInternal ? [] : [{ kind: 'sequence', asns: [bearing.localAsn] }],
    ...(bearing.isInternal ? { localPref } : {}),
    ...(communities.length > 0 ? { communities } : {}),
    ...(largeCommunities.length > 0 ? { largeCommunities } : {}),
    ...(linkBandwidth === undefined ? {} : { extendedCommunities: [linkBandwidthOf(linkBandwidth, bearing)] }),
  }
}

/** Towards another AS the type that passes on: what does not, a router may drop where the AS ends (RFC 4360 section 6). */
function linkBandwidthOf(bytesPerSecond: number, { localAsn, isInternal }: Bearing): Uint8Array {
  return linkBandwidthCommunity({ asn: localAsn, bytesPerSecond, transitive: !isInternal })
}

export function announcement(attributes: Attributes, manner: Manner, reachable: readonly Prefix[]): Update {
  const { family, form, nextHop, linkLocal } = manner
  if (form === 'classic') return { kind: 'update', withdrawn: [], attributes: { ...attributes, nextHop }, reachable }
  const mpReach = { family, nextHop, reachable, ...(linkLocal === undefined ? {} : { linkLocal }) }
  return { kind: 'update', withdrawn: [], attributes: { ...attributes, mpReach }, reachable: [] }
}

export function withdrawal({ family, form }: Pick<Manner, 'family' | 'form'>, withdrawn: readonly Prefix[]): Update {
  if (form === 'classic') return { kind: 'update', withdrawn, attributes: {}, reachable: [] }
  return { kind: 'update', withdrawn: [], attributes: { mpUnreach: { family, withdrawn } }, reachable: [] }
}
