import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { internetChecksum } from './checksum.ts'
import { writer } from './writer.ts'

describe('internetChecksum', () => {
  it('of the example of RFC 1071 section 3', () =>
    assert.equal(internetChecksum(Uint8Array.from([0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7])), ~0xddf2 & 0xffff))
  it('carries twice where the first carry makes another', () =>
    assert.equal(internetChecksum(Uint8Array.from([0xff, 0xff, 0xff, 0xff, 0, 1])), 0xfffe))
  it('of nothing is all ones', () => assert.equal(internetChecksum(), 0xffff))
  it('pads an odd last byte with zero', () =>
    assert.equal(internetChecksum(Uint8Array.from([1, 2, 3])), internetChecksum(Uint8Array.from([1, 2, 3, 0]))))
  it('of parts is that of the whole', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 200 }), (bytes) => {
        const middle = 2 * Math.floor(bytes.length / 4)
        assert.equal(internetChecksum(bytes.subarray(0, middle), bytes.subarray(middle)), internetChecksum(bytes))
      }),
    ))
  it('makes the whole sum up to nothing, as a receiver checks it', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const even = bytes.subarray(0, bytes.length - (bytes.length % 2))
        assert.equal(internetChecksum(even, writer().u16(internetChecksum(even)).done()), 0)
      }),
    ))
  it('does not overflow over a whole datagram of ones', () =>
    assert.equal(internetChecksum(new Uint8Array(65_534).fill(0xff)), 0))
})
