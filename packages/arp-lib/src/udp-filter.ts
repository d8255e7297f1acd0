import {
  ETHERNET_HEADER_BYTES,
  ETHERTYPE,
  ETHERTYPE_OFFSET,
  IPV4_FRAGMENT_BITS,
  IPV4_FRAGMENT_OFFSET,
  IPV4_PROTOCOL_OFFSET,
  IPV6_HEADER_BYTES,
  IPV6_NEXT_HEADER_OFFSET,
  NEXT_HEADER_UDP,
  UDP_PORT_OFFSET,
} from './constants.ts'
import { type BpfInstruction, LOAD, RETURN, TEST, WHOLE_FRAME } from './packet-filter.ts'

/** `BPF_LDX|BPF_MSH` takes the length of an IPv4 header into the index register, `BPF_LD|BPF_IND` loads relative to it. */
const LOAD_HEADER_LENGTH = 0xb1
const LOAD_HALF_BEHIND = 0x48

/** A program in order; `yes` and `no` are places in it. */
type Line = { readonly code: number; readonly k: number; readonly yes?: number; readonly no?: number }
const IPV6 = 9
const ACCEPT = 14
const DROP = 15

/** Keeps the frames that hold a datagram for a port: IPv4, of fragments the first, and IPv6 without extension headers. */
export function udpPortFilter(port: number): readonly BpfInstruction[] {
  const lines: readonly Line[] = [
    { code: LOAD.half, k: ETHERTYPE_OFFSET },
    { code: TEST.equal, k: ETHERTYPE.ipv4, no: IPV6 },
    { code: LOAD.byte, k: ETHERNET_HEADER_BYTES + IPV4_PROTOCOL_OFFSET },
    { code: TEST.equal, k: NEXT_HEADER_UDP, no: DROP },
    { code: LOAD.half, k: ETHERNET_HEADER_BYTES + IPV4_FRAGMENT_OFFSET },
    { code: TEST.anyBit, k: IPV4_FRAGMENT_BITS, yes: DROP },
    { code: LOAD_HEADER_LENGTH, k: ETHERNET_HEADER_BYTES },
    { code: LOAD_HALF_BEHIND, k: ETHERNET_HEADER_BYTES + UDP_PORT_OFFSET },
    { code: TEST.equal, k: port, yes: ACCEPT, no: DROP },
    { code: TEST.equal, k: ETHERTYPE.ipv6, no: DROP },
    { code: LOAD.byte, k: ETHERNET_HEADER_BYTES + IPV6_NEXT_HEADER_OFFSET },
    { code: TEST.equal, k: NEXT_HEADER_UDP, no: DROP },
    { code: LOAD.half, k: ETHERNET_HEADER_BYTES + IPV6_HEADER_BYTES + UDP_PORT_OFFSET },
    { code: TEST.equal, k: port, yes: ACCEPT, no: DROP },
    { code: RETURN, k: WHOLE_FRAME },
    { code: RETURN, k: 0 },
  ]
  return lines.map(({ code, k, yes, no }, at) => ({ code, jt: jump(yes, at), jf: jump(no, at), k }))
}

/** A jump counts from the next instruction. */
function jump(to: number | undefined, at: number): number {
  return to === undefined ? 0 : to - at - 1
}
