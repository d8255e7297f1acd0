import { sameBytes, WireError, writer } from '@steelyard/net'
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import {
  BOOT_BYTES,
  COUNTER_BYTES,
  ENVELOPE_VERSION,
  HEADER_BYTES,
  KEY_ID_BYTES,
  KEY_ID_INFO,
  LARGEST_BODY_BYTES,
  LARGEST_COUNTER,
  LARGEST_DATAGRAM_BYTES,
  NONCE_BYTES,
  SEAL_INFO,
  SEAL_KEY_BYTES,
  TAG_BYTES,
} from './constants.ts'

const CIPHER = 'aes-256-gcm'
const HASH = 'sha256'
const GCM = { authTagLength: TAG_BYTES } as const
const BOOT_AT = 1 + KEY_ID_BYTES
const COUNTER_AT = BOOT_AT + BOOT_BYTES
const NO_SECRET = new Uint8Array(SEAL_KEY_BYTES)

type Secret = { readonly id: Uint8Array; readonly key: KeyObject }

/** The secrets of an install: the first seals, all are accepted. */
export type Keyring = { readonly sealing: Secret; readonly accepted: readonly Secret[] }

/** @param secrets each of any length; none = the all-zero secret, which keeps nobody out */
export function keyring(secrets: readonly Uint8Array[]): Keyring {
  const sealing = secretOf(secrets[0] ?? NO_SECRET)
  return { sealing, accepted: [sealing, ...secrets.slice(1).map(secretOf)] }
}

function secretOf(bytes: Uint8Array): Secret {
  const key = createSecretKey(bytes)
  return { key, id: new Uint8Array(hkdfSync(HASH, key, '', KEY_ID_INFO, KEY_ID_BYTES)) }
}

function bootKey(secret: Secret, boot: Uint8Array): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync(HASH, secret.key, boot, SEAL_INFO, SEAL_KEY_BYTES)))
}

export type Sealer = {
  /**
   * An envelope around an encoded message.
   * @param keyId of a secret that the receiver seals with (`keyIdOf`): it is used when it is accepted here and has not
   * sealed yet, for whoever has started with a new secret knows no other
   * @throws WireError when the body is too long for a datagram, which is our own bug
   */
  readonly seal: (body: Uint8Array, keyId?: string) => Uint8Array
  /** Seals with the first secret of another keyring from now on. The counter goes on, so that going back to an old secret repeats nothing. */
  readonly rekey: (keys: Keyring) => void
}

/**
 * What this process seals with; it owns the counter. Have one a boot, never two: each nonce may be used once.
 * @param boot the 16 random bytes of this process
 */
export function sealer(keys: Keyring, boot: Uint8Array): Sealer {
  if (boot.length !== BOOT_BYTES) throw new WireError(`a boot of ${boot.length} bytes`, 0)
  let ways = waysFor(keys, boot, new Set())
  let counter = 0
  return {
    seal: (body, keyId) => {
      const { secret, key } = (keyId === undefined ? undefined : ways.newer.get(keyId)) ?? ways.usual
      if (body.length > LARGEST_BODY_BYTES) throw new WireError('too long for a datagram', body.length)
      if (counter >= LARGEST_COUNTER) throw new WireError('no counter is left', COUNTER_AT)
      counter += 1
      return sealed(key, headerOf(secret.id, boot, counter), body)
    },
    rekey: (next) => {
      ways = waysFor(next, boot, ways.former)
    },
  }
}

/** How to seal: usually with the first secret; to whoever is ahead, with one that is only accepted so far. */
type Ways = {
  readonly usual: BootKey
  /** By the text of their ids. */
  readonly newer: ReadonlyMap<string, BootKey>
  /** Ids of the secrets that have sealed: nobody is led back to them. */
  readonly former: ReadonlySet<string>
}
type BootKey = { readonly secret: Secret; readonly key: KeyObject }

function waysFor({ sealing, accepted }: Keyring, boot: Uint8Array, before: ReadonlySet<string>): Ways {
  const former = new Set([...before, bootText(sealing.id)])
  const ahead = accepted.filter(({ id }) => !former.has(bootText(id)))
  const newer = new Map(ahead.map((secret) => [bootText(secret.id), { secret, key: bootKey(secret, boot) }]))
  return { usual: { secret: sealing, key: bootKey(sealing, boot) }, newer, former }
}

/** The secret a datagram says it is sealed with, as text. Ask it only of one that was opened. */
export function keyIdOf(bytes: Uint8Array): string {
  return bootText(bytes.subarray(1, BOOT_AT))
}

function headerOf(id: Uint8Array, boot: Uint8Array, counter: number): Uint8Array {
  const [high, low] = [Math.floor(counter / 2 ** 32), counter % 2 ** 32]
  return writer().u8(ENVELOPE_VERSION).bytes(id).bytes(boot).u16(high).u32(low).done()
}

