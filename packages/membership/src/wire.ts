import type { Message } from './message.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import { forgetBoot, keyIdOf, type Keyring, openEnvelope, proveBoot, provenBoots, sealer } from './seal.ts'

/** What a datagram turned out to be. */
export type Read =
  | {
      readonly ok: true
      readonly boot: Uint8Array
      readonly counter: number
      readonly message: Message
      /** The secret it was sealed with. */
      readonly keyId: string
    }
  | { readonly ok: false; readonly reason: string }

/** Messages as sealed datagrams and back. Each sealing takes the next counter of this life. */
export type Wire = {
  /** @param keyId what the receiver seals with, where that is known */
  readonly seal: (message: Message, keyId?: string) => Uint8Array
  readonly open: (bytes: Uint8Array) => Read
  /** A boot has proven itself, so that it is worth remembering its key; or it is over. */
  readonly prove: (boot: Uint8Array) => void
  readonly forget: (boot: Uint8Array) => void
  readonly rekey: (keys: Keyring) => void
}

/** More boots than any roster has nodes; the keys of further ones are reckoned anew each time. */
const BOOTS_KEPT = 4096

/** The real one. Have one a process: it owns the counter that makes each nonce unique. */
export function sealedWire(boot: Uint8Array, first: Keyring): Wire {
  const out = sealer(first, boot)
  const known = provenBoots(BOOTS_KEPT)
  let keys = first
  return {
    seal: (message, keyId) => out.seal(encodeMessage(message), keyId),
    open: (bytes) => {
      const envelope = openEnvelope(bytes, keys, known)
      if (!envelope.ok) return envelope
      const { boot, counter, body } = envelope
      const message = decodeMessage(body)
      if (!message.ok) return { ok: false, reason: 'Malformed' }
      return { ok: true, boot, counter, message: message.value, keyId: keyIdOf(bytes) }
    },
    prove: (boot) => proveBoot(known, boot),
    forget: (boot) => forgetBoot(known, boot),
    rekey: (next) => {
      keys = next
      out.rekey(next)
    },
  }
}
