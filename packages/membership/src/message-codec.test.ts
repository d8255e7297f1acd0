import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LARGEST_BODY_BYTES } from './constants.ts'
import type { Message, NewsEntry } from './message.ts'
import { decodeMessage, encodeMessage, packNews } from './message-codec.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
const BOOT = hex('000102030405060708090a0b0c0d0e0f')
const BOOT_HEX = '000102030405060708090a0b0c0d0e0f'
const NONCE = hex('1122334455667788')
const INCARNATION = { node: 'n2', boot: BOOT, incarnation: 258 }
const from = 'n1'
const LONGEST_NAME = 'n'.repeat(253)

/** The sender: `n1` behind its length. */
const N1 = '02 6e31'
const N2 = '02 6e32'

const LAYOUTS: [name: string, message: Message, bytes: string][] = [
  ['a beat', { kind: 'beat', from, incarnation: 1, version: 2, leaving: false }, `01 ${N1} 00000001 00000002 00 00`],
  [
    'a beat on an interface',
    { kind: 'beat', from, incarnation: 1, version: 2, leaving: true, link: { name: 'eth0', heard: [0xdeadbeef, 0] } },
    `01 ${N1} 00000001 00000002 01 01 04 65746830 0002 deadbeef 00000000`,
  ],
  ['a challenge', { kind: 'challenge', from, nonce: NONCE }, `02 ${N1} 1122334455667788`],
  ['a proof', { kind: 'proof', from, nonce: NONCE }, `03 ${N1} 1122334455667788`],
  ['a probe', { kind: 'probe', from, token: 0xffffffff }, `04 ${N1} ffffffff`],
  ['the answer to a probe', { kind: 'probed', from, token: 7 }, `05 ${N1} 00000007`],
  ['a question for a node', { kind: 'ask', from, ...INCARNATION }, `06 ${N1} ${N2} ${BOOT_HEX} 00000102`],
  ['an answer', { kind: 'answer', from, ...INCARNATION, silentMs: 300 }, `07 ${N1} ${N2} ${BOOT_HEX} 00000102 012c`],
  [
    'the answer that a node was never heard',
    { kind: 'answer', from, ...INCARNATION, silentMs: undefined },
    `07 ${N1} ${N2} ${BOOT_HEX} 00000102 ffff`,
  ],
  [
    'news',
    { kind: 'news', from, entries: [{ ...INCARNATION, status: 'dead', version: 9 }] },
    `08 ${N1} 0001 ${N2} ${BOOT_HEX} 00000102 02 00000009`,
  ],
  ['a pull', { kind: 'pull', from, node: 'n2', have: 0 }, `09 ${N1} ${N2} 00000000`],
  [
    'a part of a record',
    { kind: 'record', from, node: 'n2', boot: BOOT, version: 3, part: 0, parts: 2, bytes: hex('aabb') },
    `0a ${N1} ${N2} ${BOOT_HEX} 00000003 0000 0002 0002 aabb`,
  ],
  ['a digest', { kind: 'digest', from, hash: NONCE }, `0b ${N1} 1122334455667788`],
  ['a goodbye', { kind: 'leave', from, incarnation: 5 }, `0c ${N1} 00000005`],
]

/** `undefined` and left out are one on the wire. */
const read = (message: Message): Message =>
  message.kind === 'answer' && message.silentMs === undefined
    ? (({ silentMs: _, ...rest }) => rest as Message)(message)
    : message

describe('each message', () => {
  for (const [name, message, bytes] of LAYOUTS) {
    it(`${name} is written as README.md lays it out, and read back`, () => {
      assert.deepEqual(encodeMessage(message), hex(bytes))
      assert.deepEqual(decodeMessage(hex(bytes)), { ok: true, value: read(message) })
    })
    it(`${name} is refused when cut off anywhere, and when something follows`, () => {
      const whole = hex(bytes)
      for (let length = 0; length < whole.length; length++) {
        assert.equal(decodeMessage(whole.subarray(0, length)).ok, false, `length ${length}`)
      }
      assert.equal(decodeMessage(Uint8Array.from([...whole, 0])).ok, false)
    })
  }
})

