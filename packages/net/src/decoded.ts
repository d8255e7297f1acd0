import { WireError } from './reader.ts'

/** What a stranger sent is never trusted, so a bad packet is a value with a reason and not an exception. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

/** Runs a codec. Its `WireError` becomes a reason; any other error is our bug and goes on up. */
export function decoded<T>(read: () => T): Decoded<T> {
  try {
    return { ok: true, value: read() }
  } catch (error) {
    if (error instanceof WireError) return { ok: false, reason: error.message }
    throw error
  }
}
