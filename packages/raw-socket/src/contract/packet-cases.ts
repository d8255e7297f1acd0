import assert from 'node:assert/strict'
import type { BpfInstruction, PacketType } from '../link-io.ts'
import {
  assertQuiet,
  assertRefused,
  awaitFrame,
  BROADCAST,
  type ContractBench,
  type ContractCase,
  EXPERIMENTAL,
  experimentalFilter,
  frameOf,
  openEnds,
  OTHER_ETHERTYPE,
  SOME_GROUP,
  SOMEBODY_ELSE,
  textOf,
} from './bench.ts'

const UNKNOWN_IFINDEX = 999_999

/** Keeps every frame that does not leave: loads the packet type, as `SKF_AD_PKTTYPE`. */
const NOT_OUTGOING: readonly BpfInstruction[] = [
  { code: 0x20, jt: 0, jf: 0, k: 0xfffff004 },
  { code: 0x15, jt: 3, jf: 0, k: 4 },
  { code: 0x28, jt: 0, jf: 0, k: 12 },
  { code: 0x15, jt: 0, jf: 1, k: EXPERIMENTAL },
  { code: 0x06, jt: 0, jf: 0, k: 65535 },
  { code: 0x06, jt: 0, jf: 0, k: 0 },
]

function arrival(name: string, expected: PacketType, to: (bench: ContractBench) => Uint8Array): ContractCase {
  return {
    name: `a frame for ${name} arrives whole, as ${expected}`,
    run: (bench) => {
      const ends = openEnds(bench)
      ends.far.joinMulticastMac(SOME_GROUP)
      const frame = frameOf({ to: to(bench), from: bench.near.mac, text: `for ${name}` })
      ends.near.send(frame)
      const { bytes, packetType } = awaitFrame(bench.io, ends.far)
      assert.deepEqual({ bytes: Uint8Array.from(bytes), packetType }, { bytes: frame, packetType: expected })
    },
  }
}

const ARRIVALS: readonly ContractCase[] = [
  arrival("the interface's own MAC", 'host', ({ far }) => far.mac),
  arrival('everybody', 'broadcast', () => BROADCAST),
  arrival('a group that was joined', 'multicast', () => SOME_GROUP),
  arrival("somebody else's MAC", 'otherhost', () => SOMEBODY_ELSE),
]

const MEMBERSHIPS: readonly ContractCase[] = [
  {
    name: 'joining a MAC twice is one membership, and leaving what is not joined does nothing',
    run: (bench) => {
      const { far } = openEnds(bench)
      far.leaveMulticastMac(SOME_GROUP)
      far.joinMulticastMac(SOME_GROUP)
      far.joinMulticastMac(SOME_GROUP)
      far.leaveMulticastMac(SOME_GROUP)
      far.leaveMulticastMac(SOME_GROUP)
    },
  },
  {
    name: 'a socket of one EtherType that joined a MAC gets what is sent to it',
    run: (bench) => {
      const group = Uint8Array.of(0x03, 0x12, 0x34, 0x56, 0x78, 0x9a)
      const filter = experimentalFilter()
      const far = bench.io.openPacket({ ifindex: bench.far.ifindex, filter, etherType: EXPERIMENTAL })
      far.joinMulticastMac(group)
      const { near } = openEnds(bench)
      near.send(frameOf({ to: group, from: bench.near.mac, text: 'beat' }))
      const { packetType, ...frame } = awaitFrame(bench.io, far)
      assert.deepEqual([textOf({ packetType, ...frame }), packetType], ['beat', 'multicast'])
      assertQuiet(bench.io, near, far)
    },
  },
  {
    name: 'a socket that joined all multicast gets a group that nobody joined',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      far.joinAllMulticast()
      near.send(frameOf({ to: SOME_GROUP, from: bench.near.mac, text: 'all' }))
      assert.equal(awaitFrame(bench.io, far).packetType, 'multicast')
      far.leaveAllMulticast()
      far.leaveAllMulticast()
    },
  },
]

