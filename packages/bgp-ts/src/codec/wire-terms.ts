import { LARGEST_EXTENDED_MESSAGE, LARGEST_MESSAGE } from '../constants.ts'
import type { Message } from '../message.ts'

/** What two peers agreed upon that changes how bytes are to be read. */
export type WireTerms = {
  /** RFC 6793: both offered it, so AS numbers take four octets in AS_PATH and AGGREGATOR. */
  readonly fourOctetAsn: boolean
  /** RFC 8654: both offered it. */
  readonly extendedMessage: boolean
  /** The peer is of our AS: LOCAL_PREF is demanded, elsewhere it is ignored. */
  readonly internal: boolean
}

/** Before the OPENs have been compared. */
export const OPENING_TERMS: WireTerms = { fourOctetAsn: false, extendedMessage: false, internal: false }

/** How many bytes a message may have. RFC 8654 section 4: OPEN and KEEPALIVE are never extended. */
export function largestMessage(kind: Message['kind'], terms: WireTerms): number {
  return terms.extendedMessage && kind !== 'open' && kind !== 'keepalive' ? LARGEST_EXTENDED_MESSAGE : LARGEST_MESSAGE
}
