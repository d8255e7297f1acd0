import type { Message, Wire } from '@steelyard/membership'

/** Who seals with which key. Nothing is encrypted: a sealed message is the message itself, and only its key must fit. */
type Sealed = { readonly key: string; readonly boot: Uint8Array; readonly counter: number; readonly message: Message }

/** Sealing without cryptography, for runs of which that would be the greater part. The core never looks into the bytes. */
export function plainWire(boot: Uint8Array, key = 'key'): Wire {
  let counter = 0
  return {
    seal: (message) => {
      counter += 1
      const sealed: Sealed = { key, boot, counter, message }
      return sealed as unknown as Uint8Array
    },
    open: (bytes) => {
      const sealed = bytes as unknown as Sealed
      if (sealed.key !== key) return { ok: false, reason: 'WrongKey' }
      return { ok: true, boot: sealed.boot, counter: sealed.counter, message: sealed.message, keyId: key }
    },
    prove: () => {},
    forget: () => {},
    rekey: () => {},
  }
}

export const messageOf = (bytes: Uint8Array): Message => (bytes as unknown as Sealed).message
