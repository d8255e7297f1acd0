import { WireError } from './reader.ts'

/** Big-endian writer. A value that does not fit its field throws: a store into bytes would wrap in silence. */
export type Writer = {
  readonly u8: (value: number) => Writer
  readonly u16: (value: number) => Writer
  readonly u32: (value: number) => Writer
  readonly bytes: (value: Uint8Array) => Writer
  readonly length: () => number
  /** A copy of what was written so far. */
  readonly done: () => Uint8Array
}

const FIRST_ROOM = 64

export function writer(): Writer {
  let out = new Uint8Array(FIRST_ROOM)
  let at = 0
  const room = (length: number): number => {
    const start = at
    at += length
    if (at > out.length) {
      const wider = new Uint8Array(Math.max(at, out.length * 2))
      wider.set(out)
      out = wider
    }
    return start
  }
  const put = (value: number, width: number): Writer => {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * width)) {
      throw new WireError(`${value} does not fit ${width} bytes`, at)
    }
    const start = room(width)
    for (let index = 0; index < width; index++) out[start + index] = (value >>> (8 * (width - 1 - index))) & 0xff
    return self
  }
  const self: Writer = {
    u8: (value) => put(value, 1),
    u16: (value) => put(value, 2),
    u32: (value) => put(value, 4),
    bytes: (value) => {
      const start = room(value.length)
      out.set(value, start)
      return self
    },
    length: () => at,
    done: () => out.slice(0, at),
  }
  return self
}
