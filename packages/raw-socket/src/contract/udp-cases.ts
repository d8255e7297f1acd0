import assert from 'node:assert/strict'
import { type Address, formatAddress, parseAddress } from '@steelyard/net'
import type { Datagram, UdpSocket, UdpTarget } from '../transport-io.ts'
import { assertQuiet, assertRefused, type ContractBench, type ContractCase, type ContractEnd } from './bench.ts'

const TTL = 64
const SOME_PORT = 17_946
const SHARED_PORT = 17_948

const address = (text: string): Address => parseAddress(text) ?? assert.fail(text)
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = ({ bytes }: Datagram): string => new TextDecoder().decode(bytes)

/** The link-local address of an end, which the other end is reached at over the cable. */
function linkLocal({ io }: ContractBench, { ifindex }: ContractEnd): Address {
  const netlink = io.openNetlink({ topics: [] })
  const found = netlink.dumpAddresses().find((each) => each.index === ifindex && each.scope === 'link')
  netlink.close()
  return found?.address ?? assert.fail('there is no link-local address')
}

type UdpEnds = { readonly near: UdpSocket; readonly far: UdpSocket; readonly toFar: UdpTarget }

/** A socket at both ends, bound to the link-local address there. */
function openEnds(bench: ContractBench, ttl = TTL): UdpEnds {
  const { io, near, far } = bench
  const open = (end: ContractEnd): UdpSocket =>
    io.openUdp({ address: linkLocal(bench, end), port: 0, ttl, ifindex: end.ifindex })
  const atFar = open(far)
  const toFar = { address: linkLocal(bench, far), port: atFar.port, ifindex: near.ifindex }
  return { near: open(near), far: atFar, toFar }
}

function awaitDatagram({ io }: ContractBench, socket: UdpSocket): Datagram {
  assert.deepEqual(io.poll([socket.fd], 1000), [socket.fd], 'no datagram came')
  return socket.receive() ?? assert.fail('the socket was ready and had no datagram')
}

const OVER_THE_CABLE: readonly ContractCase[] = [
  {
    name: 'a datagram arrives whole, and tells where from, where to, by which interface and with which hop limit',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench, 7)
      near.send(toFar, bytesOf('beat'))
      const { bytes, ...rest } = awaitDatagram(bench, far)
      assert.equal(new TextDecoder().decode(bytes), 'beat')
      const from = { source: linkLocal(bench, bench.near), sourcePort: near.port }
      assert.deepEqual(rest, { ...from, destination: toFar.address, ifindex: bench.far.ifindex, ttl: 7 })
      assertQuiet(bench.io, near, far)
    },
  },
  {
    name: 'an answer goes to where a datagram came from',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      near.send(toFar, bytesOf('ask'))
      const { source, sourcePort } = awaitDatagram(bench, far)
      far.send({ address: source, port: sourcePort, ifindex: bench.far.ifindex }, bytesOf('answer'))
      assert.equal(textOf(awaitDatagram(bench, near)), 'answer')
    },
  },
  {
    name: 'an empty datagram is one',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      near.send(toFar, new Uint8Array(0))
      assert.equal(awaitDatagram(bench, far).bytes.length, 0)
    },
  },
  {
    name: 'a hundred datagrams arrive in the order in which they were sent',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      const sent = Array.from({ length: 100 }, (_, number) => `datagram ${number}`)
      for (const text of sent) near.send(toFar, bytesOf(text))
      assert.deepEqual(
        sent.map(() => textOf(awaitDatagram(bench, far))),
        sent,
      )
    },
  },
  {
    name: 'the bytes received are overwritten by the next that are, on any socket',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      near.send(toFar, bytesOf('first'))
      const first = awaitDatagram(bench, far)
      far.send({ address: first.source, port: first.sourcePort, ifindex: bench.far.ifindex }, bytesOf('later'))
      awaitDatagram(bench, near)
      assert.equal(textOf(first), 'later')
    },
  },
  {
    name: 'a port that nobody has, and a neighbour that is not there, are no errors',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      near.send({ ...toFar, port: toFar.port === SOME_PORT ? SOME_PORT + 1 : SOME_PORT }, bytesOf('x'))
      near.send({ ...toFar, address: address('fe80::dead') }, bytesOf('x'))
      assertQuiet(bench.io, near, far)
      near.send(toFar, bytesOf('y'))
      assert.equal(textOf(awaitDatagram(bench, far)), 'y')
    },
  },
  {
    name: 'over an interface that is down nothing is sent, and over one without carrier nothing arrives',
    run: (bench) => {
      const { near, far, toFar } = openEnds(bench)
      const toNear = { address: linkLocal(bench, bench.near), port: near.port, ifindex: bench.far.ifindex }
      bench.setUp(false)
      assertRefused(() => near.send(toFar, bytesOf('x')), 'sendto', 'ENETUNREACH')
      try {
        far.send(toNear, bytesOf('x'))
      } catch {
        // A kernel may take the address away together with the carrier, and then says so.
      }
      assertQuiet(bench.io, near, far)
    },
  },
]

