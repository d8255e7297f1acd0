export { type Addon, loadAddon } from './addon.ts'
export { randomProgram } from './bpf/random-program.ts'
export { type FrameFacts, runProgram } from './bpf/run-program.ts'
export { checkProgram } from './bpf/check-program.ts'
export type { ContractBench, ContractCase, ContractEnd } from './contract/bench.ts'
export { LINK_IO_CONTRACT } from './contract/link-io-contract.ts'
export { kernelIo } from './kernel-io.ts'
export {
  type AddressScope,
  type BpfInstruction,
  type Closable,
  type GroupSocket,
  type GroupSocketOptions,
  type InterfaceAddress,
  type Link,
  type LinkIo,
  LONGEST_POLL_MS,
  type Neighbour,
  type NeighbourState,
  type NetlinkEvent,
  type NetlinkSocket,
  type NetlinkTopic,
  type PacketSocket,
  type PacketSocketOptions,
  type PacketType,
  type ReceivedFrame,
  type ReceivedIcmp6,
  type Wake,
} from './link-io.ts'
export { type MemoryHost, memoryHost, type MemoryHostOptions } from './memory/host.ts'
export {
  type LinkChange,
  type MemoryAddress,
  type MemoryInterface,
  type MemoryInterfaceOptions,
} from './memory/interface.ts'
export {
  type EthernetSegment,
  ethernetSegment,
  type Plug,
  type SegmentOptions,
  type Station,
} from './memory/segment.ts'
export { SystemCallError } from './system-call-error.ts'
export type { ThreadIo } from './thread-io.ts'
export {
  type Datagram,
  type Md5Key,
  type TcpConnectOptions,
  type TcpListener,
  type TcpListenOptions,
  type TcpSocket,
  type TransportIo,
  type UdpIo,
  type UdpOptions,
  type UdpSocket,
  type UdpTarget,
} from './transport-io.ts'
