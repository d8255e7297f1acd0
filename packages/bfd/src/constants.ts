/**
 * The numbers of BFD. RFC 5880 is the protocol, RFC 5881 one hop, RFC 5883 several; ports and diagnostics
 * are registered at IANA ("Service Name and Transport Protocol Port Number Registry", "BFD Parameters").
 */

/** RFC 5881 section 4. */
export const CONTROL_PORT = 3784
/** RFC 5881 section 4. */
export const ECHO_PORT = 3785
/** RFC 5883 section 5. */
export const MULTIHOP_PORT = 4784
/** RFC 5881 section 4: source ports, one of them for all of a session's packets. */
export const SOURCE_PORTS = { first: 49_152, last: 65_535 } as const
/** RFC 5881 section 5 (RFC 5082): what was sent with this and arrives with it has passed no router. */
export const TTL = 255

/** RFC 5880 section 4.1. */
export const VERSION = 1
/** RFC 5880 section 4.1: the mandatory section, and section 6.8.6: the least with authentication. */
export const PACKET_BYTES = 24
export const LEAST_AUTHENTICATED_BYTES = 26

/** RFC 5880 section 4.1, the Sta field: the place in this list is the code. */
export const STATES = ['adminDown', 'down', 'init', 'up'] as const

/** RFC 5880 section 4.1, the Diag field. */
export const DIAGNOSTIC = {
  none: 0,
  detectionTimeExpired: 1,
  echoFailed: 2,
  neighbourDown: 3,
  administrativelyDown: 7,
} as const

/** What each diagnostic says, by its code (0 says nothing). */
const SENTENCES: readonly string[] = [
  '',
  'control detection time expired',
  'echo function failed',
  'neighbour signalled session down',
  'forwarding plane reset',
  'path down',
  'concatenated path down',
  'administratively down',
  'reverse concatenated path down',
  'mis-connectivity defect',
]

/** A diagnostic in words. '': it gives no reason. */
export function diagnosticInWords(code: number): string {
  return SENTENCES[code] ?? `diagnostic ${code}`
}

/** RFC 5880 section 6.8.3: while a session is not up, and RFC 5880 section 6.8.9: while echoes run, no faster than this. */
export const SLOW_MS = 1000

/** RFC 5880 section 6.8.7: the least and the most of the interval that is waited, and the most with a multiplier of 1. */
export const JITTER = { least: 0.75, most: 1, mostOfOne: 0.9 } as const
