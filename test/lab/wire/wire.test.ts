import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeFrame } from './describe.ts'
import { readFrame } from './frame.ts'
import { pcapReader } from './pcap.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'))

/** Written down by tcpdump -XX from a lab of this project: a Linux client and a Linux node. */
const ARP_REQUEST = bytes(
  'ffffffffffff 020000000050 0806 0001 0800 06 04 0001 020000000050 c0a84332 000000000000 c0a8430d',
)
const ARP_REPLY = bytes(
  '020000000050 020000000013 0806 0001 0800 06 04 0002 020000000013 c0a8430d 020000000050 c0a84332',
)
const GRATUITOUS = bytes(
  'ffffffffffff 020000000011 0806 0001 0800 06 04 0001 020000000011 c0a84378 ffffffffffff c0a84378',
)
const SOLICITATION = bytes(`3333ff000012 020000000050 86dd 60000000 0020 3a ff
  fc000067000000000000000000000050 ff0200000000000000000001ff000012
  87 00 8b46 00000000 fc000067000000000000000000000012 01 01 020000000050`)
const ADVERTISEMENT = bytes(`020000000050 020000000012 86dd 60000000 0020 3a ff
  fc000067000000000000000000000012 fc000067000000000000000000000050
  88 00 0000 e0000000 fc000067000000000000000000000012 02 01 020000000012`)

function capture(frames: readonly Uint8Array[], littleEndian: boolean): Uint8Array {
  const header = Buffer.alloc(24)
  const write = (buffer: Buffer, value: number, at: number): unknown =>
    littleEndian ? buffer.writeUInt32LE(value, at) : buffer.writeUInt32BE(value, at)
  write(header, 0xa1b2c3d4, 0)
  const records = frames.flatMap((frame, index) => {
    const record = Buffer.alloc(16)
    write(record, 1000 + index, 0)
    write(record, 500, 4)
    write(record, frame.length, 8)
    write(record, frame.length, 12)
    return [record, frame]
  })
  return Buffer.concat([header, ...records])
}

describe('a capture stream', () => {
  for (const littleEndian of [true, false]) {
    it(`is read in ${littleEndian ? 'little' : 'big'} endian, byte by byte as in one piece`, () => {
      const stream = capture([ARP_REQUEST, ARP_REPLY], littleEndian)
      const whole = pcapReader().push(stream)
      const slow = pcapReader()
      const pieces = [...stream].flatMap((byte) => slow.push(Uint8Array.of(byte)))
      assert.deepEqual(pieces, whole)
      assert.deepEqual(
        whole.map(({ at }) => at),
        [1_000_000.5, 1_001_000.5],
      )
    })
  }

  it('is refused when it is none', () => {
    assert.throws(() => pcapReader().push(Buffer.alloc(24, 'x')), /not a capture/)
  })

  it('is refused when a record claims to be longer than any frame', () => {
    const stream = Buffer.from(capture([ARP_REQUEST], true))
    stream.writeUInt32LE(1 << 30, 32)
    assert.throws(() => pcapReader().push(stream), /out of step/)
  })
})

function inWords(frame: Uint8Array): string {
  const read = readFrame({ at: 0, bytes: frame })
  return read === undefined ? 'unreadable' : describeFrame(read)
}

describe('a frame', () => {
  const ROWS: readonly (readonly [string, Uint8Array, string])[] = [
    [
      'an ARP request',
      ARP_REQUEST,
      '02:00:00:00:00:50 > ff:ff:ff:ff:ff:ff  ARP request: who has 192.168.67.13? tell 192.168.67.50',
    ],
    [
      'an ARP reply',
      ARP_REPLY,
      '02:00:00:00:00:13 > 02:00:00:00:00:50  ARP reply: 192.168.67.13 is at 02:00:00:00:00:13',
    ],
    [
      'a gratuitous ARP',
      GRATUITOUS,
      '02:00:00:00:00:11 > ff:ff:ff:ff:ff:ff  ARP request, gratuitous: 192.168.67.120 is at 02:00:00:00:00:11',
    ],
    [
      'a solicitation',
      SOLICITATION,
      '02:00:00:00:00:50 > 33:33:ff:00:00:12  NDP solicitation: who has fc00:67::12? from fc00:67::50',
    ],
    [
      'an advertisement',
      ADVERTISEMENT,
      '02:00:00:00:00:12 > 02:00:00:00:00:50  NDP advertisement to fc00:67::50: fc00:67::12 is at 02:00:00:00:00:12 (solicited, override)',
    ],
    ['a runt', ARP_REQUEST.subarray(0, 13), 'unreadable'],
    ['an ARP packet cut short', ARP_REQUEST.subarray(0, 30), '02:00:00:00:00:50 > ff:ff:ff:ff:ff:ff  EtherType 806'],
  ]
  for (const [what, frame, words] of ROWS) it(`${what} is told in words`, () => assert.equal(inWords(frame), words))

  it('of NDP tells whether its checksum is right', () => {
    const wrong = readFrame({ at: 0, bytes: ADVERTISEMENT })
    assert.equal(wrong?.ndp?.checksumOk, false)
    const right = Uint8Array.from(ADVERTISEMENT)
    right.set(checksumOf(ADVERTISEMENT), 56)
    assert.equal(readFrame({ at: 0, bytes: right })?.ndp?.checksumOk, true)
  })

  it('cut anywhere never throws', () => {
    for (const frame of [ARP_REQUEST, SOLICITATION, ADVERTISEMENT]) {
      for (let length = 0; length <= frame.length; length++) readFrame({ at: 0, bytes: frame.subarray(0, length) })
    }
  })
})

/** RFC 4443 section 2.3, reckoned apart from the decoder: the words of pseudo-header and message, added up. */
function checksumOf(frame: Uint8Array): Uint8Array {
  const message = frame.subarray(54)
  const words = Buffer.concat([frame.subarray(22, 54), Uint8Array.of(0, 0, 0, message.length, 0, 0, 0, 58), message])
  let sum = 0
  for (let at = 0; at < words.length; at += 2) sum += words.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  const checksum = ~sum & 0xffff
  return Uint8Array.of(checksum >>> 8, checksum & 0xff)
}
