import type { LinkIo } from '@steelyard/raw-socket'
import type { HostAddress } from '../decide/bgp/next-hops.ts'
import { addressesWithin } from '../decide/bgp/routing-domain.ts'

/** @param device what the session is bound to, a VRF above all. @throws SystemCallError */
export type HostAddresses = (device: string | undefined) => readonly HostAddress[]

/** The addresses of this host now, asked anew each time: a connection that comes up is rare. */
export function hostAddresses(io: Pick<LinkIo, 'openNetlink'>): HostAddresses {
  return (device) => {
    const netlink = io.openNetlink({ topics: [] })
    try {
      return addressesWithin(device, netlink.dumpLinks(), netlink.dumpAddresses())
    } finally {
      netlink.close()
    }
  }
}
