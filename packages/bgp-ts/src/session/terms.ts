import type { Family } from '@steelyard/net'
import type { WireTerms } from '../codec/wire-terms.ts'

/** What two OPENs together come to. */
export type Agreed = {
  readonly remoteAsn: number
  readonly remoteRouterId: number
  /** The smaller of both offers; 0 = no hold timer. */
  readonly holdMs: number
  /** 0 = none are sent. */
  readonly keepaliveMs: number
  readonly families: readonly Family[]
  readonly isInternal: boolean
  readonly fourOctetAsn: boolean
  readonly extendedNextHop: boolean
  readonly extendedMessage: boolean
  readonly routeRefresh: boolean
  readonly enhancedRouteRefresh: boolean
  readonly gracefulRestart: boolean
  /** RFC 8538: both offered the N bit. */
  readonly hardReset: boolean
}

export function wireTermsOf(agreed: Agreed): WireTerms {
  return {
    fourOctetAsn: agreed.fourOctetAsn,
    extendedMessage: agreed.extendedMessage,
    internal: agreed.isInternal,
  }
}
