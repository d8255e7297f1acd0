import type { Incarnation } from './identity.ts'

/** One message among speakers, as it stands inside an envelope. `from` is the node that says it. */
export type Message = { readonly from: string } & MessageBody

export type MessageBody =
  /** A sign of life, at each interval. */
  | {
      readonly kind: 'beat'
      readonly incarnation: number
      /** Of the sender's own record; 0 = it has published none yet. */
      readonly version: number
      /** It is handing over and will say goodbye. */
      readonly leaving: boolean
      /** Set on what goes over one announcing interface only: which of the sender's, and whom it hears on it (`hashText` of names). */
      readonly link?: { readonly name: string; readonly heard: readonly number[] }
    }
  /** "Prove that you live now": a boot is believed only after it has answered with the nonce (8 bytes). */
  | { readonly kind: 'challenge' | 'proof'; readonly nonce: Uint8Array }
  /** "Do you hear me?", and the answer, with a token of the asker's choice (u32). */
  | { readonly kind: 'probe' | 'probed'; readonly token: number }
  /** "Have you heard that node?", and the answer. */
  | ({ readonly kind: 'ask' } & Incarnation)
  | ({ readonly kind: 'answer' } & Incarnation & {
        /** Since it was heard last, milliseconds; undefined = never, or more than a minute ago. */
        readonly silentMs: number | undefined
      })
  | { readonly kind: 'news'; readonly entries: readonly NewsEntry[] }
  /** "Send me the record of that node, I have this version of it" (0 = none). */
  | { readonly kind: 'pull'; readonly node: string; readonly have: number }
  /** A part of a node's record. */
  | {
      readonly kind: 'record'
      readonly node: string
      readonly boot: Uint8Array
      readonly version: number
      readonly part: number
      readonly parts: number
      readonly bytes: Uint8Array
    }
  /** A hash (8 bytes) of all that the sender knows of the members. */
  | { readonly kind: 'digest'; readonly hash: Uint8Array }
  | { readonly kind: 'leave'; readonly incarnation: number }

export type NewsStatus = 'alive' | 'dead' | 'left'

/** What one speaker says of another. */
export type NewsEntry = Incarnation & { readonly status: NewsStatus; readonly version: number }
