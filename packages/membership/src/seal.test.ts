import assert from 'node:assert/strict'
import { createHmac, webcrypto } from 'node:crypto'
import { describe, it } from 'node:test'
import { LARGEST_BODY_BYTES, LARGEST_DATAGRAM_BYTES } from './constants.ts'
import {
  bootText,
  forgetBoot,
  keyring,
  keyIdOf,
  openEnvelope,
  type Opened,
  proveBoot,
  provenBoots,
  type ProvenBoots,
  sealer,
} from './seal.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const SECRET = text('a secret of the install')
const OTHER_SECRET = text('the next secret')
const BOOT = hex('000102030405060708090a0b0c0d0e0f')
const BODY = text('beat')
const KEYS = keyring([SECRET])
const nobody = (): ProvenBoots => provenBoots(4)

const reasonOf = (opened: Opened): string => (opened.ok ? 'opened' : opened.reason)

/** RFC 5869 by hand, one block of it. */
function hkdf(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  const pseudoRandomKey = createHmac('sha256', salt).update(secret).digest()
  return createHmac('sha256', pseudoRandomKey).update(info).update(Uint8Array.of(1)).digest()
}

/** The envelope as README.md describes it, by another interface of another library. */
async function envelopeByHand(secret: Uint8Array, counter: number): Promise<Uint8Array> {
  const id = hkdf(secret, new Uint8Array(32), 'steelyard membership v1 id').subarray(0, 4)
  const counterBytes = hex(counter.toString(16).padStart(12, '0'))
  const header = Uint8Array.from([1, ...id, ...BOOT, ...counterBytes])
  const raw = Uint8Array.from(hkdf(secret, BOOT, 'steelyard membership v1 seal'))
  const key = await webcrypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt'])
  const iv = Uint8Array.from([0, 0, 0, 0, 0, 0, ...counterBytes])
  const algorithm = { name: 'AES-GCM', iv, additionalData: header, tagLength: 128 }
  const sealed = await webcrypto.subtle.encrypt(algorithm, key, Uint8Array.from(BODY))
  return Uint8Array.from([...header, ...new Uint8Array(sealed)])
}

describe('the envelope on the wire', () => {
  const vectors: [name: string, secrets: Uint8Array[], secret: Uint8Array, envelope: string][] = [
    [
      'with a secret',
      [SECRET],
      SECRET,
      '012752e4f7000102030405060708090a0b0c0d0e0f000000000001c0aadc38c85d8f9896a285f8d00612ad3d5fefb6',
    ],
    [
      'with the secret that stands first',
      [SECRET, OTHER_SECRET],
      SECRET,
      '012752e4f7000102030405060708090a0b0c0d0e0f000000000001c0aadc38c85d8f9896a285f8d00612ad3d5fefb6',
    ],
    [
      'without a secret, which is the all-zero one',
      [],
      new Uint8Array(32),
      '01dcd7c2d3000102030405060708090a0b0c0d0e0f00000000000178d97e169666729a50f628027f8406ff7f15a156',
    ],
  ]
  for (const [name, secrets, secret, envelope] of vectors) {
    it(`${name} is what it always was, and what it is by hand`, async () => {
      const sealed = sealer(keyring(secrets), BOOT).seal(BODY)
      assert.equal(toHex(sealed), envelope.replaceAll(/\s/g, ''))
      assert.deepEqual(sealed, await envelopeByHand(secret, 1))
    })
  }

  it('counts every envelope', async () => {
    const { seal } = sealer(KEYS, BOOT)
    for (const counter of [1, 2, 3]) assert.deepEqual(seal(BODY), await envelopeByHand(SECRET, counter))
  })
})

describe('an envelope', () => {
  const sealed = sealer(KEYS, BOOT).seal(BODY)

  it('opens to what was put in', () => {
    assert.deepEqual(openEnvelope(sealed, KEYS, nobody()), { ok: true, boot: BOOT, counter: 1, body: BODY })
  })

  it('opens wherever in a buffer it stands, and shares no memory with it', () => {
    const buffer = Uint8Array.from([9, 9, ...sealed, 9])
    const opened = openEnvelope(buffer.subarray(2, -1), KEYS, nobody())
    buffer.fill(0)
    assert.deepEqual(opened, { ok: true, boot: BOOT, counter: 1, body: BODY })
  })

  it('opens when its counter needs all six bytes', async () => {
    const counter = 2 ** 48 - 1
    const opened = openEnvelope(await envelopeByHand(SECRET, counter), KEYS, nobody())
    assert.equal(opened.ok && opened.counter, counter)
  })

  it('may be as long as a datagram, and no longer', () => {
    const { seal } = sealer(KEYS, BOOT)
    const longest = seal(new Uint8Array(LARGEST_BODY_BYTES))
    assert.equal(longest.length, LARGEST_DATAGRAM_BYTES)
    assert.equal(openEnvelope(longest, KEYS, nobody()).ok, true)
    assert.throws(() => seal(new Uint8Array(LARGEST_BODY_BYTES + 1)), /too long/)
  })

  const strange: [name: string, bytes: Uint8Array, reason: string][] = [
    ['nothing', new Uint8Array(0), 'Malformed'],
    ['a header and a tag around nothing', sealed.slice(0, 27 + 16), 'Malformed'],
    ['more than a datagram', new Uint8Array(LARGEST_DATAGRAM_BYTES + 1).fill(1), 'Malformed'],
    ['the envelope of another version', sealed.with(0, 2), 'OtherVersion'],
    ['what was sealed with another secret', sealer(keyring([OTHER_SECRET]), BOOT).seal(BODY), 'WrongKey'],
    ['what was sealed without one', sealer(keyring([]), BOOT).seal(BODY), 'WrongKey'],
    ['one byte less', sealed.slice(0, -1), 'Forged'],
    ['one byte more', Uint8Array.from([...sealed, 0]), 'Forged'],
  ]
  for (const [name, bytes, reason] of strange) {
    it(`${name} is refused as ${reason}`, () => assert.equal(reasonOf(openEnvelope(bytes, KEYS, nobody())), reason))
  }

  it('with any one bit turned is refused, be the boot known or not', () => {
    const known = nobody()
    proveBoot(known, BOOT)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bent = sealed.with(bit >> 3, (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7)))
      for (const boots of [nobody(), known]) assert.equal(openEnvelope(bent, KEYS, boots).ok, false, `bit ${bit}`)
    }
  })
})

