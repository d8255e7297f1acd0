/**
 * RFC 4594 section 3.2: class selector 6, what keeps a network running: routing, and whether a neighbour lives. As an octet of
 * the header of IPv4 or IPv6 (RFC 2474 section 3), with the two bits that are not the class's.
 */
export const NETWORK_CONTROL = 0xc0

/** RFC 2474 section 4.2.2: the three highest bits, which IPv4 first called precedence, order classes by urgency. */
export function precedenceOf(trafficClass: number): number {
  return trafficClass >> 5
}