function sealed(key: KeyObject, header: Uint8Array, body: Uint8Array): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonceOf(header), GCM).setAAD(header)
  const envelope = new Uint8Array(HEADER_BYTES + body.length + TAG_BYTES)
  envelope.set(header)
  envelope.set(cipher.update(body), HEADER_BYTES)
  cipher.final()
  envelope.set(cipher.getAuthTag(), HEADER_BYTES + body.length)
  return envelope
}

function nonceOf(header: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  nonce.set(header.subarray(COUNTER_AT, HEADER_BYTES), NONCE_BYTES - COUNTER_BYTES)
  return nonce
}

/** A boot as the key of a map. */
export function bootText(boot: Uint8Array): string {
  return Buffer.from(boot.buffer, boot.byteOffset, boot.byteLength).toString('hex')
}

/** Boots that have proven themselves, so that their keys are worth keeping. Everybody else's are reckoned anew for each datagram. */
export type ProvenBoots = {
  readonly most: number
  /** By `bootText`: the key that opened last, and of which secret it is. */
  readonly keys: Map<string, { readonly secret: Secret; readonly key: KeyObject } | undefined>
}

/** @param most of them; when one more is proven the oldest is forgotten, which costs time and no safety */
export function provenBoots(most: number): ProvenBoots {
  return { most, keys: new Map() }
}

export function proveBoot(known: ProvenBoots, boot: Uint8Array): void {
  const text = bootText(boot)
  if (known.keys.has(text)) return
  const [oldest] = known.keys.size >= known.most ? known.keys.keys() : []
  if (oldest !== undefined) known.keys.delete(oldest)
  known.keys.set(text, undefined)
}

export function forgetBoot(known: ProvenBoots, boot: Uint8Array): void {
  known.keys.delete(bootText(boot))
}

/**
 * Why a datagram was not opened. `Malformed`: no envelope by its length. `OtherVersion`: of a speaker that
 * speaks otherwise. `WrongKey`: sealed with a secret that is not ours. `Forged`: damaged, or made up by somebody
 * who saw one of ours.
 */
export const ENVELOPE_REFUSALS = ['Malformed', 'OtherVersion', 'WrongKey', 'Forged'] as const
export type EnvelopeRefusal = (typeof ENVELOPE_REFUSALS)[number]

export type Opened =
  | { readonly ok: true; readonly boot: Uint8Array; readonly counter: number; readonly body: Uint8Array }
  | { readonly ok: false; readonly reason: EnvelopeRefusal; readonly detail: string }

/**
 * Opens a datagram; never throws, and shares no memory with `bytes`. That it opens says that somebody with the
 * secret has sealed it once, not that it is new: ask `acceptCounter`, and challenge a boot that is not proven.
 */
export function openEnvelope(bytes: Uint8Array, keys: Keyring, known: ProvenBoots): Opened {
  const wrong = misshapen(bytes)
  if (wrong !== undefined) return wrong
  const id = bytes.subarray(1, BOOT_AT)
  const secrets = keys.accepted.filter((secret) => sameBytes(secret.id, id))
  if (secrets.length === 0) return refused('WrongKey', `no secret has the key id ${bootText(id)}`)
  const boot = bytes.slice(BOOT_AT, COUNTER_AT)
  for (const secret of secrets) {
    const body = opened(bytes, keyFor(secret, boot, known))
    if (body !== undefined) return { ok: true, boot, counter: counterOf(bytes), body }
  }
  return refused('Forged', 'its tag does not fit')
}

function misshapen(bytes: Uint8Array): Opened | undefined {
  const { length } = bytes
  if (length <= HEADER_BYTES + TAG_BYTES) return refused('Malformed', `${length} bytes are too few`)
  if (length > LARGEST_DATAGRAM_BYTES) return refused('Malformed', `${length} bytes are too many`)
  return bytes[0] === ENVELOPE_VERSION ? undefined : refused('OtherVersion', `version ${bytes[0]}`)
}

function refused(reason: EnvelopeRefusal, detail: string): Opened {
  return { ok: false, reason, detail }
}

/** A kept key stays until another secret is asked for: to one receiver a boot seals with one at a time. */
function keyFor(secret: Secret, boot: Uint8Array, known: ProvenBoots): KeyObject {
  const text = bootText(boot)
  if (!known.keys.has(text)) return bootKey(secret, boot)
  const kept = known.keys.get(text)
  if (kept?.secret === secret) return kept.key
  const key = bootKey(secret, boot)
  known.keys.set(text, { secret, key })
  return key
}

function opened(bytes: Uint8Array, key: KeyObject): Uint8Array | undefined {
  const header = bytes.subarray(0, HEADER_BYTES)
  const end = bytes.length - TAG_BYTES
  const decipher = createDecipheriv(CIPHER, key, nonceOf(header), GCM).setAAD(header).setAuthTag(bytes.subarray(end))
  const body = decipher.update(bytes.subarray(HEADER_BYTES, end))
  try {
    decipher.final()
  } catch {
    return undefined
  }
  return new Uint8Array(body)
}

function counterOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + COUNTER_AT, COUNTER_BYTES)
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2)
}
