import { reader, type Reader } from '@steelyard/net'
import type { HostOrder } from '../host-order.ts'
import type { Link } from '../link-io.ts'
import {
  AF_UNSPEC,
  IF_OPER_UNKNOWN,
  IF_OPER_UP,
  IFF_BROADCAST,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_NOARP,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_EVENT,
  IFLA_EVENT_BONDING_FAILOVER,
  IFLA_EVENT_NOTIFY_PEERS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_OPERSTATE,
} from './constants.ts'
import { readAttributes } from './messages.ts'

type Attributes = ReadonlyMap<number, Uint8Array>

/** An interface, and whether it is told of because it has moved: see `NetlinkEvent`. */
export type LinkNews = { readonly link: Link; readonly moved: boolean }

/**
 * Reads the body of RTM_NEWLINK or RTM_DELLINK: `struct ifinfomsg` and attributes.
 * @returns undefined for what is not about an interface itself: a bridge says with the same message,
 * under its own family, that a port came or went, and that "deleted" deletes no interface.
 * @throws WireError
 */
export function readLink(from: Reader, order: HostOrder): LinkNews | undefined {
  const family = from.u8()
  from.skip(3)
  const index = order.i32(from)
  const flags = order.u32(from)
  const changeMask = 4
  from.skip(changeMask)
  const attributes = readAttributes(from, order)
  const name = attributes.get(IFLA_IFNAME)
  if (family !== AF_UNSPEC || name === undefined) return undefined
  const masterIndex = readU32(attributes, IFLA_MASTER, order)
  const kind = readKind(attributes, order)
  const link = {
    index,
    name: readText(name),
    mac: attributes.get(IFLA_ADDRESS) ?? new Uint8Array(0),
    mtu: readU32(attributes, IFLA_MTU, order) ?? 0,
    ...readFlags(flags, attributes),
    ...(masterIndex === undefined ? {} : { masterIndex }),
    ...(kind === undefined ? {} : { kind }),
  }
  return { link, moved: MOVES.has(readU32(attributes, IFLA_EVENT, order) ?? 0) }
}

/** The first is told of a bond alone, also where it is told to ask nobody to announce (`num_grat_arp` 0); the second of any interface. */
const MOVES: ReadonlySet<number> = new Set([IFLA_EVENT_BONDING_FAILOVER, IFLA_EVENT_NOTIFY_PEERS])

type Flags = Pick<Link, 'up' | 'running' | 'broadcast' | 'noArp' | 'loopback'>

function readFlags(flags: number, attributes: Attributes): Flags {
  const operstate = attributes.get(IFLA_OPERSTATE)?.[0] ?? IF_OPER_UNKNOWN
  const operational = operstate === IF_OPER_UP || operstate === IF_OPER_UNKNOWN
  return {
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_LOWER_UP) !== 0 && operational,
    broadcast: (flags & IFF_BROADCAST) !== 0,
    noArp: (flags & IFF_NOARP) !== 0,
    loopback: (flags & IFF_LOOPBACK) !== 0,
  }
}

function readKind(attributes: Attributes, order: HostOrder): string | undefined {
  const info = attributes.get(IFLA_LINKINFO)
  if (info === undefined) return undefined
  const kind = readAttributes(reader(info), order).get(IFLA_INFO_KIND)
  return kind === undefined ? undefined : readText(kind)
}

function readU32(attributes: Attributes, type: number, order: HostOrder): number | undefined {
  const bytes = attributes.get(type)
  return bytes === undefined ? undefined : order.u32(reader(bytes))
}

/** Up to the closing NUL. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end))
}
