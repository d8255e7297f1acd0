/** UDP: hop counts sent and read, where a datagram came from and went to, link-local addresses, binding to a device. */
import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import { type Datagram, kernelIo, type UdpSocket } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { kernelBench } from './kernel-bench.ts'

const io = kernelIo()
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const bytes = new TextEncoder().encode('beat')

function awaitDatagram(socket: UdpSocket): Datagram {
  assert.deepEqual(io.poll([socket.fd], 1000), [socket.fd], 'no datagram came')
  return socket.receive() ?? assert.fail('ready without a datagram')
}

for (const [text, loopbackIndex] of [
  ['127.0.0.1', 1],
  ['::1', 1],
] as const) {
  for (const ttl of [255, 1, 64]) {
    const receiver = io.openUdp({ address: address(text), port: 0, ttl: 9 })
    const sender = io.openUdp({ address: address(text), port: 0, ttl })
    sender.send({ address: address(text), port: receiver.port }, bytes)
    const { bytes: got, ...rest } = awaitDatagram(receiver)
    assert.equal(new TextDecoder().decode(got), 'beat')
    const own = { source: address(text), sourcePort: sender.port, destination: address(text) }
    assert.deepEqual(rest, { ...own, ifindex: loopbackIndex, ttl })
    assert.equal(receiver.receive(), undefined)
    sender.close()
    receiver.close()
  }
}

// A socket bound to any address learns which one was meant.
const any = io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: 255 })
const sender = io.openUdp({ address: address('127.0.0.1'), port: 0, ttl: 255 })
sender.send({ address: address('127.0.0.9'), port: any.port }, bytes)
assert.equal(formatAddress(awaitDatagram(any).destination!), '127.0.0.9')

// An empty datagram is one.
sender.send({ address: address('127.0.0.1'), port: any.port }, new Uint8Array(0))
assert.equal(awaitDatagram(any).bytes.length, 0)

// Link-local: the interface goes with the address.
const bench = kernelBench()
const linkLocal = (ifindex: number): Address =>
  io
    .openNetlink()
    .dumpAddresses()
    .find((each) => each.index === ifindex && each.scope === 'link')?.address ?? assert.fail('no link-local address')
const [near, far] = [linkLocal(bench.near.ifindex), linkLocal(bench.far.ifindex)]
const atFar = io.openUdp({ address: far, port: 0, ttl: 255, ifindex: bench.far.ifindex })
const atNear = io.openUdp({ address: near, port: 0, ttl: 255, ifindex: bench.near.ifindex })
atNear.send({ address: far, port: atFar.port, ifindex: bench.near.ifindex }, bytes)
const { ifindex, source } = awaitDatagram(atFar)
assert.deepEqual({ ifindex, source }, { ifindex: bench.far.ifindex, source: near })

// Bound to a device, only what comes in there is heard.
execFileSync('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'near'])
const bound = io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: 255, device: 'near' })
const unbound = io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: 255, device: 'lo' })
for (const { port } of [bound, unbound]) sender.send({ address: address('127.0.0.1'), port }, bytes)
assert.equal(awaitDatagram(unbound).ifindex, 1)
assert.deepEqual(io.poll([bound.fd], 50), [])
bench.close()

assert.throws(() => any.send({ address: address('127.0.0.1'), port: 0 }, bytes), /RangeError: to.port must be/)
assert.throws(() => any.send({ address: address('::1'), port: 1 }, bytes), /to.address must be an IPv4 address/)
any.close()
any.close()
assert.throws(() => any.receive(), /this UDP socket is closed/)
assert.throws(() => io.openUdp({ address: address('127.0.0.1'), port: 1, ttl: 0 }), /RangeError: ttl must be/)
assert.throws(() => io.openUdp({ address: address('127.0.0.1'), port: 65536, ttl: 1 }), /RangeError: port must be/)
assert.throws(
  () => io.openUdp({ address: address('::1'), port: 0, ttl: 1, device: 'a/b' }),
  /RangeError: device must be/,
)
console.log('UDP over IPv4, IPv6, link-local and a bound device')
