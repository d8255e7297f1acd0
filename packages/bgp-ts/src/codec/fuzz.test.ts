import { seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CORPUS } from '../testing/corpus.ts'
import { mutated } from '../testing/mutation.ts'
import { rawUpdate } from '../testing/raw-message.ts'
import { decodeMessage, encodeMessage, inspectMessage } from './message-codec.ts'
import { describeNotification } from './notification-text.ts'
import type { WireTerms } from './wire-terms.ts'

const SEEDS = [...CORPUS.values()]
const MESSAGES = 20_000
const TERMS: readonly WireTerms[] = [true, false].flatMap((fourOctetAsn) =>
  [true, false].map((internal) => ({ fourOctetAsn, internal, extendedMessage: internal })),
)

describe(`${MESSAGES} mutated messages`, () => {
  it('are each a value; what is a message can be written and is read the same again', () => {
    const random = seededRandom(4271)
    const seen = new Map<string, number>()
    const started = performance.now()
    for (let count = 0; count < MESSAGES; count++) {
      const terms = TERMS[count % TERMS.length]!
      const bytes = mutated(random, SEEDS)
      const decoded = decodeMessage(bytes, terms)
      const inspected = inspectMessage(bytes, terms)
      seen.set(decoded.kind, (seen.get(decoded.kind) ?? 0) + 1)
      if (decoded.kind === 'error') {
        assert.ok(inspected.kind === 'error')
        assert.deepEqual(inspected.notification, decoded.notification)
        assert.match(describeNotification(decoded.notification), /^\P{C}+$/u)
        // Our own answer must be one that can be sent.
        encodeMessage(decoded.notification, terms)
      } else if (decoded.kind === 'message') {
        assert.deepEqual(decodeMessage(encodeMessage(decoded.message, terms), terms), decoded)
      } else {
        assert.ok(inspected.kind === 'inspected')
        assert.equal(inspected.withdrawWhy !== undefined, decoded.kind === 'withdraw')
      }
    }
    assert.ok(performance.now() - started < 10_000)
    // A fuzzer that never gets past the header proves nothing.
    for (const kind of ['message', 'update', 'withdraw', 'error']) {
      assert.ok((seen.get(kind) ?? 0) > MESSAGES / 50, `${kind}: ${seen.get(kind)}`)
    }
  })
})

/** The worst that a peer can put into the largest message: time must follow its size. */
const LARGEST: [name: string, message: Uint8Array][] = [
  ['prefixes of no bits', rawUpdate('', '', '00'.repeat(60_000))],
  ['attributes of no bytes', rawUpdate('c06300'.repeat(20_000))],
  ['doubled attributes', rawUpdate('400600'.repeat(20_000))],
  ['segments of one AS number', rawUpdate(`5002ea60${'020100000001'.repeat(10_000)}`)],
  ['communities', rawUpdate(`d008ea60${'00000001'.repeat(15_000)}`)],
]

describe('a message of 65535 bytes full of', () => {
  for (const [name, message] of LARGEST) {
    it(`${name} is read in a moment`, () => {
      const terms: WireTerms = { fourOctetAsn: true, internal: false, extendedMessage: true }
      const started = performance.now()
      const inspected = inspectMessage(message, terms)
      assert.equal(inspected.kind, 'inspected', JSON.stringify(inspected))
      assert.ok(performance.now() - started < 500)
    })
  }
})
