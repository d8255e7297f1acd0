import { reader, writer, WireError } from '@steelyard/net'
import assert from 'node:assert/strict'
import { endianness } from 'node:os'
import { describe, it } from 'node:test'
import { BIG_ENDIAN, HOST_ORDER, LITTLE_ENDIAN } from './host-order.ts'

const BYTES = Uint8Array.of(0x80, 0x01, 0x02, 0xff)

describe('numbers in the order of the host', () => {
  const read = (order: typeof HOST_ORDER) => [
    order.u16(reader(BYTES)),
    order.u32(reader(BYTES)),
    order.i32(reader(BYTES)),
  ]
  it('are read little end first', () => assert.deepEqual(read(LITTLE_ENDIAN), [0x0180, 0xff020180, -0xfdfe80]))
  it('are read big end first', () => assert.deepEqual(read(BIG_ENDIAN), [0x8001, 0x800102ff, -0x7ffefd01]))

  for (const [name, order] of [
    ['little', LITTLE_ENDIAN],
    ['big', BIG_ENDIAN],
  ] as const) {
    for (const value of [0, 1, 0x1234, 0x8000, 0xffff]) {
      it(`${value} written ${name} end first is read so`, () => {
        assert.equal(order.u16(reader(order.putU16(writer(), value).done())), value)
        assert.equal(order.u32(reader(order.putU32(writer(), value * 65537).done())), value * 65537)
      })
    }
    for (const value of [-1, 0x10000, 1.5, Number.NaN]) {
      it(`${value} is refused ${name} end first, and not cut`, () => {
        assert.throws(() => order.putU16(writer(), value), WireError)
        assert.throws(() => order.putU32(writer(), value === 0x10000 ? 2 ** 32 : value), WireError)
      })
    }
  }

  it('are those of this machine', () => {
    assert.equal(HOST_ORDER, endianness() === 'LE' ? LITTLE_ENDIAN : BIG_ENDIAN)
    const native = new Uint8Array(Uint32Array.of(0x01020304).buffer)
    assert.deepEqual([...HOST_ORDER.putU32(writer(), 0x01020304).done()], [...native])
  })
})
