import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { reader, WireError } from './reader.ts'
import { type Writer, writer } from './writer.ts'

describe('a writer', () => {
  it('writes big-endian, and tells how much', () => {
    const into = writer()
      .u8(1)
      .u16(0xfffe)
      .u32(0x80000001)
      .bytes(Uint8Array.from([9]))
    assert.equal(into.length(), 8)
    assert.deepEqual([...into.done()], [1, 0xff, 0xfe, 0x80, 0, 0, 1, 9])
  })
  it('gives a copy, and goes on', () => {
    const into = writer().u8(1)
    const before = into.done()
    before[0] = 9
    into.u8(2)
    assert.deepEqual([[...before], [...into.done()]], [[9], [1, 2]])
  })
  it('grows as far as needed', () => {
    const big = new Uint8Array(1000).fill(7)
    assert.deepEqual(writer().u8(1).bytes(big).u16(2).done(), Uint8Array.from([1, ...big, 0, 2]))
  })

  const UNFIT: readonly (readonly [name: string, write: (into: Writer) => unknown])[] = [
    ['256 in one byte', (into) => into.u8(256)],
    ['-1 in one byte', (into) => into.u8(-1)],
    ['65536 in two bytes', (into) => into.u16(65536)],
    ['2^32 in four bytes', (into) => into.u32(2 ** 32)],
    ['half a byte', (into) => into.u8(0.5)],
    ['no number', (into) => into.u16(Number.NaN)],
    ['what is endless', (into) => into.u32(Infinity)],
  ]
  for (const [name, write] of UNFIT) {
    it(`refuses ${name}, and keeps what it has`, () => {
      const into = writer().u8(5)
      assert.throws(() => write(into), WireError)
      assert.deepEqual([...into.done()], [5])
    })
  }

  it('writes what a reader reads', () => {
    type Part = readonly [width: 'u8' | 'u16' | 'u32', value: number]
    const part: fc.Arbitrary<Part> = fc.oneof(
      fc.tuple(fc.constant('u8' as const), fc.nat(0xff)),
      fc.tuple(fc.constant('u16' as const), fc.nat(0xffff)),
      fc.tuple(fc.constant('u32' as const), fc.nat(0xffffffff)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const into = writer()
        for (const [width, value] of parts) into[width](value)
        const from = reader(into.done())
        for (const [width, value] of parts) assert.equal(from[width](), value)
        assert.equal(from.remaining(), 0)
      }),
    )
  })
})
