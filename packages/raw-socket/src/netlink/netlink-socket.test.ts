import { writer } from '@steelyard/net'
import assert from 'node:assert/strict'
import { constants, endianness } from 'node:os'
import { describe, it } from 'node:test'
import type { Addon } from '../addon.ts'
import { fakeAddon } from '../fake-addon.ts'
import { HOST_ORDER } from '../host-order.ts'
import { kernelOf } from '../kernel.ts'
import { openNetlinkSocket } from './netlink-socket.ts'

/** What a call of recvmsg(2) gives: a datagram, whose sender is the kernel unless said otherwise, or an errno. */
type Given =
  | { readonly bytes: Uint8Array; readonly port?: number; readonly flags?: number }
  | { readonly errno: number }

type Asked = { readonly type: number; readonly sequence: number }
type Fake = { readonly addon: Addon; readonly open: Set<number>; readonly asked: Asked[] }

/** An addon whose netlink sockets answer the n-th request with `answers[n]`, and tell `events` without one. */
function fakeKernel(answers: readonly (readonly Given[])[], events: readonly Given[] = []): Fake {
  const open = new Set<number>()
  const asked: Asked[] = []
  const waiting = new Map<number, Given[]>([[3, [...events]]])
  let next = 3
  const receive: Addon['receive'] = (fd, bytes, ancillary, told) => {
    const given = waiting.get(fd)?.shift()
    if (given === undefined) return -constants.errno.EAGAIN
    if ('errno' in given) return -given.errno
    bytes.set(given.bytes)
    ancillary.set(
      HOST_ORDER.putU32(writer().u32(0), given.port ?? 0)
        .u32(0)
        .done(),
    )
    told.set([12, 0, given.flags ?? 0])
    return given.bytes.length
  }
  const send: Addon['send'] = (fd, bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const little = endianness() === 'LE'
    asked.push({ type: view.getUint16(4, little), sequence: view.getUint32(8, little) })
    waiting.set(fd, [...(answers[asked.length - 1] ?? [])])
    return bytes.length
  }
  const addon = fakeAddon({
    socket: () => {
      open.add(next)
      return next++
    },
    close: (fd) => (open.delete(fd) ? 0 : -constants.errno.EBADF),
    poll: (fds) => ((waiting.get(fds[0] ?? -1)?.length ?? 0) > 0 ? 1 : 0),
    receive,
    send,
  })
  return { addon, open, asked }
}

type MessageParts = {
  readonly type: number
  readonly flags?: number
  readonly sequence?: number
  readonly body: Uint8Array
}

function message({ type, flags = 0, sequence = 0, body }: MessageParts): Uint8Array {
  const out = HOST_ORDER.putU32(writer(), 16 + body.length)
  HOST_ORDER.putU16(HOST_ORDER.putU16(out, type), flags)
  return HOST_ORDER.putU32(HOST_ORDER.putU32(out, sequence), 0).bytes(body).done()
}

const int = (value: number): Uint8Array => HOST_ORDER.putU32(writer(), value >>> 0).done()

/** RTM_NEWNEIGH for 192.0.2.N. */
function neighbour(last: number, sequence: number, flags = 2): Uint8Array {
  const out = writer().u8(2).u8(0).u16(0).bytes(int(5))
  HOST_ORDER.putU16(out, 0x80).u16(0)
  HOST_ORDER.putU16(HOST_ORDER.putU16(out, 8), 1).bytes(Uint8Array.of(192, 0, 2, last))
  return message({ type: 28, flags, sequence, body: out.done() })
}

const finished = (sequence: number, errno = 0): Uint8Array =>
  message({ type: 3, flags: 2, sequence, body: int(-errno) })
const INTERRUPTED = 0x10

function dump(answers: readonly (readonly Given[])[]): { readonly fake: Fake; readonly last: readonly number[] } {
  const fake = fakeKernel(answers)
  const socket = openNetlinkSocket(kernelOf(fake.addon))
  const last = socket.dumpNeighbours().map(({ address }) => (address.words[0] ?? 0) & 0xff)
  socket.close()
  assert.equal(fake.open.size, 0)
  return { fake, last }
}