const FILTERS: readonly ContractCase[] = [
  {
    name: 'what the filter drops never arrives',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'other', etherType: OTHER_ETHERTYPE }))
      near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'kept' }))
      assert.equal(textOf(awaitFrame(bench.io, far)), 'kept')
      assertQuiet(bench.io, far)
    },
  },
  {
    name: 'a filter that keeps 20 bytes gives 20 bytes',
    run: (bench) => {
      const far = bench.io.openPacket({ ifindex: bench.far.ifindex, filter: experimentalFilter(20) })
      openEnds(bench).near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'longer than six' }))
      assert.equal(textOf(awaitFrame(bench.io, far)), 'longer')
    },
  },
  {
    name: 'another socket of the interface sees what is sent as outgoing, and the sender does not',
    run: (bench) => {
      const { near } = openEnds(bench)
      const other = openEnds(bench).near
      near.send(frameOf({ to: bench.near.mac, from: bench.near.mac, text: 'mine' }))
      assert.equal(awaitFrame(bench.io, other).packetType, 'outgoing')
      assertQuiet(bench.io, near)
    },
  },
  {
    name: 'a filter on the packet type keeps out what is sent',
    run: (bench) => {
      const other = bench.io.openPacket({ ifindex: bench.near.ifindex, filter: NOT_OUTGOING })
      const { near, far } = openEnds(bench)
      near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'out' }))
      far.send(frameOf({ to: BROADCAST, from: bench.far.mac, text: 'in' }))
      assert.equal(textOf(awaitFrame(bench.io, other)), 'in')
      assertQuiet(bench.io, other)
    },
  },
  {
    name: 'a socket of one EtherType gets that, and nothing that is sent',
    run: (bench) => {
      const filter = [{ code: 0x06, jt: 0, jf: 0, k: 65535 }]
      const far = bench.io.openPacket({ ifindex: bench.far.ifindex, filter, etherType: EXPERIMENTAL })
      const ends = openEnds(bench)
      ends.near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'other', etherType: OTHER_ETHERTYPE }))
      ends.far.send(frameOf({ to: BROADCAST, from: bench.far.mac, text: 'sent' }))
      ends.near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'wanted' }))
      assert.equal(textOf(awaitFrame(bench.io, far)), 'wanted')
      assertQuiet(bench.io, far)
    },
  },
]

const RECEIVING: readonly ContractCase[] = [
  {
    name: 'a hundred frames arrive in the order in which they were sent',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      const sent = Array.from({ length: 100 }, (_, number) => `frame ${number}`)
      for (const text of sent) near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text }))
      const arrived = sent.map(() => textOf(awaitFrame(bench.io, far)))
      assert.deepEqual(arrived, sent)
    },
  },
  {
    name: 'receiving does not wait',
    run: (bench) => assert.equal(openEnds(bench).near.receive(), undefined),
  },
  {
    name: 'the bytes received are overwritten by the next that are, on any socket',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: 'first' }))
      far.send(frameOf({ to: BROADCAST, from: bench.far.mac, text: 'later' }))
      const first = awaitFrame(bench.io, far)
      awaitFrame(bench.io, near)
      assert.equal(textOf(first), 'later')
    },
  },
]

const FAILURES: readonly ContractCase[] = [
  {
    name: 'when the interface goes down the socket is ready, tells it once, and does not send',
    run: (bench) => {
      const { near } = openEnds(bench)
      bench.setUp(false)
      assert.deepEqual(bench.io.poll([near.fd], 1000), [near.fd])
      assertRefused(() => near.receive(), 'recvmsg', 'ENETDOWN')
      assert.equal(near.receive(), undefined)
      assertRefused(() => near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: '' })), 'sendto', 'ENETDOWN')
    },
  },
  {
    name: 'a socket goes on once its interface is up again',
    run: (bench) => {
      const { near, far } = openEnds(bench)
      bench.setUp(false)
      bench.setUp(true)
      assertRefused(() => near.receive(), 'recvmsg', 'ENETDOWN')
      far.send(frameOf({ to: BROADCAST, from: bench.far.mac, text: 'again' }))
      assert.equal(textOf(awaitFrame(bench.io, near)), 'again')
    },
  },
  {
    name: 'a socket opened on an interface that is down says so first',
    run: (bench) => {
      bench.setUp(false)
      const { near } = openEnds(bench)
      assertRefused(() => near.receive(), 'recvmsg', 'ENETDOWN')
    },
  },
  {
    name: 'an interface that was removed cannot be sent on, and its memberships can be left',
    run: (bench) => {
      const { near } = openEnds(bench)
      near.joinMulticastMac(SOME_GROUP)
      bench.remove()
      assertRefused(() => near.send(frameOf({ to: BROADCAST, from: bench.near.mac, text: '' })), 'sendto', 'ENXIO')
      near.leaveMulticastMac(SOME_GROUP)
      near.close()
    },
  },
  {
    name: 'an interface that does not exist is ENODEV, and nothing stays open',
    run: (bench) => {
      const before = bench.openDescriptors()
      const open = () => bench.io.openPacket({ ifindex: UNKNOWN_IFINDEX, filter: experimentalFilter() })
      assertRefused(open, 'bind', 'ENODEV')
      assert.equal(bench.openDescriptors(), before)
    },
  },
  {
    name: 'a frame longer than the MTU is EMSGSIZE',
    run: (bench) => {
      const frame = frameOf({ to: BROADCAST, from: bench.near.mac, text: 'x'.repeat(1501) })
      assertRefused(() => openEnds(bench).near.send(frame), 'sendto', 'EMSGSIZE')
    },
  },
]

export const PACKET_CASES: readonly ContractCase[] = [
  ...ARRIVALS,
  ...MEMBERSHIPS,
  ...FILTERS,
  ...RECEIVING,
  ...FAILURES,
]
