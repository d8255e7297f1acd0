import { readUdpFrame, udpFrame, udpPortFilter } from '@steelyard/arp-lib'
import { type Address, parseAddress } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runProgram } from './bpf/run-program.ts'

const PORT = 4000
const FILTER = udpPortFilter(PORT)
const at = (text: string): Address => {
  const address = parseAddress(text)
  assert.ok(address !== undefined)
  return address
}
const MACS = { from: Uint8Array.of(2, 0, 0, 0, 0, 1), to: Uint8Array.of(2, 0, 0, 0, 0, 2) }
const frameOf = (ip: string, port: number): Uint8Array =>
  udpFrame(MACS, {
    source: at(ip),
    sourcePort: 5000,
    destination: at(ip),
    port,
    ttl: 255,
    bytes: Uint8Array.of(1, 2, 3),
  })
const isKept = (frame: Uint8Array): boolean => runProgram(FILTER, frame, { packetType: 0, ifindex: 1 }) > 0

describe('the filter for datagrams of a port', () => {
  for (const ip of ['192.0.2.1', '2001:db8::1']) {
    const frame = frameOf(ip, PORT)
    it(`keeps those of ${ip} whole`, () =>
      assert.equal(runProgram(FILTER, frame, { packetType: 0, ifindex: 1 }), 0xffff))
    it(`drops those to another port of ${ip}`, () => assert.ok(!isKept(frameOf(ip, PORT + 1))))
    it(`drops what is cut short of ${ip}`, () => assert.ok(!isKept(frame.subarray(0, 36))))
  }

  const V4 = frameOf('192.0.2.1', PORT)
  const V6 = frameOf('2001:db8::1', PORT)
  const TABLE: readonly (readonly [string, Uint8Array, boolean])[] = [
    ['IPv4 of another protocol', V4.with(23, 6), false],
    ['a later fragment', V4.with(21, 1), false],
    ['the first fragment', V4.with(20, 0x20), true],
    [
      'IPv4 with options',
      Uint8Array.from([...V4.subarray(0, 14), 0x46, ...V4.subarray(15, 34), 0, 0, 0, 0, ...V4.subarray(34)]),
      true,
    ],
    ['IPv6 of another protocol', V6.with(20, 58), false],
    ['ARP', V4.with(13, 6), false],
  ]
  for (const [what, frame, kept] of TABLE)
    it(`${kept ? 'keeps' : 'drops'} ${what}`, () => assert.equal(isKept(frame), kept))

  it('keeps all that can be read and is for the port, whatever else stands in a frame', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 20_000; round++) {
      const frame = Uint8Array.from(round % 2 === 0 ? V4 : V6)
      frame[Math.floor(random() * frame.length)] = random() * 256
      if (readUdpFrame(frame)?.port === PORT) assert.ok(isKept(frame))
    }
  })
})
