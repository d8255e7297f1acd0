import assert from 'node:assert/strict'
import type { Closable } from '../link-io.ts'
import { type ContractBench, type ContractCase, experimentalFilter, SOMEBODY_ELSE } from './bench.ts'

/** What untyped code could pass. */
type Row = readonly [
  what: string,
  expected: RegExp,
  act: (bench: ContractBench, given: never) => unknown,
  given: unknown,
]

const RET = { code: 0x06, jt: 0, jf: 0, k: 0 }
const openFilter = ({ io, near }: ContractBench, filter: never): unknown =>
  io.openPacket({ ifindex: near.ifindex, filter })
const openIfindex = ({ io }: ContractBench, ifindex: never): unknown =>
  io.openPacket({ ifindex, filter: experimentalFilter() })
const openEtherType = ({ io, near }: ContractBench, etherType: never): unknown =>
  io.openPacket({ ifindex: near.ifindex, filter: experimentalFilter(), etherType })
const openClass = ({ io, near }: ContractBench, trafficClass: never): unknown =>
  io.openPacket({ ifindex: near.ifindex, filter: experimentalFilter(), trafficClass })
const sendFrame = ({ io, near }: ContractBench, frame: never): void =>
  io.openPacket({ ifindex: near.ifindex, filter: experimentalFilter() }).send(frame)
const joinMac = ({ io, near }: ContractBench, mac: never): void =>
  io.openPacket({ ifindex: near.ifindex, filter: experimentalFilter() }).joinMulticastMac(mac)
const joinGroup = ({ io, near }: ContractBench, group: never): void =>
  io.openGroups({ ifindex: near.ifindex }).join(group)
const receiveTypes = ({ io, near }: ContractBench, types: never): unknown =>
  io.openGroups({ ifindex: near.ifindex, receiveTypes: types })
const sendTo = ({ io, near }: ContractBench, to: never): void =>
  io.openGroups({ ifindex: near.ifindex }).send(to, new Uint8Array(8))
const openUdp = ({ io }: ContractBench, change: never): unknown =>
  io.openUdp({ address: { family: 4, words: [0] }, port: 0, ttl: 64, ...(change as object) })
const sendUdp = ({ io }: ContractBench, change: never): void => {
  const { bytes = new Uint8Array(1), ...to }: { readonly bytes?: Uint8Array } = change
  const target = { address: { family: 4, words: [0x7f000001] }, port: 9, ...to } as const
  io.openUdp({ address: { family: 4, words: [0] }, port: 0, ttl: 64 }).send(target, bytes)
}
const topics = ({ io }: ContractBench, given: never): unknown => io.openNetlink({ topics: given })
const poll = ({ io }: ContractBench, fds: never): unknown => io.poll(fds, 0)
const pollFor = ({ io }: ContractBench, timeoutMs: never): unknown => io.poll([], timeoutMs)

