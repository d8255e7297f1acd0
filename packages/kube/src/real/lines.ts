/** The bytes of a line that has not ended yet; whoever fills it bounds `bytes`. */
export type LineBuffer = { parts: Buffer[]; bytes: number }

const NEWLINE = 0x0a

export function lineBuffer(): LineBuffer {
  return { parts: [], bytes: 0 }
}

/**
 * The lines that end in this chunk, one at a time, without their newline; what follows the last newline
 * stays in the buffer. Lines are cut as bytes, so a character may be split between two chunks.
 */
export function* linesOf(buffer: LineBuffer, chunk: Buffer): Generator<string> {
  let from = 0
  for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
    const line = Buffer.concat([...buffer.parts, chunk.subarray(from, end)]).toString('utf8')
    buffer.parts = []
    buffer.bytes = 0
    from = end + 1
    if (line.trim() !== '') yield line
  }
  if (from === chunk.length) return
  buffer.parts.push(chunk.subarray(from))
  buffer.bytes += chunk.length - from
}
