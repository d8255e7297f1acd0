import type { Mac } from '@steelyard/net'
import { hasLinkLocal, type KernelLink, type KernelView } from './kernel-view.ts'

export type Protocol = 'arp' | 'ndp'

/** One protocol on one interface: ARP carries IPv4 addresses, NDP IPv6 ones, and each may be usable without the other. */
export type ChannelPlan = {
  /** `protocol ifindex`: renaming an interface does not make it another one. */
  readonly key: string
  readonly protocol: Protocol
  readonly ifindex: number
  readonly name: string
  readonly mac: Mac
}

const ETHERNET_ADDRESS_BYTES = 6

/**
 * What can be announced on, contract §7.3. A link without carrier counts as down: nobody hears what
 * is said there, and its address had better be elsewhere.
 */
export function usableChannels(view: KernelView, excludes: (name: string) => boolean): ChannelPlan[] {
  return [...view.links.values()]
    .filter((link) => isUsable(link) && !excludes(link.name))
    .flatMap((link) => [
      ...(link.broadcast ? [plan('arp', link)] : []),
      ...(hasLinkLocal(view, link.index) ? [plan('ndp', link)] : []),
    ])
}

/** A loopback has no neighbours; what is enslaved to a bond, bridge or VRF hands its frames to its master. */
function isUsable({ up, running, noArp, loopback, masterIndex, mac }: KernelLink): boolean {
  return up && running && !noArp && !loopback && masterIndex === undefined && mac.length === ETHERNET_ADDRESS_BYTES
}

function plan(protocol: Protocol, { index, name, mac }: KernelLink): ChannelPlan {
  return { key: `${protocol} ${index}`, protocol, ifindex: index, name, mac }
}
