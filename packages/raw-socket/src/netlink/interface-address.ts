import { type Reader, WireError } from '@steelyard/net'
import { AF_INET, AF_INET6 } from '../constants.ts'
import type { HostOrder } from '../host-order.ts'
import type { AddressScope, InterfaceAddress } from '../link-io.ts'
import { readAddress } from '../sockaddr.ts'
import { IFA_ADDRESS, IFA_F_TENTATIVE, IFA_LOCAL } from './constants.ts'
import { readAttributes } from './messages.ts'

/** linux/rtnetlink.h: `rt_scope_t`. */
const SCOPES: ReadonlyMap<number, AddressScope> = new Map([
  [0, 'global'],
  [200, 'site'],
  [253, 'link'],
  [254, 'host'],
  [255, 'nowhere'],
])

/**
 * Reads the body of RTM_NEWADDR or RTM_DELADDR: `struct ifaddrmsg` and attributes.
 * @returns undefined for other families than IPv4 and IPv6.
 * @throws WireError
 */
export function readInterfaceAddress(from: Reader, order: HostOrder): InterfaceAddress | undefined {
  const family = from.u8()
  const prefixLength = from.u8()
  const flags = from.u8()
  const scope = from.u8()
  const index = order.u32(from)
  const attributes = readAttributes(from, order)
  if (family !== AF_INET && family !== AF_INET6) return undefined
  // On a point-to-point interface IFA_ADDRESS is the other end; IFA_LOCAL, where there is one, is ours.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS)
  if (bytes === undefined) throw new WireError('interface address without an address', from.offset())
  return {
    index,
    address: readAddress(bytes),
    prefixLength,
    scope: SCOPES.get(scope) ?? 'other',
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
  }
}
