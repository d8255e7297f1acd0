import { BROADCAST_MAC, groupMac, NEIGHBOUR_FILTER } from '@steelyard/arp-lib'
import { addressBytes, parseAddress, parseMac } from '@steelyard/net'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PacketSocket } from '../link-io.ts'
import { memoryHost } from './host.ts'
import { ethernetSegment, type SegmentOptions } from './segment.ts'

const ALL = [{ code: 0x06, jt: 0, jf: 0, k: 65535 }]
const mac = (last: number) => parseMac(`02:00:00:00:00:0${last}`)!

/** A segment with a host for each number, whose only interface is `eth0`. */
function lan(hosts: number, options: Partial<SegmentOptions> = {}) {
  const clock = fakeClock()
  const segment = ethernetSegment({ clock, random: seededRandom(3), ...options })
  const made = Array.from({ length: hosts }, (_, index) => {
    const host = memoryHost({ clock })
    const eth0 = host.addInterface({ name: 'eth0', mac: mac(index + 1), segment })
    const socket = host.io.openPacket({ ifindex: eth0.index, filter: ALL })
    return { host, eth0, socket }
  })
  return { clock, segment, hosts: made }
}

const frame = (to: Uint8Array, from: number): Uint8Array => Uint8Array.of(...to, ...mac(from), 0x88, 0xb5, 1, 2, 3)

function count(socket: PacketSocket): number {
  let frames = 0
  while (socket.receive() !== undefined) frames++
  return frames
}

describe('the segment', () => {
  it('carries a frame to every other host and not back', () => {
    const { hosts } = lan(4)
    hosts[0]!.socket.send(frame(BROADCAST_MAC, 1))
    assert.deepEqual(
      hosts.map(({ socket }) => count(socket)),
      [0, 1, 1, 1],
    )
  })

  it('takes its time, and not before', () => {
    const { hosts, clock } = lan(2, { delayMs: 10 })
    hosts[0]!.socket.send(frame(mac(2), 1))
    clock.advance(9)
    assert.equal(count(hosts[1]!.socket), 0)
    clock.advance(1)
    assert.equal(count(hosts[1]!.socket), 1)
  })

  it('loses the share it is told to, for each receiver on its own, and again nothing', () => {
    const { hosts, segment } = lan(3, { loss: 0.3 })
    const received = (): number[] => {
      const [sender, ...others] = hosts
      for (let sent = 0; sent < 900; sent++) sender!.socket.send(frame(BROADCAST_MAC, 1))
      return others.map(({ socket }) => count(socket))
    }
    const [second = 0, third = 0] = received()
    for (const share of [second, third]) assert.ok(share > 550 && share < 710, `${share} of 900`)
    assert.notEqual(second, third)
    segment.setLoss(0)
    assert.deepEqual(received(), [900, 900])
  })

  it('copies what is sent, so that a buffer can be used again', () => {
    const { hosts, clock } = lan(2, { delayMs: 5 })
    const bytes = frame(mac(2), 1)
    hosts[0]!.socket.send(bytes)
    bytes.fill(0)
    clock.advance(5)
    assert.equal(hosts[1]!.socket.receive()?.packetType, 'host')
  })

  it('shows every frame to who watches, lost or not, until he looks away', () => {
    const { hosts, segment } = lan(2, { loss: 1 })
    const seen: number[] = []
    const stop = segment.watch((bytes) => void seen.push(bytes.length))
    hosts[0]!.socket.send(frame(mac(2), 1))
    stop()
    hosts[0]!.socket.send(frame(mac(2), 1))
    assert.deepEqual(seen, [17])
  })

  it('has room for a station that a test plays', () => {
    const { hosts, segment } = lan(1)
    const heard: Uint8Array[] = []
    const plug = segment.plug({ deliver: (bytes) => void heard.push(bytes) })
    hosts[0]!.socket.send(frame(BROADCAST_MAC, 1))
    plug.send(frame(mac(1), 9))
    plug.send(new Uint8Array(5))
    assert.deepEqual([heard.length, count(hosts[0]!.socket)], [1, 1])
    plug.unplug()
    hosts[0]!.socket.send(frame(BROADCAST_MAC, 1))
    plug.send(frame(mac(1), 9))
    assert.deepEqual([heard.length, count(hosts[0]!.socket)], [1, 0])
  })

  for (const [what, options] of [
    ['loss', { loss: 1.1 }],
    ['loss', { loss: Number.NaN }],
    ['delayMs', { delayMs: -1 }],
    ['delayMs', { delayMs: Number.POSITIVE_INFINITY }],
  ] as const) {
    it(`refuses ${what} ${Object.values(options)[0]}`, () => assert.throws(() => lan(1, options), RangeError))
  }
})

