import { type Random, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { LARGEST_DATAGRAM_BYTES, LARGEST_RECORD_BYTES } from './constants.ts'
import type { Message } from './message.ts'
import { decodeMessage, encodeMessage } from './message-codec.ts'
import type { NodeRecord } from './record.ts'
import { decodeRecord, encodeRecord } from './record-codec.ts'
import { assembleRecord, recordAssembly, splitRecord } from './record-parts.ts'
import { acceptCounter, replayWindow } from './replay-window.ts'
import { ENVELOPE_REFUSALS, keyring, openEnvelope, proveBoot, provenBoots, sealer } from './seal.ts'

const DATAGRAMS = 1_000_000
/** Opening takes ten times as long as reading what is inside, so this many of a hundred are whole datagrams. */
const SEALED_IN_100 = 8
const BOOT = new Uint8Array(16).fill(7)
const INCARNATION = { node: 'n2', boot: BOOT, incarnation: 3 }
const CLAIMS = Array.from({ length: 200 }, (_, at) => ({
  ip: `192.0.2.${at}`,
  epoch: at,
  minority: false,
  releasing: false,
}))
const RECORD: NodeRecord = {
  claims: CLAIMS,
  draining: false,
  missing: ['*'],
  impaired: ['eth0'],
  macs: [new Uint8Array(6)],
}
const RECORD_BYTES = encodeRecord(RECORD)
const PARTS = splitRecord({ from: 'n1', node: 'n2', boot: BOOT, version: 4 }, RECORD_BYTES)
const MESSAGES: readonly Message[] = [
  { kind: 'beat', from: 'n1', incarnation: 1, version: 2, leaving: false },
  { kind: 'beat', from: 'n1', incarnation: 1, version: 2, leaving: true, link: { name: 'eth0', heard: [1, 2, 3] } },
  { kind: 'challenge', from: 'n1', nonce: new Uint8Array(8) },
  { kind: 'probe', from: 'n1', token: 9 },
  { kind: 'ask', from: 'n1', ...INCARNATION },
  { kind: 'answer', from: 'n1', ...INCARNATION, silentMs: 12 },
  { kind: 'news', from: 'n1', entries: [{ ...INCARNATION, status: 'dead', version: 1 }] },
  { kind: 'pull', from: 'n1', node: 'n2', have: 1 },
  { kind: 'digest', from: 'n1', hash: new Uint8Array(8) },
  { kind: 'leave', from: 'n1', incarnation: 1 },
  ...PARTS,
]
const BODIES = MESSAGES.map(encodeMessage)

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit)
const pick = <T>(random: Random, from: readonly T[]): T => from[upTo(random, from.length)]!

/** Made once: a random byte each would be most of the time this takes. */
function noiseOf(random: Random): (longest: number) => Uint8Array {
  const noise = Uint8Array.from({ length: 65_536 }, () => upTo(random, 256))
  return (longest) => {
    const start = upTo(random, noise.length - longest)
    return noise.subarray(start, start + upTo(random, longest))
  }
}

/** With some bytes changed, cut off, or something appended. */
function mutated(random: Random, seed: Uint8Array, noise: (longest: number) => Uint8Array): Uint8Array {
  const bytes = seed.slice()
  for (let left = upTo(random, 4); left > 0; left--) bytes[upTo(random, bytes.length)] = upTo(random, 256)
  const shape = random()
  if (shape < 0.15) return bytes.subarray(0, upTo(random, bytes.length))
  if (shape < 0.2) return Buffer.concat([bytes, noise(20)])
  return bytes
}

/** What is in use once the garbage is gone. */
function heapMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed / 2 ** 20
}

describe('a million datagrams, random and mutated', () => {
  it('are each opened and read, or refused for a known reason; nothing throws and nothing grows', () => {
    const random = seededRandom(20_261_125)
    const noise = noiseOf(random)
    const keys = keyring([new TextEncoder().encode('secret')])
    const mine = sealer(keys, BOOT)
    const envelopes = BODIES.map((body) => mine.seal(body))
    const stranger = sealer(keys, BOOT.with(0, 1)).seal(BODIES[0]!)
    const known = provenBoots(4)
    proveBoot(known, BOOT)
    const [window, assembly] = [replayWindow(), recordAssembly()]
    const seen = new Map<string, number>()
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)

    /** From an outsider: noise, and envelopes that were seen and changed. */
    const outside = (): void => {
      const seed = random() < 0.1 ? stranger : pick(random, envelopes)
      const opened = openEnvelope(random() < 0.5 ? noise(1500) : mutated(random, seed, noise), keys, known)
      if (!opened.ok) return count(opened.reason)
      count(acceptCounter(window, opened.counter) ? 'opened' : 'replayed')
    }
    /** From somebody with the secret: the inside of an envelope. */
    const inside = (): void => {
      const read = decodeMessage(random() < 0.2 ? noise(80) : mutated(random, pick(random, BODIES), noise))
      if (!read.ok) return count('unreadable')
      count(read.value.kind)
      if (read.value.kind === 'record') count(`part ${assembleRecord(assembly, read.value).kind}`)
    }
    const record = (): void => count(`record ${decodeRecord(mutated(random, RECORD_BYTES, noise)).ok}`)

    // Half a million refusals: where each was made would take half of the time, and nobody asks.
    Error.stackTraceLimit = 0
    const beforeMiB = heapMiB()
    for (let at = 0; at < DATAGRAMS; at++) {
      if (at % 100 < SEALED_IN_100) outside()
      else if (at % 1000 === 999) record()
      else inside()
    }
    const grownMiB = heapMiB() - beforeMiB
    Error.stackTraceLimit = 10
    for (const what of [...ENVELOPE_REFUSALS, 'opened', 'replayed', 'unreadable', 'beat', 'news', 'part waiting']) {
      assert.ok((seen.get(what) ?? 0) > 0, `no ${what}, so the datagrams did not get that far`)
    }
    for (const what of ['part whole', 'part refused', 'record true', 'record false']) {
      assert.ok((seen.get(what) ?? 0) > 10, `${what}: ${seen.get(what) ?? 0}`)
    }
    assert.equal(known.keys.size, 1)
    assert.ok([...assembly.got.values()].reduce((sum, { length }) => sum + length, 0) <= LARGEST_RECORD_BYTES)
    assert.ok(grownMiB < 8, `the heap grew by ${grownMiB.toFixed(1)} MiB`)
  })
})

it('an envelope of every length of zeros and of ones is refused', () => {
  const keys = keyring([])
  for (let length = 0; length <= LARGEST_DATAGRAM_BYTES + 100; length++) {
    for (const byte of [0, 1, 0xff]) {
      assert.equal(openEnvelope(new Uint8Array(length).fill(byte), keys, provenBoots(1)).ok, false)
    }
  }
})
