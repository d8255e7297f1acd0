import type { LinkBandwidth } from './router.ts'

/** Well-known communities (RFC 1997, RFC 8326, RFC 7999, RFC 3765) that routers print by name. */
const NAMED: Readonly<Record<string, string>> = {
  'graceful-shutdown': '65535:0',
  blackhole: '65535:666',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-as': '65535:65283',
  'no-export-subconfed': '65535:65283',
  'no-peer': '65535:65284',
}

/** `a:b`, whatever the router calls it. */
export function communityText(said: string): string {
  return NAMED[said.toLowerCase().replaceAll('_', '-')] ?? said
}

export function communityOf(number: number): string {
  return `${number >>> 16}:${number & 0xffff}`
}

export type ExtendedCommunities = Readonly<{
  linkBandwidth: LinkBandwidth | undefined
  extendedCommunities: readonly string[]
}>

/** Eight bytes of an extended community, as 16 hex digits. */
export function readExtended(communities: readonly string[]): ExtendedCommunities {
  const isBandwidth = (hex: string): boolean => /^[04]004/.test(hex)
  const bandwidth = communities.find(isBandwidth)
  return {
    linkBandwidth: bandwidth === undefined ? undefined : bandwidthOf(bandwidth),
    extendedCommunities: communities.filter((hex) => !isBandwidth(hex)),
  }
}

/** For routers that know no name for it: its subtype, the AS number, and the float as a number. */
export function bandwidthHex(asn: number, value: number): string {
  return `4004${(asn & 0xff_ff).toString(16).padStart(4, '0')}${(value >>> 0).toString(16).padStart(8, '0')}`
}

/** draft-ietf-idr-link-bandwidth: two octets of AS number, then bytes per second as an IEEE float. */
function bandwidthOf(hex: string): LinkBandwidth {
  const bytes = Buffer.from(hex, 'hex')
  return { asn: bytes.readUInt16BE(2), bytesPerSecond: bytes.readFloatBE(4) }
}
