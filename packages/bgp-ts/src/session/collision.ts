import type { Track } from './state.ts'

/** One end of a session: what RFC 4271 section 6.8 and RFC 6286 section 2.3 compare. */
export type Speaker = { readonly routerId: number; readonly asn: number }

/**
 * Of two connections between the same speakers, the one to keep: that of the higher identifier, and when both are equal
 * (between two AS only, RFC 6286) that of the higher AS number.
 */
export function survivingDirection(ours: Speaker, theirs: Speaker): Track['direction'] {
  const difference = ours.routerId - theirs.routerId || ours.asn - theirs.asn
  return difference > 0 ? 'outgoing' : 'incoming'
}