describe('a keyring', () => {
  it('opens what any of its secrets sealed', () => {
    const both = keyring([OTHER_SECRET, SECRET])
    for (const secret of [SECRET, OTHER_SECRET]) {
      assert.equal(openEnvelope(sealer(keyring([secret]), BOOT).seal(BODY), both, nobody()).ok, true)
    }
  })

  it('may be exchanged while a boot is known: old and new, there and back', () => {
    const [old, both, next] = [KEYS, keyring([OTHER_SECRET, SECRET]), keyring([OTHER_SECRET])]
    const known = nobody()
    proveBoot(known, BOOT)
    const mine = sealer(old, BOOT)
    assert.equal(openEnvelope(mine.seal(BODY), both, known).ok, true)
    mine.rekey(both)
    const rotated = mine.seal(BODY)
    assert.equal(openEnvelope(rotated, both, known).ok, true)
    assert.equal(openEnvelope(rotated, next, known).ok, true)
    assert.equal(reasonOf(openEnvelope(rotated, old, known)), 'WrongKey')
    mine.rekey(old)
    assert.equal(openEnvelope(mine.seal(BODY), both, known).ok, true)
  })

  it('seals with a secret that does not seal yet for whoever already does, and leads nobody back to a former one', () => {
    const [old, both, next] = [KEYS, keyring([SECRET, OTHER_SECRET]), keyring([OTHER_SECRET])]
    const [oldId, nextId] = [old, next].map((keys) => keyIdOf(sealer(keys, BOOT).seal(BODY)))
    const mine = sealer(both, BOOT)
    assert.equal(openEnvelope(mine.seal(BODY, nextId), next, nobody()).ok, true)
    assert.equal(openEnvelope(mine.seal(BODY), old, nobody()).ok, true)
    assert.equal(
      openEnvelope(mine.seal(BODY, 'ffffffff'), old, nobody()).ok,
      true,
      'a secret that is not ours is no way',
    )
    mine.rekey(keyring([OTHER_SECRET, SECRET]))
    assert.equal(openEnvelope(mine.seal(BODY, oldId), next, nobody()).ok, true)
  })

  it('never sees a counter again, however often the secrets change', () => {
    const mine = sealer(KEYS, BOOT)
    const counters: number[] = []
    for (const keys of [KEYS, keyring([OTHER_SECRET]), KEYS, keyring([]), KEYS]) {
      mine.rekey(keys)
      const opened = openEnvelope(mine.seal(BODY), keys, nobody())
      assert.ok(opened.ok)
      counters.push(opened.counter)
    }
    assert.deepEqual(counters, [1, 2, 3, 4, 5])
  })

  it('wants a boot of 16 bytes', () => assert.throws(() => sealer(KEYS, new Uint8Array(15)), /boot of 15 bytes/))
})

describe('the keys of boots', () => {
  const boots = Array.from({ length: 9 }, (_, index) => BOOT.with(0, index))

  it('are not kept for strangers, even with the right secret', () => {
    const known = nobody()
    for (const boot of boots) assert.equal(openEnvelope(sealer(KEYS, boot).seal(BODY), KEYS, known).ok, true)
    assert.equal(known.keys.size, 0)
  })

  it('are kept for the last ones proven, and for no more than wanted', () => {
    const known = nobody()
    for (const boot of boots) {
      proveBoot(known, boot)
      openEnvelope(sealer(KEYS, boot).seal(BODY), KEYS, known)
    }
    assert.deepEqual([...known.keys.keys()], boots.slice(-4).map(bootText))
    assert.ok([...known.keys.values()].every((kept) => kept !== undefined))
  })

  it('are forgotten when told so', () => {
    const known = nobody()
    proveBoot(known, BOOT)
    forgetBoot(known, BOOT)
    assert.equal(known.keys.size, 0)
  })

  it('do not change for a forged datagram', () => {
    const known = nobody()
    proveBoot(known, BOOT)
    const sealed = sealer(KEYS, BOOT).seal(BODY)
    openEnvelope(sealed, KEYS, known)
    const before = known.keys.get(bootText(BOOT))
    openEnvelope(sealed.with(40, 0), KEYS, known)
    assert.equal(known.keys.get(bootText(BOOT)), before)
  })
})
