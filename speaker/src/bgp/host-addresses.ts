import type { LinkIo } from '@steelyard/raw-socket'
import type { HostAddress } from '../decide/bgp/next-hops.ts'

/** The addresses of this host now, asked anew each time: a connection that comes up is rare. @throws SystemCallError */
export function hostAddresses(io: Pick<LinkIo, 'openNetlink'>): readonly HostAddress[] {
  const netlink = io.openNetlink({ topics: [] })
  try {
    return netlink.dumpAddresses()
  } finally {
    netlink.close()
  }
}
