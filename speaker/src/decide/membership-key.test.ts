import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ACCEPTED_FOR_MS,
  firstKey,
  type KeyRing,
  keysAt,
  rotate,
  sameKeys,
  SEALS_AFTER_MS,
  ZERO_SECRET,
} from './membership-key.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const words = (ring: KeyRing, now: number): string => {
  const { sealing, accepted } = keysAt(ring, now)
  const word = (secret: Uint8Array): string => (secret === ZERO_SECRET ? 'zero' : Buffer.from(secret).toString())
  return `${word(sealing)} of ${accepted.map(word).join(' ')}`
}

/** Rotates through secrets, each at its time. */
function after(first: string, ...steps: readonly (readonly [secret: string, at: number])[]): KeyRing {
  return steps.reduce<KeyRing>((ring, [secret, at]) => rotate(ring, bytes(secret), at), firstKey(bytes(first)))
}

describe('the secret that seals', () => {
  const ROWS: readonly (readonly [what: string, ring: KeyRing, now: number, expected: string])[] = [
    ['is at once the one that was there at the start', after('a'), 0, 'a of a'],
    ['is still the former one when a new one was found', after('a', ['b', 0]), SEALS_AFTER_MS - 1, 'a of b a'],
    ['is the new one after two minutes', after('a', ['b', 0]), SEALS_AFTER_MS, 'b of b a'],
    [
      'is not alone until the former one has had its five minutes',
      after('a', ['b', 0]),
      ACCEPTED_FOR_MS - 1,
      'b of b a',
    ],
    ['is alone afterwards', after('a', ['b', 0]), ACCEPTED_FOR_MS, 'b of b'],
    [
      'is never one that was replaced before it sealed: some nodes may not have seen it',
      after('a', ['b', 0], ['c', 10_000]),
      SEALS_AFTER_MS,
      'a of c b a',
    ],
    ['is then the one that replaced it', after('a', ['b', 0], ['c', 10_000]), SEALS_AFTER_MS + 10_000, 'c of c b a'],
    ['is at once the former one that came back', after('a', ['b', 0], ['a', 60_000]), 60_000, 'a of a b'],
    [
      'waits again when it comes back after it was forgotten',
      after('a', ['b', 0], ['a', ACCEPTED_FOR_MS]),
      ACCEPTED_FOR_MS,
      'b of a b',
    ],
    [
      'waits again when it never sealed before',
      after('a', ['b', 0], ['c', 10_000], ['b', 20_000]),
      20_000 + SEALS_AFTER_MS - 1,
      'a of b c a',
    ],
    ['stays as it is when the same is found again', after('a', ['b', 0], ['b', 20_000]), SEALS_AFTER_MS, 'b of b a'],
  ]
  for (const [what, ring, now, expected] of ROWS) it(what, () => assert.equal(words(ring, now), expected))

  it('is one of four at most, however often the Secret is written', () => {
    const ring = after('a', ...Array.from({ length: 100 }, (_, at) => [`s${at}`, at * 1000] as const))
    assert.equal(words(ring, 99_000).split(' of ')[1], 's99 s98 s97 s96')
  })

  it('is found even when every older one was pushed out before the newest may seal', () => {
    const ring = after('a', ['b', 0], ['c', 1], ['d', 2], ['e', 3])
    assert.equal(keysAt(ring, 3).accepted.length, 4)
    assert.equal(words(ring, 3), 'e of e d c b')
  })
})

describe('without a secret', () => {
  it('all zeros seal, and nothing is authenticated', () => {
    assert.deepEqual(keysAt(firstKey(ZERO_SECRET), 0), {
      sealing: ZERO_SECRET,
      accepted: [ZERO_SECRET],
      authenticated: false,
    })
  })
  it('it becomes authenticated once the secret that came late seals', () => {
    const ring = rotate(firstKey(ZERO_SECRET), bytes('a'), 0)
    assert.equal(words(ring, 0), 'zero of a zero')
    assert.equal(keysAt(ring, 0).authenticated, false)
    assert.equal(keysAt(ring, SEALS_AFTER_MS).authenticated, true)
    assert.equal(words(ring, ACCEPTED_FOR_MS), 'a of a')
  })
})

describe('two sets of keys', () => {
  it('are told apart by what seals and by what is accepted', () => {
    const ring = after('a', ['b', 0])
    assert.ok(sameKeys(keysAt(ring, 0), keysAt(ring, 1)))
    assert.ok(!sameKeys(keysAt(ring, 0), keysAt(ring, SEALS_AFTER_MS)))
    assert.ok(!sameKeys(keysAt(ring, SEALS_AFTER_MS), keysAt(ring, ACCEPTED_FOR_MS)))
  })
})
