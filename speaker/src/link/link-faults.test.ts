import { type LinkIo, SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addNic, arpRequest, mac, type MemoryLan, memoryLan, told } from './memory-lan.ts'

const CLIENT = { from: mac('0c') }
const desire = (lan: MemoryLan, ...ips: string[]): void =>
  lan.desire({ addresses: ips.map((ip) => ({ ip, interfaces: 'all' })), excludeInterfaces: [] })
const namesOf = (lan: MemoryLan): string[] => (told(lan, 'interfaces').at(-1)?.interfaces ?? []).map(({ name }) => name)

/** Refuses a call while `on` says so. */
const refusing = <Args extends unknown[], Result>(
  call: (...args: Args) => Result,
  refusal: (...args: Args) => SystemCallError | undefined,
): ((...args: Args) => Result) => {
  return (...args) => {
    const error = refusal(...args)
    if (error !== undefined) throw error
    return call(...args)
  }
}

describe('a fault', () => {
  it('of one interface does not stop the others, is told, and heals by itself', () => {
    let isBroken = true
    const lan = memoryLan((io) => ({
      openPacket: refusing(io.openPacket, ({ ifindex }) =>
        isBroken && ifindex === 1 ? new SystemCallError('bind', 'ENOMEM', 'packet socket') : undefined,
      ),
    }))
    addNic(lan, 'eth0', '01')
    addNic(lan, 'eth1', '02')
    desire(lan, '192.0.2.99')
    lan.run(5000)
    assert.deepEqual(namesOf(lan), ['eth1'])
    assert.deepEqual(told(lan, 'fault'), [
      {
        kind: 'fault',
        interface: 'eth0',
        call: 'bind',
        errno: 'ENOMEM',
        message: 'bind: ENOMEM (packet socket)',
        times: 1,
      },
    ])
    isBroken = false
    lan.heard.splice(0)
    lan.run(10_000)
    assert.deepEqual(namesOf(lan), ['eth0', 'eth1'])
    assert.ok(lan.heard.filter(({ text }) => text.startsWith('01 > ')).length >= 16, 'the burst follows')
  })

  it('that goes on is retried ever more slowly and told again each minute, with how often it happened', () => {
    let calls = 0
    const lan = memoryLan(() => ({
      openPacket: () => {
        calls += 1
        throw new SystemCallError('socket', 'EPERM')
      },
    }))
    addNic(lan, 'eth0', '01')
    lan.run(130_000)
    const faults = told(lan, 'fault')
    assert.equal(faults.length, 3)
    assert.ok((faults[1]?.times ?? 0) > 5)
    assert.ok(calls > 20 && calls < 80, `${calls} calls in 130 s for two sockets`)
    assert.deepEqual(namesOf(lan), [])
  })

  it('of a membership is retried by the next rescan, and the address is announced meanwhile', () => {
    let isBroken = true
    const openGroups =
      (io: LinkIo): LinkIo['openGroups'] =>
      (options) => {
        const socket = io.openGroups(options)
        return {
          ...socket,
          fd: socket.fd,
          join: refusing(socket.join, () => (isBroken ? new SystemCallError('setsockopt', 'ENOBUFS') : undefined)),
        }
      }
    const lan = memoryLan((io) => ({ openGroups: openGroups(io) }))
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, '2001:db8::99')
    lan.run(100)
    assert.deepEqual([eth0.groups(), lan.heard.length], [[], 2])
    assert.equal(told(lan, 'fault')[0]?.errno, 'ENOBUFS')
    isBroken = false
    lan.run(10_000)
    assert.deepEqual(eth0.groups(), ['ff02::1:ff00:99'])
  })

  it('of a dump, or of opening netlink, is retried until the interfaces are known', () => {
    let refusals = 5
    const lan = memoryLan((io) => ({
      openNetlink: refusing(io.openNetlink, () =>
        refusals-- > 0 ? new SystemCallError('socket', 'EMFILE') : undefined,
      ),
    }))
    addNic(lan, 'eth0', '01')
    lan.run(1000)
    assert.deepEqual(told(lan, 'ready'), [])
    lan.run(1000)
    assert.deepEqual(namesOf(lan), ['eth0'])
    assert.equal(told(lan, 'ready').length, 1)
    assert.equal(told(lan, 'fault').length, 1)
  })

  it('of sending is told, and what was not sent is not counted', () => {
    let isBroken = true
    const openPacket =
      (io: LinkIo): LinkIo['openPacket'] =>
      (options) => {
        const socket = io.openPacket(options)
        const send = refusing(socket.send, () => (isBroken ? new SystemCallError('sendto', 'ENOBUFS') : undefined))
        return {
          ...socket,
          get fd() {
            return socket.fd
          },
          send,
        }
      }
    const lan = memoryLan((io) => ({ openPacket: openPacket(io) }))
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(40)
    isBroken = false
    lan.run(10_000)
    const counters = told(lan, 'counters').at(-1)?.addresses[0]
    assert.equal(counters?.gratuitous, 16, 'the first of nine rounds was lost')
    assert.equal(told(lan, 'fault').length, 1)
  })

  it('of an interface that goes down is none: netlink has told already, or will', () => {
    const lan = memoryLan()
    const eth0 = addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99', '2001:db8::99')
    lan.run(6000)
    eth0.change({ up: false })
    lan.run(100)
    assert.deepEqual(namesOf(lan), [])
    eth0.change({ up: true })
    lan.run(100)
    assert.deepEqual(namesOf(lan), ['eth0'])
    assert.deepEqual(told(lan, 'fault'), [])
  })

  it('of opening is none when the interface is gone a moment later, but one when it stays', () => {
    const gone = new Set([1, 2])
    const lan = memoryLan((io) => ({
      openPacket: refusing(io.openPacket, ({ ifindex }) =>
        gone.has(ifindex) ? new SystemCallError('bind', 'ENODEV') : undefined,
      ),
    }))
    const brief = addNic(lan, 'pod0', '01')
    lan.run(10)
    brief.remove()
    lan.run(1000)
    assert.deepEqual(told(lan, 'fault'), [])
    addNic(lan, 'eth0', '02')
    lan.run(1000)
    assert.deepEqual(
      told(lan, 'fault').map((fault) => [fault.interface, fault.errno]),
      [['eth0', 'ENODEV']],
    )
  })

  it('of a socket that fails to read replaces it', () => {
    let isBroken = false
    const openPacket =
      (io: LinkIo): LinkIo['openPacket'] =>
      (options) => {
        const socket = io.openPacket(options)
        const receive = refusing(socket.receive, () => (isBroken ? new SystemCallError('recvmsg', 'EIO') : undefined))
        return {
          ...socket,
          get fd() {
            return socket.fd
          },
          receive,
        }
      }
    const lan = memoryLan((io) => ({ openPacket: openPacket(io) }))
    addNic(lan, 'eth0', '01')
    desire(lan, '192.0.2.99')
    lan.run(6000)
    isBroken = true
    lan.client.send(arpRequest('192.0.2.99', CLIENT))
    lan.run(5)
    isBroken = false
    assert.deepEqual(told(lan, 'interfaces').at(-1)?.interfaces, [{ name: 'eth0', arp: false, ndp: true }])
    lan.run(2000)
    assert.deepEqual(told(lan, 'interfaces').at(-1)?.interfaces, [{ name: 'eth0', arp: true, ndp: true }])
    lan.heard.splice(0)
    lan.client.send(arpRequest('192.0.2.99', CLIENT))
    lan.run(5)
    assert.equal(lan.heard.length, 1)
  })

  it('that is a bug of ours goes up and ends the worker', () => {
    const lan = memoryLan(() => ({
      openPacket: () => {
        throw new RangeError('a bug')
      },
    }))
    addNic(lan, 'eth0', '01')
    assert.throws(() => lan.run(1), /a bug/)
    const other = memoryLan()
    desire(other, 'not-an-address')
    assert.throws(() => other.run(1), /desired address "not-an-address" is not an IP address/)
  })
})
