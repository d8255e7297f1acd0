import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CORPUS } from '../testing/corpus.ts'
import { hex, rawMessage } from '../testing/raw-message.ts'
import { messageFramer } from './framer.ts'
import { decodeMessage } from './message-codec.ts'
import { OPENING_TERMS, type WireTerms } from './wire-terms.ts'

const EXTENDED: WireTerms = { ...OPENING_TERMS, extendedMessage: true }
const header = (length: number, type: number): string =>
  'ff'.repeat(16) + (65536 * 256 + length * 256 + type).toString(16).slice(1)

/** What a header is answered with; the data is that of RFC 4271 section 6.1. */
const HEADERS: [name: string, hex: string, terms: WireTerms, expected: string | undefined][] = [
  ['a marker that is not all ones', `${'ff'.repeat(15)}fe001304`, OPENING_TERMS, '1/1 '],
  ['what is no BGP at all, before a whole header has come', '48545450', OPENING_TERMS, '1/1 '],
  ['a length below 19', header(18, 4), OPENING_TERMS, '1/2 0012'],
  ['a length above 4096', header(4097, 2), OPENING_TERMS, '1/2 1001'],
  ['a length above 4096 where extended messages were agreed upon', header(4097, 2), EXTENDED, undefined],
  ['an OPEN above 4096 all the same (RFC 8654)', header(4097, 1), EXTENDED, '1/2 1001'],
  ['a NOTIFICATION above 4096 where extended messages were agreed upon', header(65_535, 3), EXTENDED, undefined],
  ['an unknown type', header(19, 6), OPENING_TERMS, '1/3 06'],
  ['type 0', header(19, 0), OPENING_TERMS, '1/3 00'],
  ['an OPEN below 29', header(28, 1), OPENING_TERMS, '1/2 001c'],
  ['an UPDATE below 23', header(22, 2), OPENING_TERMS, '1/2 0016'],
  ['a NOTIFICATION below 21', header(20, 3), OPENING_TERMS, '1/2 0014'],
  ['a KEEPALIVE above 19', header(20, 4), OPENING_TERMS, '1/2 0014'],
  ['a ROUTE-REFRESH below 23', header(22, 5), OPENING_TERMS, '1/2 0016'],
  ['half a header', header(23, 2).slice(0, 34), OPENING_TERMS, undefined],
  ['a header whose body has not come', header(23, 2), OPENING_TERMS, undefined],
]

describe('a header', () => {
  for (const [name, bytes, terms, expected] of HEADERS) {
    it(`${expected === undefined ? 'waits on' : 'is refused for'} ${name}`, () => {
      const framer = messageFramer()
      framer.push(Uint8Array.from(Buffer.from(bytes, 'hex')))
      const next = framer.next(terms)
      assert.ok(next?.kind !== 'frame')
      const told = next && `${next.notification.code}/${next.notification.subcode} ${hex(next.notification.data)}`
      assert.equal(told, expected)
      assert.deepEqual(framer.next(terms), next, 'asked again it says the same')
    })
  }

  it('that says another length than the message has is refused', () => {
    const decoded = decodeMessage(Uint8Array.from([...rawMessage(4, ''), 0]), OPENING_TERMS)
    assert.ok(decoded.kind === 'error')
    assert.equal(decoded.notification.subcode, 2)
  })
})

describe('a stream of messages', () => {
  const messages = [...CORPUS.values()]
  const stream = Buffer.concat(messages)

  for (const size of [1, 7, 19, 20, 500, stream.length]) {
    it(`comes out whole from pieces of ${size} bytes`, () => {
      const framer = messageFramer()
      const out: string[] = []
      for (let at = 0; at < stream.length; at += size) {
        framer.push(stream.subarray(at, at + size))
        for (let next = framer.next(OPENING_TERMS); next !== undefined; next = framer.next(OPENING_TERMS)) {
          assert.ok(next.kind === 'frame')
          out.push(hex(next.bytes))
        }
      }
      assert.deepEqual(out, messages.map(hex))
    })
  }

  it('of the largest messages, byte by byte, is no more work than its bytes', () => {
    const big = rawMessage(3, '00'.repeat(65_535 - 19))
    const framer = messageFramer()
    const started = performance.now()
    let count = 0
    for (let round = 0; round < 8; round++) {
      for (let at = 0; at < big.length; at++) {
        framer.push(big.subarray(at, at + 1))
        if (framer.next(EXTENDED) !== undefined) count++
      }
    }
    assert.equal(count, 8)
    // Half a million pushes; copying what is held for each of them would be 17 GB.
    assert.ok(performance.now() - started < 4000)
  })
})
