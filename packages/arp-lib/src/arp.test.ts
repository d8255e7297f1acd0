import { type Address, parseAddress, parseMac } from '@steelyard/net'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ArpPacket, decodeArp, encodeArp } from './arp.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const address = (text: string): Address => parseAddress(text)!

const WHO_HAS: ArpPacket = {
  operation: 'request',
  senderMac: parseMac('02:00:00:00:00:0a')!,
  senderIp: address('192.0.2.10'),
  targetMac: parseMac('00:00:00:00:00:00')!,
  targetIp: address('192.0.2.1'),
}
const WHO_HAS_BYTES = hex(`
  0001 0800 06 04 0001
  02000000000a c000020a
  000000000000 c0000201`)

describe('the ARP codec', () => {
  it('writes a who-has exactly as RFC 826 lays it out', () => {
    assert.deepEqual(encodeArp(WHO_HAS), WHO_HAS_BYTES)
  })

  it('reads it back, whatever padding Ethernet has put behind it', () => {
    const padded = Uint8Array.from([...WHO_HAS_BYTES, ...new Uint8Array(18).fill(0xee)])
    assert.deepEqual(decodeArp(padded), { ok: true, value: WHO_HAS })
  })

  it('reads a reply as such', () => {
    const packet = decodeArp(encodeArp({ ...WHO_HAS, operation: 'reply' }))
    assert.ok(packet.ok)
    assert.equal(packet.value.operation, 'reply')
  })

  const damaged: [name: string, at: number, byte: number, reason: RegExp][] = [
    ['an InfiniBand hardware type', 1, 32, /hardware type is 32, not 1/],
    ['a protocol that is not IPv4', 2, 0x86, /protocol type is/],
    ['a hardware length that lies', 4, 8, /hardware length is 8, not 6/],
    ['a protocol length that lies', 5, 16, /protocol length is 16, not 4/],
    ['a reverse ARP operation', 7, 3, /operation 3 is neither/],
    ['operation 0', 7, 0, /operation 0 is neither/],
  ]
  for (const [name, at, byte, reason] of damaged) {
    it(`refuses ${name}`, () => {
      const result = decodeArp(WHO_HAS_BYTES.with(at, byte))
      assert.ok(!result.ok)
      assert.match(result.reason, reason)
    })
  }

  it('refuses every truncation', () => {
    for (let length = 0; length < WHO_HAS_BYTES.length; length++) {
      assert.equal(decodeArp(WHO_HAS_BYTES.subarray(0, length)).ok, false, `length ${length}`)
    }
  })
})
