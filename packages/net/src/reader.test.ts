import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Reader, reader, WireError } from './reader.ts'

describe('a reader', () => {
  const BYTES = Uint8Array.from([1, 0xff, 0xfe, 0x80, 0, 0, 1, 9])
  it('reads big-endian, and knows where it is', () => {
    const from = reader(BYTES)
    assert.deepEqual(
      [from.u8(), from.u16(), from.u32(), from.remaining(), from.offset()],
      [1, 0xfffe, 0x80000001, 1, 7],
    )
  })
  it('begins where the array begins in its buffer', () => assert.equal(reader(BYTES.subarray(1)).u16(), 0xfffe))
  it('gives bytes as a copy, since the buffer under it is used again', () => {
    const buffer = BYTES.slice()
    const copy = reader(buffer).bytes(2)
    buffer.fill(0)
    assert.deepEqual([...copy], [1, 0xff])
  })
  it('hands a part to another reader and goes on behind it', () => {
    const from = reader(BYTES)
    const part = from.sub(3)
    assert.deepEqual([part.u8(), part.u16(), part.remaining(), from.u8()], [1, 0xfffe, 0, 0x80])
    assert.throws(() => part.u8(), WireError)
  })
  it('skips', () => {
    const from = reader(BYTES)
    from.skip(7)
    assert.equal(from.u8(), 9)
  })

  const PAST: readonly (readonly [name: string, read: (from: Reader) => unknown])[] = [
    ['u8', (from) => from.u8()],
    ['u16', (from) => from.u16()],
    ['u32', (from) => from.u32()],
    ['bytes', (from) => from.bytes(1)],
    ['sub', (from) => from.sub(1)],
    ['skip', (from) => from.skip(1)],
    ['bytes of a negative length', (from) => from.bytes(-1)],
    ['sub of a negative length', (from) => from.sub(-2)],
    ['skip backwards', (from) => from.skip(-1)],
  ]
  for (const [name, read] of PAST) {
    it(`refuses ${name} at the end, and stays where it is`, () => {
      const from = reader(BYTES)
      from.skip(BYTES.length)
      assert.throws(
        () => read(from),
        (error) => error instanceof WireError && error.offset === BYTES.length && error.message.endsWith('at byte 8'),
      )
      assert.equal(from.offset(), BYTES.length)
    })
  }
})
