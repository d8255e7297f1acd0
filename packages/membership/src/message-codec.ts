import { type Decoded, decoded, reader, type Reader, WireError, type Writer, writer } from '@steelyard/net'
import {
  BOOT_BYTES,
  CHALLENGE_BYTES,
  DIGEST_BYTES,
  LARGEST_BODY_BYTES,
  LONGEST_INTERFACE_BYTES,
  LONGEST_NAME_BYTES,
  MESSAGE_CODE,
  MOST_HEARD,
  NEVER_HEARD,
  NEWS_STATUS_CODE,
} from './constants.ts'
import type { Message, MessageBody, NewsEntry } from './message.ts'
import {
  blob,
  checkEnd,
  coded,
  type Field,
  fixed,
  flag,
  layout,
  list,
  optional,
  text,
  u16,
  u32,
} from './wire-fields.ts'

type Kind = MessageBody['kind']
type OfKind<B, K> = B extends { readonly kind: infer X } ? (K extends X ? B : never) : never
/** What a message of that kind says, beside its kind and sender. */
type Said<K extends Kind> = Omit<OfKind<MessageBody, K>, 'kind'>
type Rows = { readonly [K in Kind]: Field<Said<K>> }

const name = text(LONGEST_NAME_BYTES)
const boot = fixed(BOOT_BYTES)
const nonce = fixed(CHALLENGE_BYTES)
const kind = coded('message kind', MESSAGE_CODE)

/** Whole milliseconds; more than the field can say is as good as never. */
const silence: Field<number | undefined> = {
  write: (to, value) => void to.u16(Math.min(Math.floor(value ?? NEVER_HEARD), NEVER_HEARD)),
  read: (from) => {
    const value = from.u16()
    return value === NEVER_HEARD ? undefined : value
  },
}

const heardOn = layout({ name: text(LONGEST_INTERFACE_BYTES), heard: list(u16, MOST_HEARD, u32) })
const entry = layout<NewsEntry>({
  node: name,
  boot,
  incarnation: u32,
  status: coded('status', NEWS_STATUS_CODE),
  version: u32,
})

const ROWS: Rows = {
  beat: layout<Said<'beat'>>({ incarnation: u32, version: u32, leaving: flag, link: optional(heardOn) }),
  challenge: layout<Said<'challenge'>>({ nonce }),
  proof: layout<Said<'proof'>>({ nonce }),
  probe: layout<Said<'probe'>>({ token: u32 }),
  probed: layout<Said<'probed'>>({ token: u32 }),
  ask: layout<Said<'ask'>>({ node: name, boot, incarnation: u32 }),
  answer: layout<Said<'answer'>>({ node: name, boot, incarnation: u32, silentMs: silence }),
  news: layout<Said<'news'>>({ entries: list(u16, LARGEST_BODY_BYTES, entry) }),
  pull: layout<Said<'pull'>>({ node: name, have: u32 }),
  record: layout<Said<'record'>>({ node: name, boot, version: u32, part: u16, parts: u16, bytes: blob }),
  digest: layout<Said<'digest'>>({ hash: fixed(DIGEST_BYTES) }),
  leave: layout<Said<'leave'>>({ incarnation: u32 }),
}

/**
 * The bytes that an envelope carries.
 * @throws WireError when a value does not fit its field or the whole does not fit a datagram: that is our own bug
 */
export function encodeMessage(message: Message): Uint8Array {
  const to = writer()
  kind.write(to, message.kind)
  name.write(to, message.from)
  rowOf(message.kind).write(to, message)
  if (to.length() > LARGEST_BODY_BYTES) throw new WireError('too long for a datagram', to.length())
  return to.done()
}

/** What stands in an opened envelope. Shares no memory with `body`. */
export function decodeMessage(body: Uint8Array): Decoded<Message> {
  return decoded(() => {
    if (body.length > LARGEST_BODY_BYTES) throw new WireError('longer than a datagram', body.length)
    return readMessage(reader(body))
  })
}

function readMessage(from: Reader): Message {
  const found = kind.read(from)
  const sender = name.read(from)
  const said = rowOf(found).read(from)
  checkEnd(from)
  return { kind: found, from: sender, ...said } as Message
}

/** A row takes its own kind only, which the compiler cannot follow through the table. */
function rowOf(of: Kind): {
  readonly write: (to: Writer, value: Message) => void
  readonly read: (from: Reader) => object
} {
  return ROWS[of] as Field<object>
}

/** Messages that each fit a datagram and together tell all entries, in their order; none for no entries. */
export function packNews(from: string, entries: readonly NewsEntry[]): Message[] {
  const room = LARGEST_BODY_BYTES - encodeMessage({ kind: 'news', from, entries: [] }).length
  const packs: NewsEntry[][] = []
  let left = 0
  for (const told of entries) {
    const to = writer()
    entry.write(to, told)
    if (packs.length === 0 || to.length() > left) {
      packs.push([])
      left = room
    }
    packs.at(-1)?.push(told)
    left -= to.length()
  }
  return packs.map((pack) => ({ kind: 'news', from, entries: pack }))
}
