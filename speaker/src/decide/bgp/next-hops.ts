import { isLinkLocal } from '@steelyard/arp-lib'
import type { NextHops } from '@steelyard/bgp-ts'
import { type Address, type Family, prefixContains, prefixOf, sameAddress } from '@steelyard/net'

/** An address of this host, as the kernel lists them. */
export type HostAddress = {
  /** Of its interface. */
  readonly index: number
  readonly address: Address
  readonly prefixLength: number
  /** rtnetlink(7) `ifa_scope`; only `host` (the loopback's own) and `nowhere` are looked at. */
  readonly scope: string
  /** Duplicate address detection has not passed it: not usable. */
  readonly tentative: boolean
}

/** The two ends of a connection. */
export type Ends = {
  readonly localAddress: Address
  readonly remoteAddress: Address
  /** The interface of a link-local peer; whatever else is found by the addresses. */
  readonly ifindex?: number
}

/**
 * What a peer at the other end is told to send our traffic to (contract section 9.4):
 *
 * - `ipv4`: on IPv4 the local address; on IPv6 the first IPv4 address of the interface, for a peer that does not
 *   know IPv6 next hops of IPv4 routes (RFC 8950): one that does gets `ipv6` and `linkLocal` there as well.
 * - `ipv6`: on IPv6 the local address; on IPv4 the first global IPv6 address of the interface.
 * - `linkLocal`: beside a global IPv6 next hop, when the IPv6 peer is on the link (RFC 2545 section 3).
 */
export function nextHopsOf(host: readonly HostAddress[], ends: Ends): NextHops {
  const { localAddress, remoteAddress } = ends
  const usable = host.filter(({ tentative }) => !tentative)
  const index = outgoingInterface(usable, ends)
  const ofInterface = usable.filter((one) => one.index === index)
  if (localAddress.family === 4) return { ipv4: localAddress, ...some('ipv6', firstGlobal(ofInterface, 6)) }
  const isNear = isLinkLocal(remoteAddress) || isConnected(ofInterface, remoteAddress)
  const linkLocal = ofInterface.find(({ address }) => isLinkLocal(address))?.address
  return {
    ...some('ipv4', firstGlobal(ofInterface, 4)),
    ipv6: localAddress,
    ...some('linkLocal', isNear && !isLinkLocal(localAddress) ? linkLocal : undefined),
  }
}

/**
 * The BGP Identifier where none is configured: the connection's local IPv4 address, else the first one of its
 * interface, else `otherwise`. Never 0 (RFC 6286 section 2.1).
 */
export function routerIdOf(host: readonly HostAddress[], ends: Ends, otherwise: number): number {
  const { ipv4 } = nextHopsOf(host, ends)
  return ipv4?.words[0] || otherwise || 1
}

/** Whether an address is on a subnet of this host, so that no router stands between. Link-local ones always are. */
export function isOnLink(host: readonly HostAddress[], remote: Address): boolean {
  return isLinkLocal(remote) || isConnected(host, remote)
}

/** The interface towards the peer: the one whose subnet it is on, else the one that has our address. */
function outgoingInterface(host: readonly HostAddress[], ends: Ends): number | undefined {
  if (ends.ifindex !== undefined) return ends.ifindex
  const { localAddress, remoteAddress } = ends
  const mine = host.filter(({ address }) => sameAddress(address, localAddress))
  const near = host.filter((one) => holds(one, remoteAddress)).toSorted((a, b) => b.prefixLength - a.prefixLength)
  // Of two interfaces on the peer's subnet the one with our address is in use.
  const both = near.find(({ index }) => mine.some((one) => one.index === index))
  return (both ?? near[0] ?? mine[0])?.index
}

/** fe80::/64 is on every interface, so that it tells nothing of where a link-local peer is. */
function holds({ address, prefixLength }: HostAddress, remote: Address): boolean {
  return !isLinkLocal(address) && prefixContains(prefixOf(address, prefixLength), remote)
}

function isConnected(host: readonly HostAddress[], remote: Address): boolean {
  return host.some((one) => holds(one, remote))
}

/** In the kernel's order: an interface's primary address comes before its secondary ones. */
function firstGlobal(host: readonly HostAddress[], family: Family): Address | undefined {
  return host.find(
    ({ address, scope }) =>
      address.family === family && scope !== 'host' && scope !== 'nowhere' && !isLinkLocal(address),
  )?.address
}

function some<Name extends string>(name: Name, address: Address | undefined): { [K in Name]?: Address } {
  return address === undefined ? {} : ({ [name]: address } as { [K in Name]?: Address })
}
