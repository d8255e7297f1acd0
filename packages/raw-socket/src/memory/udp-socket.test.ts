import { parseAddress, parseMac, sameAddress } from '@steelyard/net'
import { fakeClock, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { UdpSocket } from '../transport-io.ts'
import { memoryHost } from './host.ts'
import { ethernetSegment, type SegmentOptions } from './segment.ts'
import { readUdpFrame } from '@steelyard/arp-lib'

const PORT = 7946
const ip = (text: string) => parseAddress(text)!
const BEAT = new TextEncoder().encode('beat')

/** Hosts on one segment, each with these addresses on `eth0` and a socket that is bound to any. */
function lan(addresses: readonly (readonly string[])[], options: Partial<SegmentOptions> = {}) {
  const clock = fakeClock()
  const segment = ethernetSegment({ clock, random: seededRandom(3), ...options })
  const hosts = addresses.map((own, index) => {
    const host = memoryHost({ clock })
    const eth0 = host.addInterface({ name: 'eth0', mac: parseMac(`02:00:00:00:00:0${index + 1}`)!, segment })
    for (const text of own) eth0.addAddress({ address: ip(text), prefixLength: text.includes(':') ? 64 : 24 })
    const socket = host.io.openUdp({ address: ip('0.0.0.0'), port: PORT, ttl: 64 })
    return { host, eth0, socket }
  })
  const [one, two] = hosts
  return { clock, segment, one: one!, two: two! }
}

function count(socket: UdpSocket): number {
  let datagrams = 0
  while (socket.receive() !== undefined) datagrams++
  return datagrams
}

const to = (text: string) => ({ address: ip(text), port: PORT })

describe('a datagram between hosts in memory', () => {
  for (const [family, here, there, any] of [
    ['IPv4', '192.0.2.1', '192.0.2.2', '0.0.0.0'],
    ['IPv6', '2001:db8::1', '2001:db8::2', '::'],
  ] as const) {
    it(`is a whole ${family} packet on the wire, and arrives from the sender's address`, () => {
      const { segment, one, two } = lan([[here], [there]])
      const seen: unknown[] = []
      segment.watch((frame) => void seen.push(readUdpFrame(frame)))
      const [sender, receiver] = [one, two].map(({ host }) => host.io.openUdp({ address: ip(any), port: 53, ttl: 9 }))
      assert.ok(sender !== undefined && receiver !== undefined)
      sender.send({ address: ip(there), port: 53 }, BEAT)
      const ends = { source: ip(here), sourcePort: 53, destination: ip(there), ttl: 9 }
      assert.deepEqual(seen, [{ ...ends, port: 53, bytes: BEAT }])
      const { bytes, ...rest } = receiver.receive() ?? assert.fail('nothing came')
      assert.deepEqual([Uint8Array.from(bytes), rest], [BEAT, { ...ends, ifindex: two.eth0.index }])
    })
  }

  it('takes as long as the segment does, and is lost with it', () => {
    const { clock, segment, one, two } = lan([['192.0.2.1'], ['192.0.2.2']], { delayMs: 10 })
    one.socket.send(to('192.0.2.2'), BEAT)
    clock.advance(9)
    assert.equal(count(two.socket), 0)
    clock.advance(1)
    assert.equal(count(two.socket), 1)
    segment.setLoss(1)
    one.socket.send(to('192.0.2.2'), BEAT)
    clock.advance(10)
    assert.equal(count(two.socket), 0)
  })

  it('is lost while the receiver has no carrier or is down, and not sent while the sender is down', () => {
    const { one, two } = lan([['192.0.2.1'], ['192.0.2.2']])
    for (const change of [{ carrier: false }, { carrier: true, up: false }]) {
      two.eth0.change(change)
      one.socket.send(to('192.0.2.2'), BEAT)
    }
    two.eth0.change({ up: true })
    one.eth0.change({ carrier: false })
    one.socket.send(to('192.0.2.2'), BEAT)
    assert.equal(count(two.socket), 0)
    one.eth0.change({ up: false })
    assert.throws(() => one.socket.send(to('192.0.2.2'), BEAT), { call: 'sendto', errno: 'ENETUNREACH' })
    one.eth0.change({ up: true, carrier: true })
    one.socket.send(to('192.0.2.2'), BEAT)
    assert.equal(count(two.socket), 1)
  })

  it('reaches another network on the same segment, as by a router', () => {
    const { one, two } = lan([['192.0.2.1'], ['198.51.100.2']])
    one.socket.send(to('198.51.100.2'), BEAT)
    assert.ok(sameAddress(two.socket.receive()!.source, ip('192.0.2.1')))
  })

  it('that was changed on the wire is not believed', () => {
    const { segment, one, two } = lan([['192.0.2.1'], ['192.0.2.2']])
    const frames: Uint8Array[] = []
    segment.watch((frame) => void frames.push(frame))
    one.socket.send(to('192.0.2.2'), BEAT)
    assert.equal(count(two.socket), 1)
    const forged = segment.plug({ deliver: () => {} })
    const [sent] = frames
    assert.ok(sent !== undefined)
    for (let at = 14; at < sent.length; at++) forged.send(sent.with(at, sent[at]! ^ 0x10).subarray(0, sent.length))
    assert.equal(count(two.socket), 0)
    forged.send(sent)
    assert.equal(count(two.socket), 1)
  })

  it('of a socket that nobody reads is dropped beyond what a queue holds', () => {
    const { one, two } = lan([['192.0.2.1'], ['192.0.2.2']])
    for (let sent = 0; sent < 1500; sent++) one.socket.send(to('192.0.2.2'), BEAT)
    assert.equal(count(two.socket), 1000)
  })
})
