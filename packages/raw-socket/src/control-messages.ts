import { type Address, reader, type Reader } from '@steelyard/net'
import { IP_PKTINFO, IP_TTL, IPPROTO_IP, IPPROTO_IPV6, IPV6_HOPLIMIT, IPV6_PKTINFO } from './constants.ts'
import { HOST_ORDER } from './host-order.ts'
import { readAddress } from './sockaddr.ts'

/** What the kernel told beside a datagram (cmsg(3)). */
export type Arrival = {
  readonly ttl: number | undefined
  readonly destination: Address | undefined
  readonly ifindex: number | undefined
}

const NOTHING: Arrival = { ttl: undefined, destination: undefined, ifindex: undefined }

/**
 * Reads control messages: `struct cmsghdr` is a length of one `size_t`, level and type; each starts
 * at a multiple of a `size_t`.
 * @throws WireError when a length does not fit.
 */
export function readArrival(control: Uint8Array, wordSize: number): Arrival {
  const from = reader(control)
  let arrival = NOTHING
  while (from.remaining() >= wordSize + 8) {
    const length = readSize(from, wordSize)
    const kind = { level: HOST_ORDER.u32(from), type: HOST_ORDER.u32(from) }
    const payload = from.sub(Math.max(0, length - wordSize - 8))
    from.skip(Math.min(from.remaining(), -length & (wordSize - 1)))
    arrival = { ...arrival, ...readOne(kind, payload) }
  }
  return arrival
}

/** A `size_t`. Its upper half is nothing but zero in what the kernel writes. */
function readSize(from: Reader, wordSize: number): number {
  if (wordSize === 4) return HOST_ORDER.u32(from)
  return Math.max(HOST_ORDER.u32(from), HOST_ORDER.u32(from))
}

function readOne(kind: { level: number; type: number }, payload: Reader): Partial<Arrival> {
  if (kind.level === IPPROTO_IP) return readIpv4(kind.type, payload)
  return kind.level === IPPROTO_IPV6 ? readIpv6(kind.type, payload) : {}
}

/** ip(7): `struct in_pktinfo` is the interface, the local address, and the header's destination. */
function readIpv4(type: number, payload: Reader): Partial<Arrival> {
  if (type === IP_TTL) return { ttl: HOST_ORDER.u32(payload) }
  if (type !== IP_PKTINFO) return {}
  const ifindex = HOST_ORDER.u32(payload)
  payload.skip(4)
  return { ifindex, destination: readAddress(payload.bytes(4)) }
}

/** RFC 3542 section 6: `struct in6_pktinfo` is the destination and the interface. */
function readIpv6(type: number, payload: Reader): Partial<Arrival> {
  if (type === IPV6_HOPLIMIT) return { ttl: HOST_ORDER.u32(payload) }
  if (type !== IPV6_PKTINFO) return {}
  return { destination: readAddress(payload.bytes(16)), ifindex: HOST_ORDER.u32(payload) }
}
