import { LARGEST_MESSAGE } from '../constants.ts'
import { readHeader } from './header.ts'
import { refusable, type Refused } from './refusal.ts'
import type { WireTerms } from './wire-terms.ts'

/** One whole message, header included; the bytes are valid until the next `push`. */
export type Frame = { readonly kind: 'frame'; readonly bytes: Uint8Array }

/** Cuts a byte stream into messages. */
export type Framer = {
  /** What came. Before the next piece `next` is to be asked until it has none: what is held is then less than one message. */
  readonly push: (bytes: Uint8Array) => void
  /**
   * The next message that is whole; a header that cannot be (RFC 4271 section 6.1) is told before its body has come, and again and again.
   * @returns undefined when more bytes are needed
   */
  readonly next: (terms: WireTerms) => Frame | Refused | undefined
}

/** Holds less than one message between two pieces, whatever the peer sends; the work is linear in the bytes that come. */
export function messageFramer(): Framer {
  let buffer = new Uint8Array(2 * LARGEST_MESSAGE)
  let start = 0
  let end = 0
  const makeRoom = (bytes: number): void => {
    const held = end - start
    if (held + bytes > buffer.length) {
      // At least twice as wide, so that a message in many small pieces is not copied for each of them.
      const wider = new Uint8Array(Math.max(held + bytes, 2 * buffer.length))
      wider.set(buffer.subarray(start, end))
      buffer = wider
    } else {
      buffer.copyWithin(0, start, end)
    }
    start = 0
    end = held
  }
  const cut = (terms: WireTerms): Frame | undefined => {
    const header = readHeader(buffer.subarray(start, end), terms)
    if (header === undefined || end - start < header.length) return undefined
    const bytes = buffer.subarray(start, start + header.length)
    start += header.length
    return { kind: 'frame', bytes }
  }
  return {
    push: (bytes) => {
      if (start === end) start = end = 0
      if (end + bytes.length > buffer.length) makeRoom(bytes.length)
      buffer.set(bytes, end)
      end += bytes.length
    },
    next: (terms) => refusable(() => cut(terms)),
  }
}