const REFUSED: readonly Row[] = [
  ['an interface index that is text', /TypeError: ifindex must be a number, not string/, openIfindex, '1'],
  ['interface index 0', /RangeError: ifindex must be an integer from 1 to 2147483647, not 0/, openIfindex, 0],
  ['an interface index beyond an int', /RangeError: ifindex .* not 2147483648/, openIfindex, 2 ** 31],
  ['an interface index with a fraction', /RangeError: ifindex .* not 1.5/, openIfindex, 1.5],
  ['an interface index NaN', /RangeError: ifindex .* not NaN/, openIfindex, Number.NaN],
  ['a filter that is no array', /TypeError: filter must be an array of instructions, not object/, openFilter, {}],
  ['an empty filter', /RangeError: the length of filter must be an integer from 1 to 4092, not 0/, openFilter, []],
  [
    'a filter of 4097',
    /RangeError: the length of filter .* not 4097/,
    openFilter,
    Array.from({ length: 4097 }, () => RET),
  ],
  ['an instruction null', /TypeError: filter\[0\] must be an instruction, not null/, openFilter, [null]],
  ['an instruction without k', /TypeError: filter\[0\].k must be a number/, openFilter, [{ code: 6, jt: 0, jf: 0 }]],
  ['a jump of 256', /RangeError: filter\[0\].jt must be .* not 256/, openFilter, [{ ...RET, jt: 256 }]],
  ['an unknown instruction', /RangeError: filter\[0\] has the unknown code 0xff/, openFilter, [{ ...RET, code: 0xff }]],
  ['a filter that does not return', /filter\[0\] is the last and must return/, openFilter, [{ ...RET, code: 0x20 }]],
  [
    'a jump out of the filter',
    /filter\[0\] jumps 1 ahead, and 1 ins/,
    openFilter,
    [{ ...RET, code: 0x15, jt: 1 }, RET],
  ],
  ['scratch word 16', /filter\[0\] uses scratch word 16/, openFilter, [{ ...RET, code: 0x02, k: 16 }, RET]],
  ['a division by zero', /filter\[0\] divides by zero/, openFilter, [{ ...RET, code: 0x34 }, RET]],
  ['a shift by 32', /filter\[0\] shifts by 32/, openFilter, [{ ...RET, code: 0x64, k: 32 }, RET]],
  ['an EtherType that is a length', /RangeError: etherType must be an integer from 1536 to 65535/, openEtherType, 1500],
  ['a traffic class -1 of frames', /RangeError: trafficClass must be an integer from 0 to 255/, openClass, -1],
  ['a frame that is text', /TypeError: frame must be a Uint8Array, not string/, sendFrame, 'frame'],
  ['a frame of 13 bytes', /RangeError: frame must be 14 to 65535 bytes long, not 13/, sendFrame, new Uint8Array(13)],
  ['a frame of 65536 bytes', /RangeError: frame must be .* not 65536/, sendFrame, new Uint8Array(65536)],
  ['a MAC of 5 bytes', /RangeError: mac must be 6 bytes long, not 5/, joinMac, new Uint8Array(5)],
  [
    'a MAC of one station',
    /RangeError: mac must be a multicast address, not 02:12:34:56:78:9a/,
    joinMac,
    SOMEBODY_ELSE,
  ],
  ['a group of 4 bytes', /RangeError: group must be 16 bytes long, not 4/, joinGroup, new Uint8Array(4)],
  [
    'a group that is none',
    /RangeError: group must be an IPv6 multicast address, not ::/,
    joinGroup,
    new Uint8Array(16),
  ],
  ['an ICMPv6 type 256', /RangeError: receiveTypes\[1\] must be an integer from 0 to 255/, receiveTypes, [1, 256]],
  ['ICMPv6 types that are no array', /TypeError: receiveTypes must be an array/, receiveTypes, 133],
  ['an address that is text', /TypeError: to must be an Address, not string/, sendTo, 'ff02::1'],
  ['an IPv4 address', /RangeError: to must be an IPv6 address, not an IPv4 one/, sendTo, { family: 4, words: [1] }],
  ['an address of three words', /TypeError: to must be an Address/, sendTo, { family: 6, words: [1, 2, 3] }],
  ['a UDP port of 65536', /RangeError: port must be an integer from 0 to 65535/, openUdp, { port: 65536 }],
  ['a UDP address that is text', /TypeError: address must be an Address/, openUdp, { address: '::' }],
  ['a TTL of 0', /RangeError: ttl must be an integer from 1 to 255, not 0/, openUdp, { ttl: 0 }],
  [
    'a traffic class of 256',
    /RangeError: trafficClass must be an integer from 0 to 255, not 256/,
    openUdp,
    { trafficClass: 256 },
  ],
  ['a device with a slash', /RangeError: device must be an interface's name/, openUdp, { device: 'a/b' }],
  ['a UDP target with port 0', /RangeError: to.port must be an integer from 1 to 65535/, sendUdp, { port: 0 }],
  [
    'a UDP target of the other family',
    /RangeError: to.address must be an IPv4 address, not an IPv6 one/,
    sendUdp,
    { address: { family: 6, words: [0, 0, 0, 1] } },
  ],
  ['a datagram of 65508 bytes', /RangeError: bytes must be 0 to 65507/, sendUdp, { bytes: new Uint8Array(65508) }],
  ['a datagram that is text', /TypeError: bytes must be a Uint8Array/, sendUdp, { bytes: 'beat' }],
  ['a topic that is none', /RangeError: topics\[0\] must be one of link, address, neighbour/, topics, ['route']],
  ['descriptors that are no array', /TypeError: fds must be an array, not number/, poll, 3],
  ['a negative descriptor', /RangeError: fds\[0\] must be an integer from 0 to 2147483647, not -1/, poll, [-1]],
  ['a timeout that is text', /TypeError: timeoutMs must be a number, not string/, pollFor, '5'],
  ['a timeout NaN', /RangeError: timeoutMs must be a number of milliseconds, not NaN/, pollFor, Number.NaN],
]

const ARGUMENTS: readonly ContractCase[] = REFUSED.map(([what, expected, act, given]) => ({
  name: `${what} is refused, and nothing stays open that was not`,
  run: (bench) => {
    const before = bench.openDescriptors()
    // The rows are what types forbid; whether they are refused all the same is what is asked here.
    assert.throws(() => act(bench, given as never), expected)
    assert.ok(bench.openDescriptors() <= before + 1)
  },
}))

/** Each kind of thing, and every use of it that is not closing it. */
const OPENERS: readonly (readonly [what: string, open: (bench: ContractBench) => [Closable, (() => unknown)[]]])[] = [
  [
    'packet socket',
    ({ io, near }) => {
      const socket = io.openPacket({ ifindex: near.ifindex, filter: experimentalFilter() })
      const group = Uint8Array.of(0x33, 0x33, 0, 0, 0, 9)
      socket.joinMulticastMac(group)
      const uses = [
        () => socket.receive(),
        () => socket.send(new Uint8Array(60)),
        () => socket.joinMulticastMac(group),
        () => socket.leaveMulticastMac(group),
        () => socket.joinAllMulticast(),
        () => socket.leaveAllMulticast(),
      ]
      return [socket, uses]
    },
  ],
  [
    'ICMPv6 socket',
    ({ io, near }) => {
      const socket = io.openGroups({ ifindex: near.ifindex })
      const group = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9)
      socket.join(group)
      const to = { family: 6, words: [0xff020000, 0, 0, 1] } as const
      const uses = [
        () => socket.receive(),
        () => socket.send(to, new Uint8Array(8)),
        () => socket.join(group),
        () => socket.leave(group),
      ]
      return [socket, uses]
    },
  ],
  [
    'netlink socket',
    ({ io }) => {
      const socket = io.openNetlink()
      const uses = [
        () => socket.receive(),
        () => socket.dumpLinks(),
        () => socket.dumpAddresses(),
        () => socket.dumpNeighbours(),
      ]
      return [socket, uses]
    },
  ],
  [
    'UDP socket',
    ({ io }) => {
      const local = { family: 4, words: [0x7f000001] } as const
      const socket = io.openUdp({ address: local, port: 0, ttl: 64 })
      return [socket, [() => socket.receive(), () => socket.send({ address: local, port: 9 }, new Uint8Array(1))]]
    },
  ],
  [
    'wake',
    ({ io }) => {
      const wake = io.openWake()
      return [wake, [() => wake.wake(), () => wake.clear(), () => wake.handle]]
    },
  ],
]

const CLOSING: readonly ContractCase[] = OPENERS.map(([what, open]) => ({
  name: `a closed ${what} can be closed again, and every other use says that it is closed`,
  run: (bench) => {
    const before = bench.openDescriptors()
    const [socket, uses] = open(bench)
    socket.close()
    // Takes the number that has become free; nothing below may reach it.
    const next = bench.io.openWake()
    socket.close()
    assert.equal(socket.fd, -1)
    for (const use of uses) assert.throws(use, new RegExp(`this ${what} is closed`))
    assert.throws(() => bench.io.poll([socket.fd], 0), /RangeError: fds\[0\]/)
    next.wake()
    assert.deepEqual(bench.io.poll([next.fd], 1000), [next.fd])
    next.close()
    assert.equal(bench.openDescriptors(), before)
  },
}))

export const ARGUMENT_CASES: readonly ContractCase[] = [...ARGUMENTS, ...CLOSING]
