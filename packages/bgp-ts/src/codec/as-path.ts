import { type Reader, WireError, type Writer, writer } from '@steelyard/net'
import { AS_TRANS, LARGEST_TWO_OCTET_ASN, SEGMENT_CODE } from '../constants.ts'
import type { AsSegment } from '../message.ts'

export type AsnBytes = 2 | 4

const KIND_OF_CODE = new Map<number, AsSegment['kind']>([
  [SEGMENT_CODE.set, 'set'],
  [SEGMENT_CODE.sequence, 'sequence'],
  [SEGMENT_CODE.confedSequence, 'confedSequence'],
  [SEGMENT_CODE.confedSet, 'confedSet'],
])

/**
 * Reads AS_PATH or AS4_PATH to the end.
 * @throws WireError for what RFC 7606 section 7.2 calls malformed, and for AS 0 (RFC 7607)
 */
export function readAsPath(from: Reader, width: AsnBytes): AsSegment[] {
  const segments: AsSegment[] = []
  while (from.remaining() > 0) {
    const code = from.u8()
    const kind = KIND_OF_CODE.get(code)
    if (kind === undefined) throw new WireError(`AS path segment type ${code} is unknown`, from.offset() - 1)
    const count = from.u8()
    if (count === 0) throw new WireError('an AS path segment is empty', from.offset() - 1)
    const asns: number[] = []
    for (let left = count; left > 0; left--) asns.push(readAsn(from, width))
    segments.push({ kind, asns })
  }
  return segments
}

/** @throws WireError for AS 0: RFC 7607 section 2 */
export function readAsn(from: Reader, width: AsnBytes): number {
  const asn = width === 4 ? from.u32() : from.u16()
  if (asn === 0) throw new WireError('AS 0', from.offset() - width)
  return asn
}

/** In two octets, a number that needs four is AS_TRANS: RFC 6793 section 4.2.2. */
export function writeAsPath(segments: readonly AsSegment[], width: AsnBytes): Uint8Array {
  const to = writer()
  for (const { kind, asns } of segments) {
    if (asns.length === 0) throw new WireError('an AS path segment is empty', to.length())
    to.u8(SEGMENT_CODE[kind]).u8(asns.length)
    for (const asn of asns) writeAsn(to, asn, width)
  }
  return to.done()
}

function writeAsn(to: Writer, asn: number, width: AsnBytes): void {
  if (width === 4) to.u32(asn)
  else to.u16(twoOctetAsn(asn))
}

/** What stands for an AS number in a field of two octets. */
export const twoOctetAsn = (asn: number): number => (asn > LARGEST_TWO_OCTET_ASN ? AS_TRANS : asn)

/** RFC 6793 section 4.2.2: towards a peer that knows two octets, with the path as it really is; confederations' segments are left out. */
export function as4PathOf(segments: readonly AsSegment[]): readonly AsSegment[] | undefined {
  const needed = segments.some(({ asns }) => asns.some((asn) => asn > LARGEST_TWO_OCTET_ASN))
  return needed ? withoutConfederations(segments) : undefined
}

/** RFC 6793 section 6: these segments are to be ignored in an AS4_PATH. */
export const withoutConfederations = (segments: readonly AsSegment[]): readonly AsSegment[] =>
  segments.filter(({ kind }) => kind === 'sequence' || kind === 'set')
