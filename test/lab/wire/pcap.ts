/** A frame as tcpdump saw it. */
export type Captured = {
  /** Milliseconds since 1970, with the microseconds as a fraction. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** Reads a capture stream piece by piece, as it comes. */
export type PcapReader = { readonly push: (piece: Uint8Array) => readonly Captured[] }

/** The classic format, microseconds, in the byte order of the machine that wrote it (draft-ietf-opsawg-pcap, section 4). */
const MAGIC = 0xa1b2c3d4
const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** A longer record is no record: the stream is out of step. */
const LONGEST_FRAME = 262_144

/** @throws Error from `push` when the stream is no such capture */
export function pcapReader(): PcapReader {
  let rest: Uint8Array = new Uint8Array()
  let littleEndian: boolean | undefined
  const take = (length: number): DataView | undefined => {
    if (rest.length < length) return undefined
    const taken = new DataView(rest.buffer, rest.byteOffset, length)
    rest = rest.subarray(length)
    return taken
  }
  return {
    push: (piece) => {
      rest = Buffer.concat([rest, piece])
      if (littleEndian === undefined) {
        const header = take(FILE_HEADER_BYTES)
        if (header === undefined) return []
        littleEndian = isLittleEndian(header)
      }
      const frames: Captured[] = []
      for (let frame = nextRecord(rest, littleEndian); frame !== undefined; frame = nextRecord(rest, littleEndian)) {
        rest = rest.subarray(RECORD_HEADER_BYTES + frame.bytes.length)
        frames.push(frame)
      }
      return frames
    },
  }
}

function isLittleEndian(header: DataView): boolean {
  if (header.getUint32(0, true) === MAGIC) return true
  if (header.getUint32(0, false) === MAGIC) return false
  throw new Error(`not a capture: it begins with ${header.getUint32(0).toString(16)}`)
}

function nextRecord(bytes: Uint8Array, littleEndian: boolean): Captured | undefined {
  if (bytes.length < RECORD_HEADER_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const length = view.getUint32(8, littleEndian)
  if (length > LONGEST_FRAME) throw new Error(`a record of ${length} bytes: the capture is out of step`)
  if (bytes.length < RECORD_HEADER_BYTES + length) return undefined
  const at = view.getUint32(0, littleEndian) * 1000 + view.getUint32(4, littleEndian) / 1000
  return { at, bytes: bytes.slice(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length) }
}
