import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import type { Addon } from './addon.ts'
import { fakeAddon } from './fake-addon.ts'
import { kernelOf } from './kernel.ts'
import { openPacketSocket } from './packet-socket.ts'
import { packetSockaddr } from './sockaddr.ts'

const OPTIONS = { ifindex: 7, filter: [{ code: 0x06, jt: 0, jf: 0, k: 0 }] }
const MAC = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1)

/** Opens a socket and notes what the kernel is asked, in order. */
function opened(calls: Partial<Addon> = {}) {
  const asked: string[] = []
  const noting = (name: string, act: (() => number) | undefined) => () => {
    asked.push(name)
    return act?.() ?? 0
  }
  const addon = fakeAddon({
    ...calls,
    socket: (domain, type, protocol) => {
      asked.push(`socket ${domain} ${type} ${protocol}`)
      return 3
    },
    attachFilter: noting('attachFilter', undefined),
    setOption: (_fd, level, name) => {
      asked.push(`setOption ${level} ${name}`)
      return calls.setOption?.(3, level, name, MAC) ?? 0
    },
    bind: (fd, sockaddr) => {
      asked.push('bind')
      return calls.bind?.(fd, sockaddr) ?? 0
    },
    close: noting('close', undefined),
  })
  return { asked, open: () => openPacketSocket(kernelOf(addon), OPTIONS) }
}

describe('a packet socket of the kernel', () => {
  it('receives nothing before its filter is in force: protocol 0, filter, then bind', () => {
    const { asked, open } = opened()
    open()
    assert.deepEqual(asked, ['socket 17 3 0', 'setOption 1 8', 'setOption 1 12', 'attachFilter', 'bind'])
  })

  it('is closed again when it cannot be bound, and the error says why', () => {
    const { asked, open } = opened({ bind: () => -constants.errno.ENODEV })
    assert.throws(open, /bind: ENODEV \(packet socket\)/)
    assert.equal(asked.at(-1), 'close')
  })

  it('tells an errno that has no name by its number', () => {
    const { open } = opened({ bind: () => -4242 })
    assert.throws(open, { name: 'SystemCallError', call: 'bind', errno: 'errno 4242' })
  })

  it('asks once for a membership, however often it is joined, and asks again after it failed', () => {
    let refused = true
    const { asked, open } = opened({
      setOption: (_fd, level) => (level === 263 && refused ? -constants.errno.ENOMEM : 0),
    })
    const socket = open()
    const join = () => socket.joinMulticastMac(MAC)
    assert.throws(join, /setsockopt: ENOMEM \(PACKET_ADD_MEMBERSHIP\)/)
    refused = false
    join()
    join()
    socket.leaveMulticastMac(MAC)
    socket.leaveMulticastMac(MAC)
    assert.deepEqual(
      asked.filter((call) => call.startsWith('setOption 263')),
      ['setOption 263 1', 'setOption 263 1', 'setOption 263 2'],
    )
  })

  it('passes over frames of the kernel’s own kinds, which are of no network', () => {
    const types = [5, 6, 1]
    const receive: Addon['receive'] = (_fd, bytes, ancillary, told) => {
      const type = types.shift()
      if (type === undefined) return -constants.errno.EAGAIN
      bytes[0] = type
      ancillary.set(packetSockaddr(3, 7).with(10, type))
      told.set([20, 0, 0])
      return 14
    }
    const socket = opened({ receive }).open()
    assert.equal(socket.receive()?.packetType, 'broadcast')
    assert.equal(socket.receive(), undefined)
  })

  it('takes an interrupted call for nothing received', () => {
    const socket = opened({ receive: () => -constants.errno.EINTR }).open()
    assert.equal(socket.receive(), undefined)
  })
})
