import { ARGUMENT_CASES } from './argument-cases.ts'
import type { ContractCase } from './bench.ts'
import { EVENT_CASES } from './event-cases.ts'
import { GROUP_CASES } from './group-cases.ts'
import { NETLINK_CASES } from './netlink-cases.ts'
import { PACKET_CASES } from './packet-cases.ts'
import { UDP_CASES } from './udp-cases.ts'

/** What every `LinkIo & UdpIo` keeps, the kernel's and the one in memory: run each case on a bench of its own. */
export const LINK_IO_CONTRACT: readonly { readonly subject: string; readonly cases: readonly ContractCase[] }[] = [
  { subject: 'packet sockets', cases: PACKET_CASES },
  { subject: 'group sockets', cases: GROUP_CASES },
  { subject: 'netlink sockets', cases: NETLINK_CASES },
  { subject: 'UDP sockets', cases: UDP_CASES },
  { subject: 'poll and wake', cases: EVENT_CASES },
  { subject: 'arguments and closing', cases: ARGUMENT_CASES },
]
