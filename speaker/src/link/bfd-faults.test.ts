import { CONTROL_PORT } from '@steelyard/bfd'
import { SystemCallError } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { desire, factOf, faultsOf, states, two, watch } from './bfd-pair.ts'
import { memberLan } from './member-lan.ts'
import { address } from './memory-lan.ts'

describe('a fault of BFD in the link worker', () => {
  it('tells that packets over several hops arrive with too low a TTL', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('192.0.2.2', { multihop: true, minimumTtl: 256 }))
    desire(other, watch('192.0.2.1', { multihop: true }))
    lan.run(3000)
    assert.equal(factOf(one)?.state, 'down')
    assert.deepEqual(faultsOf(one), [
      'BFD with 192.0.2.2: its packets arrive with TTL 255, which is too low: they are dropped',
    ])
  })

  it('of one session can fail without stopping another: its address comes later', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('192.0.2.2'), watch('192.0.2.2', { key: 'later', local: '192.0.2.77', multihop: true }))
    desire(other, watch('192.0.2.1'), watch('192.0.2.77', { multihop: true }))
    lan.run(3000)
    assert.deepEqual([factOf(one, '192.0.2.2')?.state, factOf(one, 'later')?.state], ['up', 'down'])
    assert.deepEqual(faultsOf(one), ['BFD with 192.0.2.2: bind: EADDRNOTAVAIL (UDP socket)'])
    one.eth0.addAddress({ address: address('192.0.2.77'), prefixLength: 24 })
    lan.run(12_000)
    assert.deepEqual([factOf(one, '192.0.2.2')?.downs, factOf(one, 'later')?.state], [0, 'up'])
  })

  it('with what are not two addresses is told and stops no other', () => {
    const lan = memberLan(2)
    const [one, other] = lan.nodes
    assert.ok(one !== undefined && other !== undefined)
    desire(one, watch('router'), watch('192.0.2.2'), watch('192.0.2.9', { local: '2001:db8::1' }))
    desire(other, watch('192.0.2.1'))
    lan.run(3000)
    assert.deepEqual(faultsOf(one), ['BFD with router from any: not two addresses of one family'])
    assert.equal(factOf(one, '192.0.2.2')?.state, 'up')
  })

  it('of one device that does not exist is told and tried again', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    desire(one, watch('192.0.2.2', { device: 'red' }))
    lan.run(3000)
    assert.ok(faultsOf(one).some((text) => text === 'BFD with 192.0.2.2: setsockopt: ENODEV (SO_BINDTODEVICE)'))
    assert.ok(faultsOf(one).length <= 2, 'folded for a minute')
  })

  it('tries another source port where one is taken', () => {
    let taken = 3
    const both = two({
      change: (io) => ({
        openUdp: (options) => {
          if (options.port >= 49_152 && taken-- > 0) throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
          return io.openUdp(options)
        },
      }),
    })
    assert.deepEqual(states(both), ['up', 'up'])
    assert.deepEqual(faultsOf(both.one), [])
  })

  it('asks whether another program has the port, and goes on once it is free', () => {
    const isTaken = { port: true }
    const both = two({
      change: (io, node) => ({
        openUdp: (options) => {
          if (node === 'n1' && isTaken.port && options.port < 49_152)
            throw new SystemCallError('bind', 'EADDRINUSE', 'UDP socket')
          return io.openUdp(options)
        },
      }),
    })
    assert.deepEqual(states(both), ['down', 'init'])
    assert.match(faultsOf(both.one).join('; '), /^BFD \(one hop\) cannot be heard on port \d+: .*another BFD program/)
    isTaken.port = false
    both.lan.run(12_000)
    assert.deepEqual(states(both), ['up', 'up'])
  })

  it('that could not be opened and is not wanted any more leaves the loop in peace', () => {
    const lan = memberLan(2)
    const [one] = lan.nodes
    assert.ok(one !== undefined)
    desire(one, watch('192.0.2.2', { device: 'red' }))
    lan.run(100)
    desire(one)
    lan.run(60_000)
    assert.equal(one.loop.state.bfd.byDiscriminator.size, 0)
  })

  it('of a socket that is flooded delays an outage by a tenth of a second at most, and stops no other work', () => {
    let isFlooding = false
    const both = two({
      change: (io, node) => ({
        openUdp: (options) => {
          const socket = io.openUdp(options)
          const isFlooded = node === 'n1' && options.port === CONTROL_PORT
          const noise = {
            bytes: new Uint8Array(24),
            source: address('203.0.113.9'),
            sourcePort: 1,
            destination: undefined,
          }
          const receive = (): ReturnType<typeof socket.receive> => {
            const next = socket.receive()
            if (next !== undefined || !isFlooding) return next
            // To read it takes time, and a fake clock has none of its own.
            both.lan.clock.advance(0.005)
            return { ...noise, ifindex: 1, ttl: 255 }
          }
          return isFlooded ? { ...socket, fd: socket.fd, receive } : socket
        },
      }),
    })
    assert.deepEqual(states(both), ['up', 'up'])
    isFlooding = true
    both.lan.run(200)
    assert.equal(factOf(both.one)?.downs, 0)
    const cutAt = both.lan.clock.now()
    both.two.port.isShut = true
    both.lan.run(300)
    isFlooding = false
    const took = (factOf(both.one)?.since ?? 0) - cutAt
    assert.ok(factOf(both.one)?.downs === 1 && took <= 255, `${took} ms`)
  })
})
