import { writer } from '@steelyard/net'
import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { IPV6_JOIN_GROUP, IPV6_LEAVE_GROUP } from './constants.ts'
import { fakeAddon } from './fake-addon.ts'
import { openGroupSocket } from './group-socket.ts'
import { icmp6Filter } from './icmp6-filter.ts'
import { kernelOf } from './kernel.ts'

const ROOM = 3

/** An addon each of whose sockets has room for three memberships, and `errno` after that. */
function crowded(errno: number, mostSockets = 100) {
  const held = new Map<number, number>()
  const addon = fakeAddon({
    socket: () => {
      const fd = 10 + held.size
      if (held.size >= mostSockets) return -constants.errno.EMFILE
      held.set(fd, 0)
      return fd
    },
    close: (fd) => (held.delete(fd) ? 0 : -constants.errno.EBADF),
    setOption: (fd, _level, name) => {
      const count = held.get(fd)
      assert.ok(count !== undefined)
      if (name === IPV6_JOIN_GROUP && count >= ROOM) return -errno
      if (name === IPV6_JOIN_GROUP) held.set(fd, count + 1)
      if (name === IPV6_LEAVE_GROUP) held.set(fd, count - 1)
      return 0
    },
  })
  return { held, socket: openGroupSocket(kernelOf(addon), { ifindex: 1 }) }
}

const group = (number: number): Uint8Array => writer().u32(0xff020000).u32(0).u32(1).u32(number).done()

describe('more groups than a socket holds', () => {
  for (const errno of ['ENOMEM', 'ENOBUFS'] as const) {
    it(`go to a further socket on ${errno}`, () => {
      const { held, socket } = crowded(constants.errno[errno])
      for (let number = 0; number < 7; number++) socket.join(group(number))
      assert.deepEqual([...held.values()], [3, 3, 1])
    })
  }

  it('are left on the socket that holds them, and its room is used again', () => {
    const { held, socket } = crowded(constants.errno.ENOMEM)
    for (let number = 0; number < 6; number++) socket.join(group(number))
    socket.leave(group(1))
    assert.deepEqual([...held.values()], [2, 3])
    socket.join(group(9))
    assert.deepEqual([...held.values()], [3, 3])
  })

  it('are all given back by closing', () => {
    const { held, socket } = crowded(constants.errno.ENOMEM)
    for (let number = 0; number < 7; number++) socket.join(group(number))
    socket.close()
    assert.equal(held.size, 0)
  })

  it('are refused when no further socket can be opened, and what was joined stays', () => {
    const { held, socket } = crowded(constants.errno.ENOMEM, 1)
    for (let number = 0; number < 3; number++) socket.join(group(number))
    assert.throws(() => socket.join(group(3)), /socket: EMFILE/)
    assert.deepEqual([...held.values()], [3])
  })

  it('another error is told as it is', () => {
    const { held, socket } = crowded(constants.errno.ENODEV)
    for (let number = 0; number < 3; number++) socket.join(group(number))
    assert.throws(() => socket.join(group(3)), /setsockopt: ENODEV \(IPV6_JOIN_GROUP\)/)
    assert.equal(held.size, 1)
  })
})

describe('the ICMPv6 filter', () => {
  it('blocks all but what is asked for', () => {
    const blocked = (bytes: Uint8Array): number[] => {
      const words = new Uint32Array(bytes.slice().buffer)
      return Array.from({ length: 256 }, (_, type) => type).filter(
        (type) => ((words[type >> 5] ?? 0) >>> (type & 31)) & 1,
      )
    }
    assert.equal(blocked(icmp6Filter([])).length, 256)
    const all = Array.from({ length: 256 }, (_, type) => type)
    assert.deepEqual(
      blocked(icmp6Filter([0, 31, 32, 134, 255])),
      all.filter((type) => ![0, 31, 32, 134, 255].includes(type)),
    )
  })
})
