import {
  type Address,
  addressBytes,
  addressFromBytes,
  type Family,
  formatAddress,
  type Prefix,
  type Reader,
  WireError,
  writer,
} from '@steelyard/net'
import { AFI, SAFI_UNICAST } from '../constants.ts'
import type { Attributes, MpReach } from '../message.ts'
import { type PrefixField, readPrefixes, writePrefixes } from './prefixes.ts'

export const AFI_OF_FAMILY: Readonly<Record<Family, number>> = { 4: AFI.ipv4, 6: AFI.ipv6 }

/** The family whose unicast routes these two numbers name; undefined for all else. */
export function familyOf(afi: number, safi: number): Family | undefined {
  if (safi !== SAFI_UNICAST) return undefined
  if (afi === AFI.ipv4) return 4
  return afi === AFI.ipv6 ? 6 : undefined
}

/** Of an attribute for routes that nobody here can hold: passed over, RFC 4760 section 7. */
export type Foreign = { readonly foreign: string }

/** @throws WireError: RFC 7606 section 7.11 */
export function readMpReach(from: Reader, keep: boolean): { value: MpReach; field: PrefixField } | Foreign {
  const [afi, safi] = [from.u16(), from.u8()]
  const nextHopBytes = from.bytes(from.u8())
  // RFC 4760 section 3: reserved, to be ignored.
  from.skip(1)
  const family = familyOf(afi, safi)
  if (family === undefined) return foreign(afi, safi)
  const nextHops = readNextHops(family, nextHopBytes, from.offset())
  const field = readPrefixes(from, family, keep)
  return { value: { family, ...nextHops, reachable: field.prefixes }, field }
}

/** 4 bytes, 16, or 32: a global address with a link-local one (RFC 2545 section 3), for IPv4 routes by RFC 8950 section 3. */
function readNextHops(family: Family, bytes: Uint8Array, at: number): Pick<MpReach, 'nextHop' | 'linkLocal'> {
  const nextHop = addressFromBytes(bytes.length === 32 ? bytes.subarray(0, 16) : bytes)
  if (nextHop === undefined || (family === 6 && nextHop.family === 4)) {
    throw new WireError(`a next hop of ${bytes.length} bytes for IPv${family} routes`, at)
  }
  const linkLocal = bytes.length === 32 ? addressFromBytes(bytes.subarray(16)) : undefined
  return linkLocal === undefined ? { nextHop } : { nextHop, linkLocal }
}

/** @throws WireError: RFC 7606 section 7.12 */
export function readMpUnreach(
  from: Reader,
  keep: boolean,
): { value: NonNullable<Attributes['mpUnreach']>; field: PrefixField } | Foreign {
  const [afi, safi] = [from.u16(), from.u8()]
  const family = familyOf(afi, safi)
  if (family === undefined) return foreign(afi, safi)
  const field = readPrefixes(from, family, keep)
  return { value: { family, withdrawn: field.prefixes }, field }
}

const foreign = (afi: number, safi: number): Foreign => ({ foreign: `routes of AFI ${afi} SAFI ${safi}` })

export function writeMpReach({ family, nextHop, linkLocal, reachable }: MpReach): Uint8Array {
  const hops = linkLocal === undefined ? [nextHop] : [nextHop, linkLocal]
  if ((family === 6 || linkLocal !== undefined) && hops.some((hop) => hop.family === 4)) throw noNextHop(family, hops)
  const to = writer().u16(AFI_OF_FAMILY[family]).u8(SAFI_UNICAST)
  to.u8(hops.reduce((sum, hop) => sum + 4 * hop.words.length, 0))
  for (const hop of hops) to.bytes(addressBytes(hop))
  to.u8(0)
  writePrefixes(to, family, reachable)
  return to.done()
}

const noNextHop = (family: Family, hops: readonly Address[]): WireError =>
  new WireError(`${hops.map(formatAddress).join(' and ')} as the next hop of IPv${family} routes`, 0)

export function writeMpUnreach({ family, withdrawn }: { family: Family; withdrawn: readonly Prefix[] }): Uint8Array {
  const to = writer().u16(AFI_OF_FAMILY[family]).u8(SAFI_UNICAST)
  writePrefixes(to, family, withdrawn)
  return to.done()
}
