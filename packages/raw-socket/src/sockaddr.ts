import { type Address, addressBytes, addressFromBytes, reader, WireError, writer } from '@steelyard/net'
import { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET } from './constants.ts'
import { HOST_ORDER } from './host-order.ts'

/**
 * The kernel's socket addresses (ip(7), ipv6(7), packet(7), netlink(7)) as bytes. The family and the
 * numbers of the host's own stand in host order, ports and addresses in network order.
 */

/** An address, a port, and for a link-local address its interface. */
export type InternetName = { readonly address: Address; readonly port: number; readonly ifindex: number }

/** `struct sockaddr_in` (16 bytes) or `struct sockaddr_in6` (28). */
export function internetSockaddr({ address, port, ifindex }: InternetName): Uint8Array {
  const out = HOST_ORDER.putU16(writer(), address.family === 4 ? AF_INET : AF_INET6).u16(port)
  if (address.family === 4) return out.bytes(addressBytes(address)).bytes(new Uint8Array(8)).done()
  const flowInfo = 0
  return HOST_ORDER.putU32(out.u32(flowInfo).bytes(addressBytes(address)), ifindex).done()
}

/** @throws WireError when it is neither kind, or too short. */
export function readInternetSockaddr(bytes: Uint8Array): InternetName {
  const from = reader(bytes)
  const family = HOST_ORDER.u16(from)
  if (family !== AF_INET && family !== AF_INET6) throw new WireError(`address family ${family}`, 0)
  const port = from.u16()
  if (family === AF_INET) return { address: readAddress(from.bytes(4)), port, ifindex: 0 }
  from.skip(4)
  return { port, address: readAddress(from.bytes(16)), ifindex: HOST_ORDER.u32(from) }
}

/** @throws WireError unless they are 4 or 16. */
export function readAddress(bytes: Uint8Array): Address {
  const address = addressFromBytes(bytes)
  if (address === undefined) throw new WireError(`an address of ${bytes.length} bytes`, 0)
  return address
}

/** `struct sockaddr_ll` as bind(2) wants it: which frames, of which interface. */
export function packetSockaddr(etherType: number, ifindex: number): Uint8Array {
  const out = HOST_ORDER.putU16(writer(), AF_PACKET).u16(etherType)
  return HOST_ORDER.putU32(out, ifindex).bytes(new Uint8Array(12)).done()
}

const PACKET_TYPE_OFFSET = 10

/** `sll_pkttype` of a `struct sockaddr_ll`. */
export function readPacketType(sockaddr: Uint8Array): number {
  const from = reader(sockaddr)
  from.skip(PACKET_TYPE_OFFSET)
  return from.u8()
}

/** `struct sockaddr_nl`: from a port the kernel picks, subscribed to `groups` (a bit for each). */
export function netlinkSockaddr(groups: number): Uint8Array {
  const anyPort = 0
  const out = HOST_ORDER.putU16(writer(), AF_NETLINK).u16(0)
  return HOST_ORDER.putU32(HOST_ORDER.putU32(out, anyPort), groups).done()
}

/** `nl_pid`: 0 is the kernel. */
export function readNetlinkPort(sockaddr: Uint8Array): number {
  const from = reader(sockaddr)
  from.skip(4)
  return HOST_ORDER.u32(from)
}
