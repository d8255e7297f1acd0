import { parseMac } from '@steelyard/net'
import { type Random, seededRandom } from '@steelyard/runtime'
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Answer, IGNORED_REASONS } from './answer.ts'
import { answerFrame, type Received } from './answer-frame.ts'
import type { LinkView, PacketType } from './link-view.ts'
import { noteTalker, TALKER_LIMITS, type Talkers } from './talkers.ts'

const FIXTURES = new URL('../../../test/fixtures/', import.meta.url)
const SEEDS: readonly Uint8Array[] = globSync('{arp,ns,na}-*.hex', { cwd: FIXTURES.pathname })
  .sort()
  .map((name) => readFileSync(new URL(name, FIXTURES), 'utf8').replaceAll(/^#.*$/gm, '').replaceAll(/\s/g, ''))
  .map((text) => Uint8Array.from(Buffer.from(text, 'hex')))

const MAC = parseMac('02:00:5e:00:53:0b')!
const LINK: LinkView = { mac: MAC, arp: true, ndp: true, ownMacs: [MAC] }
const ANNOUNCED = new Set(['192.0.2.11', '192.0.2.10', '2001:db8::a', '2001:db8::b'])
/** Every other frame meets a node that only checks half of these addresses. */
const CHECKED = new Set(['192.0.2.10', '2001:db8::b'])
const CHECKING_FEW = new Set([...ANNOUNCED].filter((ip) => !CHECKED.has(ip)))
const TYPES: readonly PacketType[] = ['host', 'broadcast', 'multicast', 'otherhost', 'outgoing']
const FRAMES = 1_000_000

/** What is in use once the garbage is gone. */
function heapMiB(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const upTo = (random: Random, limit: number): number => Math.floor(random() * limit)

function randomFrame(random: Random): Uint8Array {
  return Uint8Array.from({ length: upTo(random, 120) }, () => upTo(random, 256))
}

/** A captured frame with some bytes changed, cut off, repeated or appended. */
function mutated(random: Random): Uint8Array {
  const frame = Uint8Array.from(SEEDS[upTo(random, SEEDS.length)]!)
  for (let left = upTo(random, 4); left > 0; left--) frame[upTo(random, frame.length)] = upTo(random, 256)
  const shape = random()
  if (shape < 0.15) return frame.subarray(0, upTo(random, frame.length))
  if (shape < 0.25) return Uint8Array.from([...frame, ...randomFrame(random)])
  return frame
}

function answerOf(received: Received, count: number): Answer {
  if (count % 2 === 0) return answerFrame(received, LINK, ANNOUNCED)
  return answerFrame(received, LINK, CHECKING_FEW, CHECKED)
}

describe('a million frames, random and mutated', () => {
  it('are each answered or ignored for a known reason; nothing throws and nothing grows', () => {
    const random = seededRandom(20_260_801)
    const talkers: Talkers = new Map()
    const seen = new Map<string, number>()
    const beforeMiB = heapMiB()
    for (let count = 0; count < FRAMES; count++) {
      const bytes = random() < 0.25 ? randomFrame(random) : mutated(random)
      const answer = answerOf({ bytes, packetType: TYPES[upTo(random, TYPES.length)]! }, count)
      const what = answer.kind === 'ignored' ? answer.reason : answer.kind
      seen.set(what, (seen.get(what) ?? 0) + 1)
      if (answer.kind !== 'claim' && answer.ask !== undefined) noteTalker(talkers, answer.ask.target, answer.ask, count)
    }
    const grownMiB = heapMiB() - beforeMiB
    assert.deepEqual(
      [...seen.keys()].filter((what) => !['reply', 'claim', ...IGNORED_REASONS].includes(what)),
      [],
    )
    for (const what of ['reply', 'claim', 'Malformed', 'OwnFrame', 'OtherDestination', 'NotAnnounced', 'NotARequest']) {
      assert.ok((seen.get(what) ?? 0) > 1000, `${what}: ${seen.get(what) ?? 0}, so the frames did not get that far`)
    }
    assert.ok(talkers.size <= TALKER_LIMITS.targets)
    assert.ok(grownMiB < 8, `the heap grew by ${grownMiB.toFixed(1)} MiB`)
  })
})
