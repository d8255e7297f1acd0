import assert from 'node:assert/strict'
import { type Mac, writer } from '@steelyard/net'
import type {
  BpfInstruction,
  Closable,
  LinkIo,
  NetlinkEvent,
  NetlinkSocket,
  PacketSocket,
  ReceivedFrame,
} from '../link-io.ts'
import type { SystemCallError } from '../system-call-error.ts'
import type { UdpIo } from '../transport-io.ts'

/** One end of the cable that a case plays on. */
export type ContractEnd = { readonly ifindex: number; readonly name: string; readonly mac: Mac }

/**
 * What a case of the contract plays on: two interfaces of one host at the two ends of one cable, both
 * up, fresh for each case, with link-local IPv6 addresses that are usable. Addresses are text.
 */
export type ContractBench = {
  readonly io: LinkIo & UdpIo
  readonly near: ContractEnd
  readonly far: ContractEnd
  /** All of these are done to the near end. */
  readonly setUp: (up: boolean) => void
  readonly addAddress: (address: string, prefixLength: number) => void
  readonly removeAddress: (address: string, prefixLength: number) => void
  readonly setNeighbour: (address: string, mac: Mac) => void
  readonly remove: () => void
  /** The IPv6 groups that this host listens to there, with those that every host does. */
  readonly groups: () => readonly string[]
  /** How many descriptors are open. */
  readonly openDescriptors: () => number
}

/** A sentence, and what shows that it holds. */
export type ContractCase = { readonly name: string; readonly run: (bench: ContractBench) => void }

/** IEEE 802: "Local Experimental EtherType 2", which no kernel ever sends by itself. */
export const EXPERIMENTAL = 0x88b6

/** Keeps experimental frames, `kept` bytes of them. */
export function experimentalFilter(kept = 65535): readonly BpfInstruction[] {
  return [
    { code: 0x28, jt: 0, jf: 0, k: 12 },
    { code: 0x15, jt: 0, jf: 1, k: EXPERIMENTAL },
    { code: 0x06, jt: 0, jf: 0, k: kept },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ]
}

export const BROADCAST: Mac = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
/** Locally administered groups and stations that are nobody's. */
export const SOME_GROUP: Mac = Uint8Array.of(0x33, 0x33, 0x12, 0x34, 0x56, 0x78)
export const SOMEBODY_ELSE: Mac = Uint8Array.of(0x02, 0x12, 0x34, 0x56, 0x78, 0x9a)

type FrameParts = { readonly to: Mac; readonly from: Mac; readonly text: string; readonly etherType?: number }

export function frameOf({ to, from, text, etherType = EXPERIMENTAL }: FrameParts): Uint8Array {
  return writer().bytes(to).bytes(from).u16(etherType).bytes(new TextEncoder().encode(text)).done()
}

/** What stands behind the Ethernet header. */
export function textOf(frame: ReceivedFrame): string {
  return new TextDecoder().decode(frame.bytes.subarray(14))
}

export type Ends = { readonly near: PacketSocket; readonly far: PacketSocket }

/** A packet socket at both ends that keeps experimental frames. */
export function openEnds({ io, near, far }: ContractBench): Ends {
  const filter = experimentalFilter()
  return {
    near: io.openPacket({ ifindex: near.ifindex, filter }),
    far: io.openPacket({ ifindex: far.ifindex, filter }),
  }
}

/** Long enough for any machine; nothing waits so long unless it fails. */
const LONG_MS = 1000
const MOST_POLLS = 30
const EVENT_POLL_MS = 100
/** In which what should not come would have come. */
const QUIET_MS = 40

export function awaitFrame(io: LinkIo, socket: PacketSocket): ReceivedFrame {
  assert.deepEqual(io.poll([socket.fd], LONG_MS), [socket.fd], 'no frame came')
  const frame = socket.receive()
  assert.ok(frame !== undefined, 'the socket was ready and had no frame')
  return frame
}

export function assertQuiet(io: LinkIo, ...sockets: readonly Closable[]): void {
  const fds = sockets.map(({ fd }) => fd)
  assert.deepEqual(io.poll(fds, QUIET_MS), [])
}

/** Receives until an event is found; the kernel may tell of other things before it. */
export function awaitEvent<T>(io: LinkIo, netlink: NetlinkSocket, find: (event: NetlinkEvent) => T | undefined): T {
  for (let polls = 0; polls < MOST_POLLS; polls++) {
    io.poll([netlink.fd], EVENT_POLL_MS)
    const found = netlink
      .receive()
      .map(find)
      .find((each) => each !== undefined)
    if (found !== undefined) return found
  }
  return assert.fail('the event did not come')
}

/** Asserts that a call is refused by the kernel with these words. */
export function assertRefused(act: () => unknown, call: string, errno: string): void {
  assert.throws(act, (error: SystemCallError) => {
    assert.deepEqual(
      { name: error.name, call: error.call, errno: error.errno },
      { name: 'SystemCallError', call, errno },
    )
    return true
  })
}