const LOCAL: readonly ContractCase[] = ['127.0.0.1', '::1'].map((text) => ({
  name: `what is for an address of the host itself never leaves it, as for ${text}`,
  run: (bench) => {
    const receiver = bench.io.openUdp({ address: address(text), port: 0, ttl: TTL })
    const sender = bench.io.openUdp({ address: address(text), port: 0, ttl: 255 })
    sender.send({ address: address(text), port: receiver.port }, bytesOf('x'))
    const { source, sourcePort, destination, ttl } = awaitDatagram(bench, receiver)
    assert.deepEqual([source, sourcePort, destination, ttl], [address(text), sender.port, address(text), 255])
  },
}))

const BINDING: readonly ContractCase[] = [
  {
    name: 'a socket that is bound to any address learns which one was meant',
    run: (bench) => {
      const everywhere = bench.io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: TTL })
      const sender = bench.io.openUdp({ address: address('127.0.0.1'), port: 0, ttl: TTL })
      sender.send({ address: address('127.0.0.9'), port: everywhere.port }, bytesOf('x'))
      const { destination = address('0.0.0.0') } = awaitDatagram(bench, everywhere)
      assert.equal(formatAddress(destination), '127.0.0.9')
    },
  },
  {
    name: 'an address of an interface can be bound to while it is there',
    run: (bench) => {
      bench.addAddress('192.0.2.77', 24)
      bench.io.openUdp({ address: address('192.0.2.77'), port: SOME_PORT, ttl: TTL }).close()
      bench.removeAddress('192.0.2.77', 24)
      const before = bench.openDescriptors()
      const open = (): UdpSocket => bench.io.openUdp({ address: address('192.0.2.77'), port: SOME_PORT, ttl: TTL })
      assertRefused(open, 'bind', 'EADDRNOTAVAIL')
      assert.equal(bench.openDescriptors(), before)
    },
  },
  {
    name: 'a port is taken until its socket is closed, and for one address only when the other has not all',
    run: ({ io, openDescriptors }) => {
      const open = (text: string): UdpSocket => io.openUdp({ address: address(text), port: SOME_PORT, ttl: TTL })
      const first = open('127.0.0.1')
      const before = openDescriptors()
      assertRefused(() => open('127.0.0.1'), 'bind', 'EADDRINUSE')
      assertRefused(() => open('0.0.0.0'), 'bind', 'EADDRINUSE')
      assert.equal(openDescriptors(), before)
      open('127.0.0.2').close()
      open('::1').close()
      first.close()
      assert.equal(open('127.0.0.1').port, SOME_PORT)
    },
  },
  {
    name: 'a socket of a device hears what comes in there, and nothing else',
    run: (bench) => {
      const { near, toFar } = openEnds(bench)
      const [here, there] = (['far', 'near'] as const).map((end) =>
        bench.io.openUdp({ address: address('::'), port: SOME_PORT, ttl: TTL, device: bench[end].name }),
      )
      assert.ok(here !== undefined && there !== undefined)
      near.send({ ...toFar, port: SOME_PORT }, bytesOf('x'))
      assert.equal(textOf(awaitDatagram(bench, here)), 'x')
      assertQuiet(bench.io, there)
    },
  },
  {
    name: 'a port is had by a socket of a device and one of none only where both share it: each hears its own',
    run: (bench) => {
      const { near, toFar } = openEnds(bench)
      const open = (shared: boolean, device?: string): UdpSocket =>
        bench.io.openUdp({ address: address('::'), port: SHARED_PORT, ttl: TTL, shared, ...(device && { device }) })
      const alone = open(false)
      assertRefused(() => open(true, bench.far.name), 'bind', 'EADDRINUSE')
      alone.close()
      const everywhere = open(true)
      assertRefused(() => open(false, bench.far.name), 'bind', 'EADDRINUSE')
      const here = open(true, bench.far.name)
      near.send({ ...toFar, port: SHARED_PORT }, bytesOf('x'))
      assert.equal(textOf(awaitDatagram(bench, here)), 'x')
      assertQuiet(bench.io, everywhere)
      here.close()
      near.send({ ...toFar, port: SHARED_PORT }, bytesOf('y'))
      assert.equal(textOf(awaitDatagram(bench, everywhere)), 'y')
    },
  },
  {
    name: 'a device that does not exist is ENODEV, and nothing stays open',
    run: ({ io, openDescriptors }) => {
      const before = openDescriptors()
      const open = (): UdpSocket => io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: TTL, device: 'nowhere' })
      assertRefused(open, 'setsockopt', 'ENODEV')
      assert.equal(openDescriptors(), before)
    },
  },
  {
    name: 'where no route leads is ENETUNREACH',
    run: ({ io }) => {
      const socket = io.openUdp({ address: address('0.0.0.0'), port: 0, ttl: TTL })
      assertRefused(
        () => socket.send({ address: address('198.51.100.1'), port: 9 }, bytesOf('x')),
        'sendto',
        'ENETUNREACH',
      )
    },
  },
  {
    name: 'receiving does not wait',
    run: (bench) => assert.equal(openEnds(bench).near.receive(), undefined),
  },
]

export const UDP_CASES: readonly ContractCase[] = [...OVER_THE_CABLE, ...LOCAL, ...BINDING]