describe('a message is refused', () => {
  const table: [name: string, bytes: string, reason: RegExp][] = [
    ['of kind 0', `00 ${N1}`, /unknown message kind 0 at byte 0/],
    ['of a kind that does not exist yet', `0d ${N1}`, /unknown message kind 13/],
    ['of a sender without a name', '04 00 00000001', /an empty name/],
    ['of a sender whose name is too long', `04 fe ${'6e'.repeat(254)} 00000001`, /a name of 254 bytes, at most 253/],
    ['with a name that is not UTF-8', '04 02 c328 00000001', /not UTF-8/],
    ['with a name of half a surrogate pair', '04 03 eda080 00000001', /not UTF-8/],
    ['with an interface name that Linux could not have', `01 ${N1} 00000001 00000002 00 01 10`, /16 bytes, at most 15/],
    ['with a flag that is neither', `01 ${N1} 00000001 00000002 02 00`, /a flag is 2/],
    ['that heard more than fits', `01 ${N1} 00000001 00000002 00 01 01 65 0101`, /257 values, at most 256/],
    ['with news of an unknown status', `08 ${N1} 0001 ${N2} ${BOOT_HEX} 00000102 04 00000009`, /unknown status 4/],
    ['that promises more news than it has', `08 ${N1} ffff`, /values, at most/],
    ['with an empty part', `0a ${N1} ${N2} ${BOOT_HEX} 00000003 0000 0001 0000`, /no bytes/],
    ['that is longer than a datagram', '00'.repeat(LARGEST_BODY_BYTES + 1), /longer than a datagram/],
    ['with something behind it', `04 ${N1} 00000001 aa bb`, /2 bytes too many/],
  ]
  for (const [name, bytes, reason] of table) {
    it(name, () => {
      const result = decodeMessage(hex(bytes))
      assert.ok(!result.ok)
      assert.match(result.reason, reason)
    })
  }
})

describe('our own bugs are thrown, not sent: a message', () => {
  const table: [name: string, message: Message, reason: RegExp][] = [
    ['without a sender', { kind: 'probe', from: '', token: 1 }, /an empty name/],
    ['with a name that is too long', { kind: 'probe', from: 'n'.repeat(254), token: 1 }, /254 bytes/],
    ['with half a surrogate pair', { kind: 'probe', from: '\ud800', token: 1 }, /half a surrogate pair/],
    ['with a token below zero', { kind: 'probe', from, token: -1 }, /-1 does not fit 4 bytes/],
    ['with a token of 33 bits', { kind: 'probe', from, token: 2 ** 32 }, /does not fit 4 bytes/],
    ['with a nonce of 7 bytes', { kind: 'proof', from, nonce: new Uint8Array(7) }, /7 bytes where 8 belong/],
    [
      'with part 65536',
      { kind: 'record', from, node: 'n', boot: BOOT, version: 1, part: 65_536, parts: 1, bytes: BOOT },
      /does not fit 2 bytes/,
    ],
    [
      'that does not fit a datagram',
      { kind: 'record', from, node: 'n', boot: BOOT, version: 1, part: 0, parts: 1, bytes: new Uint8Array(1350) },
      /too long for a datagram/,
    ],
  ]
  for (const [name, message, reason] of table) {
    it(name, () => assert.throws(() => encodeMessage(message), reason))
  }
})