describe('an interface in memory', () => {
  it('takes in no multicast that nobody joined, as a real card does not', () => {
    const { hosts } = lan(2)
    const group = parseAddress('ff02::1:ff00:7')!
    const send = (): number => {
      hosts[0]!.socket.send(frame(groupMac(group), 1))
      return count(hosts[1]!.socket)
    }
    assert.equal(send(), 0)
    const groups = hosts[1]!.host.io.openGroups({ ifindex: hosts[1]!.eth0.index })
    groups.join(addressBytes(group))
    assert.equal(send(), 1)
    groups.leave(addressBytes(group))
    assert.equal(send(), 0)
  })

  it('loses what arrives while it is down or has no carrier', () => {
    const { hosts } = lan(2)
    const [near, far] = [hosts[0]!, hosts[1]!]
    for (const change of [{ up: false }, { carrier: false }]) {
      far.eth0.change(change)
      near.socket.send(frame(mac(2), 1))
      far.eth0.change({ up: true, carrier: true })
    }
    assert.throws(() => far.socket.receive(), /ENETDOWN/)
    assert.equal(count(far.socket), 0)
  })

  it('sends into the void without a carrier, and does not fail', () => {
    const { hosts } = lan(2)
    hosts[0]!.eth0.change({ carrier: false })
    hosts[0]!.socket.send(frame(mac(2), 1))
    assert.equal(count(hosts[1]!.socket), 0)
  })

  it('keeps a thousand frames for who does not read, and drops the rest', () => {
    const { hosts } = lan(2)
    for (let sent = 0; sent < 1500; sent++) hosts[0]!.socket.send(frame(mac(2), 1))
    assert.equal(count(hosts[1]!.socket), 1000)
  })

  it('filters as the kernel would with the filter of the speaker', () => {
    const { hosts } = lan(2)
    const { host, eth0 } = hosts[1]!
    const picky = host.io.openPacket({ ifindex: eth0.index, filter: NEIGHBOUR_FILTER })
    hosts[0]!.socket.send(frame(mac(2), 1))
    hosts[0]!.socket.send(Uint8Array.of(...mac(2), ...mac(1), 0x08, 0x06, 0, 1))
    hosts[0]!.socket.send(Uint8Array.of(...mac(9), ...mac(1), 0x08, 0x06, 0, 2))
    assert.equal(picky.receive()?.bytes.at(-1), 1)
    assert.equal(picky.receive(), undefined)
  })

  it('can be one of several, on several segments, with an index that was asked for', () => {
    const clock = fakeClock()
    const host = memoryHost({ clock })
    const [one, two] = [1, 2].map(() => ethernetSegment({ clock, random: seededRandom(1) }))
    const first = host.addInterface({ name: 'eth0', mac: mac(1), segment: one!, index: 7 })
    const second = host.addInterface({ name: 'eth1', mac: mac(2), segment: two! })
    const unplugged = host.addInterface({ name: 'eth2', mac: mac(3), link: { noArp: true } })
    assert.deepEqual([first.index, second.index, unplugged.index], [7, 8, 9])
    const links = host.io.openNetlink().dumpLinks()
    assert.deepEqual(
      links.map(({ name, running, noArp }) => ({ name, running, noArp })),
      [
        { name: 'eth0', running: true, noArp: false },
        { name: 'eth1', running: true, noArp: false },
        { name: 'eth2', running: false, noArp: true },
      ],
    )
    assert.deepEqual(host.io.openNetlink().receive(), [])
  })

  it('that is removed takes its addresses and neighbours along, and tells of each', () => {
    const { hosts } = lan(1)
    const { host, eth0 } = hosts[0]!
    eth0.addAddress({ address: parseAddress('192.0.2.1')!, prefixLength: 24 })
    eth0.setNeighbour(parseAddress('192.0.2.2')!, mac(2))
    const netlink = host.io.openNetlink()
    eth0.remove()
    eth0.remove()
    const told = netlink.receive().map((event) => (event.kind === 'overrun' ? '' : `${event.kind} ${event.change}`))
    assert.deepEqual(told, ['address deleted', 'neighbour deleted', 'link deleted'])
  })

  it('can lose its news, and say so', () => {
    const { hosts } = lan(1)
    const { host, eth0 } = hosts[0]!
    const netlink = host.io.openNetlink()
    eth0.change({ mtu: 1400 })
    host.loseEvents()
    assert.deepEqual(netlink.receive(), [{ kind: 'overrun', reason: 'ENOBUFS' }])
  })
})

describe('a poll that turns no clock', () => {
  it('returns at once', () => {
    const { hosts, clock } = lan(1)
    assert.deepEqual(hosts[0]!.host.io.poll([hosts[0]!.socket.fd], 1000), [])
    assert.equal(clock.now(), 0)
  })
})
