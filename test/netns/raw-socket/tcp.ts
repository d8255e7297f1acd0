/** TCP: MD5 keys, minimum TTL, source, device; descriptors that go on in `node:net`. */
import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import { kernelIo, type TcpConnectOptions, type TcpListenOptions } from '@steelyard/raw-socket'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const io = kernelIo()
const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const key = (text: string): Uint8Array => new TextEncoder().encode(text)

/** One of the kernel's own counters of TCP. */
function counter(name: string): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n')
  const at = names.split(' ').indexOf(name)
  assert.ok(at > 0, `there is no counter ${name}`)
  return Number(values.split(' ')[at])
}

type Listening = { readonly port: number; readonly server: Server; readonly close: () => Promise<void> }

/** A server of `node:net` on a listener of ours, which says back what it hears. */
async function echo(options: Omit<TcpListenOptions, 'port'>): Promise<Listening> {
  const listener = io.listenTcp({ ...options, port: 0 })
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  server.listen({ fd: listener.duplicate() })
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    server.close()
    await once(server, 'close')
    listener.close()
  }
  return { port: listener.port, server, close }
}

type Outcome = { readonly how: string; readonly localAddress: string | undefined }

/** After which nothing will come, where nothing should. */
const SILENCE_MS = 250
/** Longer than any machine takes where something should. */
const LONG_MS = 10_000

/** Connects through `node:net`, and says what became of it: `echoed`, `silence`, or an errno. */
async function attempt(options: TcpConnectOptions, to: string, port: number, patienceMs = LONG_MS): Promise<Outcome> {
  const tcp = io.openTcp(options)
  const socket = new Socket({ fd: tcp.duplicate() })
  const echoed = once(
    socket.on('connect', () => socket.write('ping')),
    'data',
  ).then(([data]) => `${data}`)
  socket.connect(port, to)
  const how = await Promise.race([
    echoed.then((data) => (data === 'ping' ? 'echoed' : data)).catch((error: NodeJS.ErrnoException) => `${error.code}`),
    sleep(patienceMs, 'silence', { ref: false }),
  ])
  const { localAddress } = socket
  socket.destroy()
  tcp.close()
  return { how, localAddress }
}

for (const [family, text] of [
  [4, '127.0.0.1'],
  [6, '::1'],
] as const) {
  const peer = address(text)
  const plain = await echo({ address: peer })
  assert.equal((await attempt({ family }, text, plain.port)).how, 'echoed')
  await plain.close()
  assert.equal((await attempt({ family }, text, plain.port)).how, 'ECONNREFUSED')

  const signed = await echo({ address: peer, md5Keys: [{ peer, key: key('right') }] })
  const withKey = (text_: string): TcpConnectOptions => ({ family, md5Keys: [{ peer, key: key(text_) }] })
  assert.equal((await attempt(withKey('right'), text, signed.port)).how, 'echoed')
  const failures = counter('TCPMD5Failure')
  assert.equal((await attempt(withKey('wrong'), text, signed.port, SILENCE_MS)).how, 'silence')
  assert.ok(counter('TCPMD5Failure') > failures, 'the kernel did not refuse a signature')
  const missing = counter('TCPMD5NotFound')
  assert.equal((await attempt({ family }, text, signed.port, SILENCE_MS)).how, 'silence')
  assert.ok(counter('TCPMD5NotFound') > missing, 'the kernel did not miss a signature')
  await signed.close()

  const near = await echo({ address: peer, minimumTtl: 255 })
  assert.equal((await attempt({ family, ttl: 255 }, text, near.port)).how, 'echoed')
  const dropped = counter('TCPMinTTLDrop')
  assert.equal((await attempt({ family, ttl: 254 }, text, near.port, SILENCE_MS)).how, 'silence')
  assert.ok(counter('TCPMinTTLDrop') > dropped, 'the kernel did not drop a segment for its TTL')
  await near.close()

  const far = await echo({ address: peer, ttl: 100 })
  assert.equal((await attempt({ family, minimumTtl: 101 }, text, far.port, SILENCE_MS)).how, 'silence')
  assert.equal((await attempt({ family, minimumTtl: 100 }, text, far.port)).how, 'echoed')
  await far.close()
}

