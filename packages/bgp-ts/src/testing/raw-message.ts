import { HEADER_BYTES } from '../constants.ts'
import { hexBytes } from './corpus.ts'

/** A message with a right header around a body in hex, whatever is wrong with the body. */
export function rawMessage(type: number, body: string): Uint8Array {
  const bytes = hexBytes(body)
  const length = HEADER_BYTES + bytes.length
  return Uint8Array.from([...Array<number>(16).fill(0xff), length >> 8, length & 0xff, type, ...bytes])
}

/** An UPDATE from the hex of its three fields, with right lengths between them. */
export function rawUpdate(attributes: string, reachable = '', withdrawn = ''): Uint8Array {
  return rawMessage(2, `${withLength(withdrawn)}${withLength(attributes)}${reachable}`)
}

function withLength(text: string): string {
  const bytes = hexBytes(text)
  return bytes.length.toString(16).padStart(4, '0') + hex(bytes)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
