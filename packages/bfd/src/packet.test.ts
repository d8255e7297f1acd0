import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BfdPacket, decodePacket, encodePacket, type PacketRefusal } from './packet.ts'

/** RFC 5880 section 4.1, by hand: version 1, diagnostic 3; up, poll and C; 3; 24; then five words. */
const UP = '23 e8 03 18 00 00 00 0a 00 00 00 0b 00 00 c3 50 00 00 c3 50 00 00 27 10'
const UP_PACKET: BfdPacket = {
  diagnostic: 3,
  state: 'up',
  poll: true,
  final: false,
  controlPlaneIndependent: true,
  authenticated: false,
  demand: false,
  multiplier: 3,
  myDiscriminator: 10,
  yourDiscriminator: 11,
  desiredMinTxUs: 50_000,
  requiredMinRxUs: 50_000,
  requiredMinEchoRxUs: 10_000,
}
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const changed = (at: number, value: number): Uint8Array => {
  const bytes = Uint8Array.from(bytesOf(UP))
  bytes[at] = value
  return bytes
}

describe('a control packet', () => {
  it('is read as RFC 5880 draws it', () => {
    assert.deepEqual(decodePacket(bytesOf(UP)), { ok: true, packet: UP_PACKET })
  })

  it('is written as RFC 5880 draws it', () => {
    assert.equal(Buffer.from(encodePacket(UP_PACKET)).toString('hex'), UP.replaceAll(' ', ''))
  })

  const ROWS: readonly { readonly what: string; readonly at: number; readonly value: number; readonly is: object }[] = [
    {
      what: 'final',
      at: 1,
      value: 0xd0,
      is: { state: 'up', final: true, poll: false, controlPlaneIndependent: false },
    },
    { what: 'demand', at: 1, value: 0xc2, is: { demand: true } },
    { what: 'admin down', at: 1, value: 0x00, is: { state: 'adminDown' } },
    { what: 'down', at: 1, value: 0x40, is: { state: 'down' } },
    { what: 'init', at: 1, value: 0x80, is: { state: 'init' } },
    { what: 'the greatest diagnostic', at: 0, value: 0x3f, is: { diagnostic: 31 } },
    { what: 'a discriminator above 2^31', at: 4, value: 0xff, is: { myDiscriminator: 0xff00000a } },
  ]
  for (const { what, at, value, is } of ROWS) {
    it(`with ${what} is read, and written the same`, () => {
      const read = decodePacket(changed(at, value))
      assert.ok(read.ok)
      assert.deepEqual({ ...read.packet, ...is }, read.packet)
      assert.deepEqual(encodePacket(read.packet), changed(at, value))
    })
  }

  it('with authentication says so, and is read as far as it can be', () => {
    const bytes = Uint8Array.from([...bytesOf(UP), 1, 2])
    bytes[1] = 0xc4
    bytes[3] = 26
    const read = decodePacket(bytes)
    assert.ok(read.ok && read.packet.authenticated)
  })

  it('may be followed by other bytes', () => {
    assert.ok(decodePacket(Uint8Array.from([...bytesOf(UP), 9, 9])).ok)
  })

  const REFUSED: readonly (readonly [PacketRefusal, string, Uint8Array])[] = [
    ['PacketTooShort', 'nothing', new Uint8Array(0)],
    ['PacketTooShort', '23 bytes', bytesOf(UP).subarray(0, 23)],
    ['WrongVersion', 'version 0', changed(0, 0x03)],
    ['WrongVersion', 'version 2', changed(0, 0x43)],
    ['LengthTooSmall', 'a length of 23', changed(3, 23)],
    ['LengthTooSmall', 'authentication in a length of 24', changed(1, 0xc4)],
    ['LengthBeyondPacket', 'a length of 25 in 24 bytes', changed(3, 25)],
    ['ZeroMultiplier', 'a multiplier of 0', changed(2, 0)],
    ['MultipointSet', 'the multipoint bit', changed(1, 0xc1)],
    ['ZeroMyDiscriminator', 'no discriminator of its own', changed(7, 0)],
  ]
  for (const [reason, what, bytes] of REFUSED) {
    it(`with ${what} is refused: ${reason}`, () => assert.deepEqual(decodePacket(bytes), { ok: false, reason }))
  }

  it('with several faults is refused for the first that RFC 5880 section 6.8.6 looks at', () => {
    const bytes = changed(0, 0x03)
    bytes[2] = 0
    bytes[7] = 0
    assert.deepEqual(decodePacket(bytes), { ok: false, reason: 'WrongVersion' })
  })

  for (const wrong of [
    { multiplier: 256 },
    { desiredMinTxUs: 2 ** 32 },
    { diagnostic: -1 },
    { yourDiscriminator: 0.5 },
  ]) {
    it(`is not written with ${JSON.stringify(wrong)}`, () => {
      assert.throws(() => encodePacket({ ...UP_PACKET, ...wrong }), RangeError)
    })
  }

  it('read from any bytes is a packet or a refusal, and one that is read is written the same', () => {
    const random = seededRandom(3)
    let read = 0
    for (let round = 0; round < 100_000; round++) {
      const bytes = Uint8Array.from(bytesOf(UP))
      for (let edits = 0; edits < 3; edits++) bytes[Math.floor(random() * bytes.length)] = random() * 256
      const cut = bytes.subarray(0, random() < 0.1 ? Math.floor(random() * 25) : 24)
      const found = decodePacket(cut)
      if (!found.ok || found.packet.authenticated) continue
      read += 1
      assert.deepEqual(encodePacket(found.packet), cut)
    }
    assert.ok(read > 10_000, `${read} of 100 000 were packets`)
  })
})
