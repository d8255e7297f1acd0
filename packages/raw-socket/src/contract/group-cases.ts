import assert from 'node:assert/strict'
import { type Address, formatAddress, internetChecksum, writer } from '@steelyard/net'
import type { GroupSocket, LinkIo, ReceivedIcmp6 } from '../link-io.ts'
import { readAddress } from '../sockaddr.ts'
import { assertQuiet, assertRefused, type ContractCase } from './bench.ts'

/** ff02::1:ff and three octets: a solicited-node group (RFC 4291 section 2.7.1). */
function solicitedNode(number: number): Uint8Array {
  return writer()
    .u32(0xff020000)
    .u32(0)
    .u32(1)
    .u32(0xff000000 + number)
    .done()
}

const textOf = (group: Uint8Array): string => formatAddress(readAddress(group))
const ALL_NODES: Address = { family: 6, words: [0xff020000, 0, 0, 1] }
/** RFC 4727 section 6: ICMPv6 types for experiments. */
const EXPERIMENT = 200
const OTHER_EXPERIMENT = 201
const MESSAGE = Uint8Array.of(EXPERIMENT, 0, 0xff, 0xff, 1, 2, 3, 4)

const MEMBERSHIPS: readonly ContractCase[] = [
  {
    name: 'a group that was joined is listened to until it is left',
    run: ({ io, near, groups }) => {
      const socket = io.openGroups({ ifindex: near.ifindex })
      const group = solicitedNode(0x123456)
      assert.ok(!groups().includes(textOf(group)))
      socket.join(group)
      assert.ok(groups().includes(textOf(group)))
      socket.leave(group)
      assert.ok(!groups().includes(textOf(group)))
    },
  },
  {
    name: 'joining a group twice is one membership, and leaving what is not joined does nothing',
    run: ({ io, near, groups }) => {
      const socket = io.openGroups({ ifindex: near.ifindex })
      const group = solicitedNode(7)
      socket.leave(group)
      socket.join(group)
      socket.join(group)
      socket.leave(group)
      assert.ok(!groups().includes(textOf(group)))
    },
  },
  {
    name: 'closing leaves every group',
    run: ({ io, near, groups }) => {
      const socket = io.openGroups({ ifindex: near.ifindex })
      for (const number of [1, 2, 3]) socket.join(solicitedNode(number))
      socket.close()
      assert.ok(!groups().includes(textOf(solicitedNode(2))))
    },
  },
  {
    name: 'there is no limit to groups below thousands, and closing gives every descriptor back',
    run: ({ io, near, groups, openDescriptors }) => {
      const before = openDescriptors()
      const socket = io.openGroups({ ifindex: near.ifindex })
      const wanted = Array.from({ length: 4000 }, (_, number) => solicitedNode(number))
      for (const group of wanted) socket.join(group)
      const joined = new Set(groups())
      assert.deepEqual(
        wanted.map(textOf).filter((group) => !joined.has(group)),
        [],
      )
      for (const group of wanted) socket.leave(group)
      assert.ok(!groups().includes(textOf(solicitedNode(3999))))
      socket.close()
      assert.equal(openDescriptors(), before)
    },
  },
  {
    name: 'a group can be left when its interface is gone, and none joined',
    run: ({ io, near, remove }) => {
      const socket = io.openGroups({ ifindex: near.ifindex })
      socket.join(solicitedNode(1))
      remove()
      assertRefused(() => socket.join(solicitedNode(2)), 'setsockopt', 'ENODEV')
      socket.leave(solicitedNode(1))
      socket.close()
    },
  },
  {
    name: 'an interface that does not exist is ENODEV, and nothing stays open',
    run: ({ io, openDescriptors }) => {
      const before = openDescriptors()
      assertRefused(() => io.openGroups({ ifindex: 999_999 }), 'setsockopt', 'ENODEV')
      assert.equal(openDescriptors(), before)
    },
  },
]

function awaitMessage(io: LinkIo, socket: GroupSocket): ReceivedIcmp6 {
  assert.deepEqual(io.poll([socket.fd], 1000), [socket.fd], 'no message came')
  const message = socket.receive()
  assert.ok(message !== undefined)
  return message
}

const MESSAGES: readonly ContractCase[] = [
  {
    name: 'an ICMPv6 message arrives with hop limit 255, its checksum filled in, from a link-local address',
    run: ({ io, near, far }) => {
      const sender = io.openGroups({ ifindex: near.ifindex })
      const receiver = io.openGroups({ ifindex: far.ifindex, receiveTypes: [EXPERIMENT] })
      sender.send(ALL_NODES, MESSAGE)
      const { bytes, source, destination, hopLimit } = awaitMessage(io, receiver)
      assert.deepEqual([...bytes.subarray(4)], [1, 2, 3, 4])
      assert.equal(internetChecksum(pseudoHeader(source, bytes.length), bytes), 0)
      assert.equal((source.words[0] ?? 0) >>> 16, 0xfe80)
      assert.deepEqual({ destination, hopLimit }, { destination: ALL_NODES, hopLimit: 255 })
    },
  },
  {
    name: 'only the types that were asked for arrive, and none by default',
    run: ({ io, near, far }) => {
      const sender = io.openGroups({ ifindex: near.ifindex })
      const receiver = io.openGroups({ ifindex: far.ifindex, receiveTypes: [OTHER_EXPERIMENT] })
      const deaf = io.openGroups({ ifindex: far.ifindex })
      sender.send(ALL_NODES, MESSAGE)
      sender.send(ALL_NODES, Uint8Array.of(OTHER_EXPERIMENT, 0, 0, 0))
      assert.equal(awaitMessage(io, receiver).bytes[0], OTHER_EXPERIMENT)
      assertQuiet(io, receiver, deaf)
    },
  },
  {
    name: 'a socket hears neither itself nor another interface',
    run: ({ io, near, far }) => {
      const receiveTypes = [EXPERIMENT]
      const sender = io.openGroups({ ifindex: near.ifindex, receiveTypes })
      const neighbour = io.openGroups({ ifindex: near.ifindex, receiveTypes })
      const receiver = io.openGroups({ ifindex: far.ifindex, receiveTypes })
      sender.send(ALL_NODES, MESSAGE)
      awaitMessage(io, receiver)
      assertQuiet(io, sender, neighbour, receiver)
    },
  },
]

/** RFC 8200 section 8.1, to all nodes. */
function pseudoHeader(source: Address, length: number): Uint8Array {
  const out = writer()
  for (const word of [...source.words, ...ALL_NODES.words, length, 58]) out.u32(word)
  return out.done()
}

export const GROUP_CASES: readonly ContractCase[] = [...MEMBERSHIPS, ...MESSAGES]