describe('a dump', () => {
  it('is put together from several parts', () => {
    const { last, fake } = dump([[{ bytes: neighbour(1, 1) }, { bytes: neighbour(2, 1) }, { bytes: finished(1) }]])
    assert.deepEqual(last, [1, 2])
    assert.deepEqual(fake.asked, [{ type: 30, sequence: 1 }])
  })

  it('that was interrupted by a change is begun anew with another number, and what it told is forgotten', () => {
    const torn = [{ bytes: neighbour(1, 1) }, { bytes: neighbour(2, 1, INTERRUPTED) }, { bytes: finished(1) }]
    const { last, fake } = dump([torn, [{ bytes: neighbour(3, 2) }, { bytes: finished(2) }]])
    assert.deepEqual(last, [3])
    assert.deepEqual(
      fake.asked.map(({ sequence }) => sequence),
      [1, 2],
    )
  })

  it('passes over answers to another request, and datagrams of another process', () => {
    const given = [{ bytes: neighbour(8, 77) }, { bytes: neighbour(9, 1), port: 4711 }, { bytes: neighbour(1, 1) }]
    assert.deepEqual(dump([[...given, { bytes: finished(1) }]]).last, [1])
  })

  const failing: readonly (readonly [name: string, answer: readonly Given[], expected: RegExp])[] = [
    [
      'NLMSG_ERROR',
      [{ bytes: message({ type: 2, sequence: 1, body: int(-constants.errno.EPERM) }) }],
      /netlink: EPERM/,
    ],
    ['an error at its end', [{ bytes: finished(1, constants.errno.ENOMEM) }], /netlink: ENOMEM \(dump\)/],
    ['silence', [{ bytes: neighbour(1, 1) }], /recvmsg: ETIMEDOUT \(netlink dump\)/],
    ['bytes that do not add up', [{ bytes: finished(1).subarray(0, 15) }], /recvmsg: EBADMSG \(netlink dump: needs/],
    ['a part that was cut off', [{ bytes: neighbour(1, 1), flags: 0x20 }], /EBADMSG .*longer than the buffer/],
    ['a receive buffer that overran', [{ errno: constants.errno.ENOBUFS }], /recvmsg: ENOBUFS/],
  ]
  for (const [name, answer, expected] of failing) {
    it(`that ends in ${name} throws a SystemCallError and leaves nothing open`, () => {
      const fake = fakeKernel([answer])
      const socket = openNetlinkSocket(kernelOf(fake.addon))
      assert.throws(() => socket.dumpNeighbours(), expected)
      assert.equal(fake.open.size, 1)
    })
  }

  it('that is interrupted again and again is given up', () => {
    const torn = (sequence: number) => [{ bytes: message({ type: 3, flags: INTERRUPTED, sequence, body: int(0) }) }]
    const answers = Array.from({ length: 40 }, (_, index) => torn(index + 1))
    assert.throws(() => dump(answers), /recvmsg: EINTR \(netlink dump, interrupted by changes 20 times\)/)
  })
})

describe('events', () => {
  const receive = (events: readonly Given[]) => openNetlinkSocket(kernelOf(fakeKernel([], events).addon)).receive()

  it('are given in order, from all datagrams that wait', () => {
    const told = receive([{ bytes: neighbour(1, 0) }, { bytes: neighbour(2, 0) }])
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ['neighbour', 'neighbour'],
    )
  })

  const lost: readonly (readonly [name: string, given: Given, reason: RegExp])[] = [
    ['the buffer overran', { errno: constants.errno.ENOBUFS }, /^ENOBUFS$/],
    ['a datagram was cut off', { bytes: neighbour(1, 0), flags: 0x20 }, /longer than the buffer/],
    ['a datagram does not add up', { bytes: neighbour(1, 0).subarray(0, 20) }, /needs 20 bytes, 4 left/],
    ['the kernel says so', { bytes: message({ type: 4, body: int(0) }) }, /^NLMSG_OVERRUN$/],
  ]
  for (const [name, given, reason] of lost) {
    it(`are said to be lost when ${name}, and go on`, () => {
      const [first, second] = receive([given, { bytes: neighbour(2, 0) }])
      assert.ok(first?.kind === 'overrun')
      assert.match(first.reason, reason)
      assert.equal(second?.kind, 'neighbour')
    })
  }

  it('of another process than the kernel are not believed', () => {
    assert.deepEqual(receive([{ bytes: neighbour(1, 0), port: 4711 }]), [])
  })

  it('in a storm are given in portions', () => {
    const storm = Array.from({ length: 1500 }, () => ({ bytes: neighbour(1, 0) }))
    assert.equal(receive(storm).length, 1000)
  })

  it('that cannot be received at all are the caller’s to hear', () => {
    assert.throws(() => receive([{ errno: constants.errno.ENOMEM }]), /recvmsg: ENOMEM \(netlink socket\)/)
  })
})
