import { LINK_BANDWIDTH } from '../constants.ts'
import { twoOctetAsn } from './as-path.ts'

/** draft-ietf-idr-link-bandwidth: what a path can carry, for weighted load balancing. */
export type LinkBandwidth = {
  /** Of who set it; in two octets, so AS_TRANS stands for those that need four. */
  readonly asn: number
  readonly bytesPerSecond: number
  /** Passes on to the next AS. */
  readonly transitive: boolean
}

/** An extended community (RFC 4360) with the bandwidth as an IEEE 754 float of 32 bits. */
export function linkBandwidthCommunity({ asn, bytesPerSecond, transitive }: LinkBandwidth): Uint8Array {
  const community = new Uint8Array(8)
  const view = new DataView(community.buffer)
  view.setUint8(0, transitive ? LINK_BANDWIDTH.transitive : LINK_BANDWIDTH.nonTransitive)
  view.setUint8(1, LINK_BANDWIDTH.subtype)
  view.setUint16(2, twoOctetAsn(asn))
  view.setFloat32(4, bytesPerSecond)
  return community
}

/** @returns undefined when it is another community, or what it says is no bandwidth */
export function linkBandwidthOf(community: Uint8Array): LinkBandwidth | undefined {
  const { transitive, nonTransitive, subtype } = LINK_BANDWIDTH
  const [type] = community
  if (community.length !== 8 || community[1] !== subtype || (type !== transitive && type !== nonTransitive)) {
    return undefined
  }
  const view = new DataView(community.buffer, community.byteOffset, community.byteLength)
  const bytesPerSecond = view.getFloat32(4)
  if (!Number.isFinite(bytesPerSecond) || bytesPerSecond < 0) return undefined
  return { asn: view.getUint16(2), bytesPerSecond, transitive: type === transitive }
}