// A source address is bound, one that is not ours is refused, and a device binds.
const server = await echo({ address: address('127.0.0.1') })
const bound = await attempt({ family: 4, source: address('127.0.0.5') }, '127.0.0.1', server.port)
assert.deepEqual(bound, { how: 'echoed', localAddress: '127.0.0.5' })
assert.throws(() => io.openTcp({ family: 4, source: address('198.51.100.1') }), /bind: EADDRNOTAVAIL/)
assert.equal((await attempt({ family: 4, device: 'lo' }, '127.0.0.1', server.port)).how, 'echoed')
assert.throws(() => io.openTcp({ family: 4, device: 'nosuch' }), /setsockopt: ENODEV/)

// Our own connect, handed over while under way.
const early = io.openTcp({ family: 4 })
early.connect({ address: address('127.0.0.1'), port: server.port })
const taken = new Socket({ fd: early.duplicate() })
taken.write('early')
assert.equal(`${(await once(taken, 'data'))[0]}`, 'early')
taken.destroy()
early.close()
await server.close()
const refused = io.openTcp({ family: 4 })
refused.connect({ address: address('127.0.0.1'), port: server.port })
const failed = new Socket({ fd: refused.duplicate() })
assert.equal((await once(failed, 'error').then(([error]) => error)).code, 'ECONNREFUSED')
refused.close()

// A key is swapped while the connection stands, on both sides.
const peer = address('127.0.0.1')
const listener = io.listenTcp({ address: peer, port: 0, md5Keys: [{ peer, key: key('one') }] })
const acceptor = createServer().listen({ fd: listener.duplicate() })
const client = io.openTcp({ family: 4, md5Keys: [{ peer, key: key('one') }] })
const near = new Socket({ fd: client.duplicate() }).connect(listener.port, formatAddress(peer))
const [accepted] = await once(acceptor, 'connection')
client.setMd5Key({ peer, key: key('two') })
near.write('signed with the new key')
assert.equal(await Promise.race([once(accepted, 'data').then(() => 'data'), sleep(SILENCE_MS)]), undefined)
client.setMd5Key({ peer, key: key('one') })
assert.equal(`${(await once(accepted, 'data'))[0]}`, 'signed with the new key')
client.clearMd5Key(peer)
client.clearMd5Key(peer)

// The kernel ends the connection only when our own descriptor is closed as well.
near.destroy()
await once(near, 'close')
const ended = once(accepted, 'close')
listener.clearMd5Key(peer)
client.close()
accepted.destroy()
await ended
acceptor.close()
listener.close()

for (const [act, expected] of [
  [
    () => io.openTcp({ family: 4, md5Keys: [{ peer, key: new Uint8Array(0) }] }),
    /md5Keys\[0\].key must be 1 to 80 bytes/,
  ],
  [() => io.openTcp({ family: 4, md5Keys: [{ peer, key: new Uint8Array(81) }] }), /RangeError: .* not 81/],
  [() => io.openTcp({ family: 6, md5Keys: [{ peer, key: key('x') }] }), /md5Keys\[0\].peer must be an IPv6 address/],
  [() => io.openTcp({ family: 4, ttl: 256 }), /RangeError: ttl must be an integer from 1 to 255, not 256/],
  [() => io.openTcp({ family: 4, minimumTtl: 0 }), /RangeError: minimumTtl must be/],
  [() => io.openTcp({ family: 4, trafficClass: 256 }), /RangeError: trafficClass must be an integer from 0 to 255/],
  [() => io.openTcp({ family: 4, device: 'a'.repeat(16) }), /RangeError: device must be/],
  [() => io.openTcp({ family: 5 as 4 }), /RangeError: family must be/],
  [() => io.listenTcp({ address: peer, port: -1 }), /RangeError: port must be/],
  [() => client.duplicate(), /this TCP socket is closed/],
  [() => listener.setMd5Key({ peer, key: key('x') }), /this TCP socket is closed/],
] as const) {
  assert.throws(act, expected)
}
console.log('TCP over IPv4 and IPv6: MD5 keys, TTL and minimum TTL, source, device, handed to node:net')
