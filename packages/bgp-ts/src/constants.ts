/**
 * The one home of the numbers of BGP-4.
 * "Border Gateway Protocol (BGP) Parameters" and "BGP Extended Communities" at IANA; RFC 4271 and those named beside the numbers.
 */

/** RFC 4271 section 4.2. */
export const BGP_VERSION = 4
/** RFC 4271 section 3: "BGP listens on TCP port 179". */
export const BGP_PORT = 179

/** RFC 4271 section 4.1: sixteen octets of ones, length, type. */
export const MARKER_BYTES = 16
export const MARKER_OCTET = 0xff
export const HEADER_BYTES = 19
export const LARGEST_MESSAGE = 4096
/** RFC 8654 section 4: not for OPEN and KEEPALIVE. */
export const LARGEST_EXTENDED_MESSAGE = 65_535

/** RFC 4271 section 4.1, RFC 2918. */
export const MESSAGE_TYPE = { open: 1, update: 2, notification: 3, keepalive: 4, routeRefresh: 5 } as const

/** RFC 6793 section 9: in two octets, a number that needs four. */
export const AS_TRANS = 23_456
export const LARGEST_TWO_OCTET_ASN = 0xffff

/** RFC 4271 section 4.2: 0 = no keepalives, else at least this many seconds. */
export const SHORTEST_HOLD_SECONDS = 3

/** RFC 4271 section 4.2, RFC 5492 section 4, RFC 9072 section 2. */
export const OPTIONAL_PARAMETER = { capabilities: 2, extendedLength: 255 } as const

/** "Capability Codes" at IANA. RFC 4760, 2918, 8950, 8654, 4724, 6793, 7313. */
export const CAPABILITY = {
  multiprotocol: 1,
  routeRefresh: 2,
  extendedNextHop: 5,
  extendedMessage: 6,
  gracefulRestart: 64,
  fourOctetAsn: 65,
  enhancedRouteRefresh: 70,
} as const

/** RFC 4724 section 3: flags and time share 16 bits; RFC 8538 section 2: the N bit. */
export const RESTART_FLAG = { restarting: 0x8000, notification: 0x4000 } as const
export const RESTART_SECONDS_MASK = 0x0fff
export const FORWARDING_FLAG = 0x80

/** "Address Family Numbers" at IANA. */
export const AFI = { ipv4: 1, ipv6: 2 } as const
/** "Subsequent Address Family Identifiers" at IANA. */
export const SAFI_UNICAST = 1

/** RFC 4271 section 4.3. */
export const ATTRIBUTE_FLAG = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const

/** "BGP Path Attributes" at IANA. RFC 4271, 1997, 4456, 4760, 4360, 6793, 5701, 8092. */
export const ATTRIBUTE = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReach: 14,
  mpUnreach: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  largeCommunities: 32,
} as const

/** RFC 4271 section 4.3. */
export const ORIGIN_CODE = { igp: 0, egp: 1, incomplete: 2 } as const
/** RFC 4271 section 4.3, RFC 5065 section 3. */
export const SEGMENT_CODE = { set: 1, sequence: 2, confedSequence: 3, confedSet: 4 } as const

/** RFC 4271 section 4.5, RFC 7313 section 5, RFC 9687 section 4. */
export const ERROR_CODE = {
  header: 1,
  open: 2,
  update: 3,
  holdTimer: 4,
  stateMachine: 5,
  cease: 6,
  routeRefresh: 7,
  sendHoldTimer: 8,
} as const
export const UNSPECIFIC = 0
/** RFC 4271 section 6.1. */
export const HEADER_ERROR = { notSynchronized: 1, badLength: 2, badType: 3 } as const
/** RFC 4271 section 6.2, RFC 5492 section 5. */
export const OPEN_ERROR = {
  unsupportedVersion: 1,
  badPeerAs: 2,
  badIdentifier: 3,
  unsupportedParameter: 4,
  unacceptableHoldTime: 6,
  unsupportedCapability: 7,
} as const
/** RFC 4271 section 6.3. */
export const UPDATE_ERROR = {
  malformedAttributeList: 1,
  unrecognizedWellKnown: 2,
  missingWellKnown: 3,
  attributeFlags: 4,
  attributeLength: 5,
  invalidOrigin: 6,
  invalidNextHop: 8,
  optionalAttribute: 9,
  invalidNetwork: 10,
  malformedAsPath: 11,
} as const
/** RFC 6608: in which state the message was none to expect. */
export const STATE_MACHINE_ERROR = { openSent: 1, openConfirm: 2, established: 3 } as const
/** RFC 4486, RFC 8538 section 3, RFC 9384. */
export const CEASE = {
  prefixLimit: 1,
  administrativeShutdown: 2,
  peerDeconfigured: 3,
  administrativeReset: 4,
  connectionRejected: 5,
  configurationChange: 6,
  collision: 7,
  outOfResources: 8,
  hardReset: 9,
  bfdDown: 10,
} as const
/** RFC 7313 section 5. */
export const ROUTE_REFRESH_ERROR = { invalidLength: 1 } as const

/** RFC 9003 section 2: octets of UTF-8 behind a length octet. */
export const LONGEST_SHUTDOWN_TEXT = 255

/** RFC 7313 section 3.2. */
export const REFRESH_SUBTYPE = { request: 0, begin: 1, end: 2 } as const

/** draft-ietf-idr-link-bandwidth: two-octet AS specific, whether or not it passes on to the next AS. */
export const LINK_BANDWIDTH = { transitive: 0x00, nonTransitive: 0x40, subtype: 0x04 } as const
