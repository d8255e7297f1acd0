/**
 * A field of somebody else's packet, or of ours, that does not fit. Codecs throw it while they walk
 * the fields and `decoded` turns it into a value at their public entry.
 */
export class WireError extends Error {
  readonly offset: number
  constructor(what: string, offset: number) {
    super(`${what} at byte ${offset}`)
    this.name = 'WireError'
    this.offset = offset
  }
}

/** Bounds-checked big-endian reader over one datagram; every read past the end throws `WireError`. */
export type Reader = {
  readonly u8: () => number
  readonly u16: () => number
  readonly u32: () => number
  /** A copy, since the kernel adapter reuses its receive buffer. */
  readonly bytes: (length: number) => Uint8Array
  /** A reader over the next `length` bytes, which this one then skips. */
  readonly sub: (length: number) => Reader
  readonly skip: (length: number) => void
  readonly remaining: () => number
  readonly offset: () => number
}

export function reader(source: Uint8Array): Reader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  let at = 0
  const take = (length: number): number => {
    // Below zero when a packet's own length field is less than what was read of it: that would step back.
    if (length < 0) throw new WireError(`a length field is ${-length} bytes too short`, at)
    if (at + length > source.length) throw new WireError(`needs ${length} bytes, ${source.length - at} left`, at)
    const start = at
    at += length
    return start
  }
  return {
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2)),
    u32: () => view.getUint32(take(4)),
    bytes: (length) => {
      const start = take(length)
      return source.slice(start, start + length)
    },
    sub: (length) => {
      const start = take(length)
      return reader(source.subarray(start, start + length))
    },
    skip: (length) => void take(length),
    remaining: () => source.length - at,
    offset: () => at,
  }
}
