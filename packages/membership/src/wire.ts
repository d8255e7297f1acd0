import type { Message } from './message.ts'

/** What a datagram turned out to be. */
export type Opened =
  | { readonly ok: true; readonly boot: Uint8Array; readonly counter: number; readonly message: Message }
  | { readonly ok: false; readonly reason: string }

/** Messages as sealed datagrams and back. Each sealing takes the next counter of this life. */
export type Wire = {
  readonly seal: (message: Message) => Uint8Array
  readonly open: (bytes: Uint8Array) => Opened
}
