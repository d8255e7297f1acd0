import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE,
  ETHERTYPE_OFFSET,
  IPV6_HEADER_BYTES,
  IPV6_NEXT_HEADER_OFFSET,
  NDP_TYPE,
  NEXT_HEADER_ICMPV6,
} from './constants.ts'

/** One instruction of the kernel's classic packet filter, `struct sock_filter` of `linux/filter.h`. */
export type BpfInstruction = {
  readonly code: number
  /** Instructions to skip when the test holds, and when it does not. */
  readonly jt: number
  readonly jf: number
  readonly k: number
}

/** Opcodes, `linux/bpf_common.h`: class, width and mode added up. */
export const LOAD = { word: 0x20, half: 0x28, byte: 0x30 } as const
export const TEST = { equal: 0x15, greater: 0x25, anyBit: 0x45 } as const
export const RETURN = 0x06
/** What the kernel knows beside the bytes is loaded from here, `SKF_AD_OFF`; `linux/filter.h`. */
const ANCILLARY = 0xffff_f000
const PACKET_TYPE = ANCILLARY + 4
const VLAN_TAG = ANCILLARY + 44
/** Asked first: some kernels leave the tag's value behind when they take it off. */
const VLAN_TAG_PRESENT = ANCILLARY + 48
/** `PACKET_MULTICAST` of `linux/if_packet.h`; above it stand other hosts' frames and those that leave. */
const LAST_FOR_US = 2
const VLAN_ID_BITS = 0x0fff
export const WHOLE_FRAME = 0xffff

type Row =
  | { readonly load: number; readonly from: number; readonly name?: 'untagged' }
  | { readonly test: number; readonly k: number; readonly yes?: Exit; readonly no?: Exit }
type Exit = 'accept' | 'drop' | 'untagged'

/**
 * ARP, neighbour solicitations and advertisements that arrived for this machine. The kernel takes
 * VLAN tags off before it filters, so a frame of a VLAN looks plain on the parent interface: it is
 * dropped there by its tag, and accepted on the VLAN's own interface, where the tag is gone. VLAN 0
 * is only a priority and belongs to the parent (IEEE 802.1Q section 6.9).
 */
const ROWS: readonly Row[] = [
  { load: LOAD.word, from: PACKET_TYPE },
  { test: TEST.greater, k: LAST_FOR_US, yes: 'drop' },
  { load: LOAD.word, from: VLAN_TAG_PRESENT },
  { test: TEST.equal, k: 0, yes: 'untagged' },
  { load: LOAD.word, from: VLAN_TAG },
  { test: TEST.anyBit, k: VLAN_ID_BITS, yes: 'drop' },
  { name: 'untagged', load: LOAD.half, from: ETHERTYPE_OFFSET },
  { test: TEST.equal, k: ETHERTYPE.arp, yes: 'accept' },
  { test: TEST.equal, k: ETHERTYPE.ipv6, no: 'drop' },
  { load: LOAD.byte, from: ETHERNET_HEADER_BYTES + IPV6_NEXT_HEADER_OFFSET },
  { test: TEST.equal, k: NEXT_HEADER_ICMPV6, no: 'drop' },
  { load: LOAD.byte, from: ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES },
  { test: TEST.equal, k: NDP_TYPE.solicitation, yes: 'accept' },
  { test: TEST.equal, k: NDP_TYPE.advertisement, yes: 'accept', no: 'drop' },
]

/** The program for `SO_ATTACH_FILTER` on a packet socket of type `SOCK_RAW`. */
export const NEIGHBOUR_FILTER: readonly BpfInstruction[] = [
  ...ROWS.map(assembled),
  { code: RETURN, jt: 0, jf: 0, k: WHOLE_FRAME },
  { code: RETURN, jt: 0, jf: 0, k: 0 },
]

/** A jump counts from the next instruction. */
function assembled(row: Row, index: number): BpfInstruction {
  if ('load' in row) return { code: row.load, jt: 0, jf: 0, k: row.from }
  const to = (exit: Exit | undefined): number => (exit === undefined ? 0 : placeOf(exit) - index - 1)
  return { code: row.test, jt: to(row.yes), jf: to(row.no), k: row.k }
}

/** The two returns stand behind the rows. */
function placeOf(exit: Exit): number {
  if (exit === 'accept') return ROWS.length
  return exit === 'drop' ? ROWS.length + 1 : ROWS.findIndex((row) => 'load' in row && row.name === exit)
}