describe('the silence in an answer', () => {
  const table: [silentMs: number, told: number | undefined][] = [
    [0, 0],
    [12.9, 12],
    [65_534, 65_534],
    [65_535, undefined],
    [1e12, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ]
  for (const [silentMs, told] of table) {
    it(`of ${silentMs} ms is told as ${told}`, () => {
      const result = decodeMessage(encodeMessage({ kind: 'answer', from, ...INCARNATION, silentMs }))
      assert.ok(result.ok && result.value.kind === 'answer')
      assert.equal(result.value.silentMs, told)
    })
  }
})

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter((text) => Buffer.byteLength(text) <= 253),
  fc.constantFrom(LONGEST_NAME, 'worker-1.example', '\ufeffmark'),
)
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const incarnation = { node: name, boot: bytesOf(16), incarnation: u32 }
const plain = { noNullPrototype: true } as const
const status = fc.constantFrom<NewsEntry['status']>('alive', 'dead', 'left')
const entry: fc.Arbitrary<NewsEntry> = fc.record({ ...incarnation, status, version: u32 }, plain)
const link = fc.record(
  { name: fc.string({ minLength: 1, maxLength: 15 }), heard: fc.array(u32, { maxLength: 256 }) },
  plain,
)
const beat = { kind: fc.constant('beat' as const), from: name, incarnation: u32, version: u32, leaving: fc.boolean() }
const record = fc.record({
  ...{ kind: fc.constant('record' as const), from: name, node: name, boot: bytesOf(16), version: u32 },
  ...{ part: fc.nat(0xffff), parts: fc.nat(0xffff), bytes: fc.uint8Array({ minLength: 1, maxLength: 800 }) },
})
const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record(beat),
  fc.record({ ...beat, link }),
  fc.record({ kind: fc.constantFrom('challenge', 'proof'), from: name, nonce: bytesOf(8) }),
  fc.record({ kind: fc.constantFrom('probe', 'probed'), from: name, token: u32 }),
  fc.record({ kind: fc.constant('ask' as const), from: name, ...incarnation }),
  fc.record({ kind: fc.constant('answer' as const), from: name, ...incarnation, silentMs: fc.nat(65_534) }),
  fc.record({ kind: fc.constant('news' as const), from: name, entries: fc.array(entry, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('pull' as const), from: name, node: name, have: u32 }),
  record,
  fc.record({ kind: fc.constant('digest' as const), from: name, hash: bytesOf(8) }),
  fc.record({ kind: fc.constant('leave' as const), from: name, incarnation: u32 }),
)

describe('any message', () => {
  it('comes back as it was, whatever its names', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        assert.deepEqual(decodeMessage(encodeMessage(message)), { ok: true, value: { ...message } })
      }),
      { numRuns: 500 },
    )
  })

  it('that can be read is written as it was read: there is one spelling', () => {
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.nat(255), (message, at, byte) => {
        const bytes = encodeMessage(message)
        const bent = bytes.with(at % bytes.length, byte)
        const result = decodeMessage(bent)
        if (result.ok) assert.deepEqual(encodeMessage(result.value), bent)
      }),
      { numRuns: 500 },
    )
  })
})

describe('news', () => {
  const entries = (count: number, node: (index: number) => string): NewsEntry[] =>
    Array.from({ length: count }, (_, index) => ({
      ...INCARNATION,
      node: node(index),
      status: 'alive',
      version: index,
    }))

  it('of nothing is no message', () => assert.deepEqual(packNews(from, []), []))

  it('of 1000 members of usual names is a few dozen datagrams, in order', () => {
    const all = entries(1000, (index) => `worker-${index}.example`)
    const messages = packNews(from, all)
    assert.ok(messages.length < 40, `${messages.length}`)
    assert.deepEqual(
      messages.flatMap((message) => (message.kind === 'news' ? message.entries : [])),
      all,
    )
    for (const message of messages)
      assert.deepEqual(decodeMessage(encodeMessage(message)), { ok: true, value: message })
  })

  it('fills a datagram to the last byte, and not beyond', () => {
    fc.assert(
      fc.property(name, fc.array(entry, { maxLength: 60 }), (sender, all) => {
        const messages = packNews(sender, all)
        const told = messages.map((message) => (message.kind === 'news' ? message.entries : []))
        assert.deepEqual(told.flat(), all)
        for (const [index, pack] of told.entries()) {
          encodeMessage({ kind: 'news', from: sender, entries: pack })
          const next = told[index + 1]?.[0]
          if (next === undefined) continue
          assert.throws(() => encodeMessage({ kind: 'news', from: sender, entries: [...pack, next] }), /too long/)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('fits beside the longest names', () => {
    const messages = packNews(
      LONGEST_NAME,
      entries(10, () => LONGEST_NAME),
    )
    for (const message of messages) assert.ok(encodeMessage(message).length <= LARGEST_BODY_BYTES)
  })
})

it('256 heard hashes fit a beat beside the longest names', () => {
  const heard = Array.from({ length: 256 }, (_, index) => index)
  const link = { name: 'e'.repeat(15), heard }
  const message: Message = { kind: 'beat', from: LONGEST_NAME, incarnation: 0, version: 0, leaving: false, link }
  assert.deepEqual(decodeMessage(encodeMessage(message)), { ok: true, value: message })
})
