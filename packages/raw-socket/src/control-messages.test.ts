import { parseAddress, WireError, writer } from '@steelyard/net'
import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { endianness } from 'node:os'
import { describe, it } from 'node:test'
import { readArrival } from './control-messages.ts'
import { HOST_ORDER } from './host-order.ts'

/** `struct cmsghdr` and its payload, padded. */
function control(
  wordSize: number,
  ...messages: readonly (readonly [level: number, type: number, payload: Uint8Array])[]
) {
  const out = writer()
  for (const [level, type, payload] of messages) {
    const length = wordSize + 8 + payload.length
    // An eight-byte size_t has its upper half zero, on whichever side that is.
    if (wordSize === 8 && endianness() === 'BE') out.u32(0)
    HOST_ORDER.putU32(out, length)
    if (wordSize === 8 && endianness() === 'LE') out.u32(0)
    HOST_ORDER.putU32(HOST_ORDER.putU32(out, level), type).bytes(payload)
    out.bytes(new Uint8Array(-length & (wordSize - 1)))
  }
  return out.done()
}

const int = (value: number): Uint8Array => HOST_ORDER.putU32(writer(), value).done()
const v4 = Uint8Array.of(...int(4), 10, 0, 0, 1, 192, 0, 2, 7)
const v6 = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, ...int(3))

describe('control messages', () => {
  for (const wordSize of [4, 8]) {
    it(`of a machine of ${wordSize * 8} bits tell IPv4’s TTL, destination and interface`, () => {
      const told = readArrival(control(wordSize, [0, 8, v4], [0, 2, int(64)]), wordSize)
      assert.deepEqual(told, { ttl: 64, destination: parseAddress('192.0.2.7'), ifindex: 4 })
    })
    it(`of a machine of ${wordSize * 8} bits tell IPv6’s hop limit, destination and interface`, () => {
      const told = readArrival(control(wordSize, [41, 52, int(255)], [41, 50, v6]), wordSize)
      assert.deepEqual(told, { ttl: 255, destination: parseAddress('fe80::9'), ifindex: 3 })
    })
  }

  it('of other kinds are passed over', () => {
    const told = readArrival(
      control(8, [1, 29, new Uint8Array(16)], [0, 99, int(1)], [41, 99, int(1)], [0, 2, int(7)]),
      8,
    )
    assert.deepEqual(told, { ttl: 7, destination: undefined, ifindex: undefined })
  })

  it('none tell nothing', () => {
    assert.deepEqual(readArrival(new Uint8Array(0), 8), { ttl: undefined, destination: undefined, ifindex: undefined })
  })

  it('changed at random are read or refused, 50000 times', () => {
    const random = seededRandom(1)
    const seed = control(8, [0, 8, v4], [41, 50, v6], [0, 2, int(64)])
    for (let round = 0; round < 50_000; round++) {
      const bytes = seed.with(Math.floor(random() * seed.length), Math.floor(random() * 256))
      try {
        readArrival(bytes.subarray(0, Math.floor(random() * (seed.length + 1))), 8)
      } catch (error) {
        assert.ok(error instanceof WireError)
      }
    }
  })
})
