import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LARGEST_BODY_BYTES, LARGEST_RECORD_BYTES } from './constants.ts'
import { encodeMessage } from './message-codec.ts'
import {
  assembleRecord,
  type Assembled,
  partBytes,
  type RecordAssembly,
  recordAssembly,
  type RecordPart,
  splitRecord,
} from './record-parts.ts'

const BOOT = new Uint8Array(16).fill(1)
const NEXT_BOOT = new Uint8Array(16).fill(2)
const LONGEST_NAME = 'n'.repeat(253)
const edition = (version: number, boot = BOOT) => ({ from: 'n1', node: 'n2', boot, version })
/** Bytes of which no two stretches are alike. */
const bytesOf = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (Math.imul(index + seed, 0x9e3779b1) >>> 13) & 0xff)

const SIZE = partBytes('n2')
const OLD = splitRecord(edition(1), bytesOf(3 * SIZE))
const NEW = splitRecord(edition(2), bytesOf(2 * SIZE + 5, 9))
const shown = (assembled: Assembled): string => {
  if (assembled.kind === 'refused') return assembled.reason
  return assembled.kind === 'waiting' ? `waiting for ${assembled.missing}` : `whole ${assembled.version}`
}
const afterAll = (parts: readonly (RecordPart | undefined)[], assembly = recordAssembly()): Assembled =>
  parts.map((part) => assembleRecord(assembly, part!)).at(-1)!
const held = ({ got }: RecordAssembly): number => [...got.values()].reduce((sum, { length }) => sum + length, 0)

describe('the parts of a record', () => {
  it('each fit a datagram, beside the longest names too', () => {
    for (const name of ['n', 'worker-1.example', LONGEST_NAME]) {
      const parts = splitRecord({ ...edition(0xffff_ffff), from: LONGEST_NAME, node: name }, bytesOf(5000))
      for (const part of parts) assert.ok(encodeMessage(part).length <= LARGEST_BODY_BYTES)
    }
  })

  it('are cut alike whoever sends them on', () => {
    const cut = (from: string) => splitRecord({ ...edition(1), from }, bytesOf(5000)).map(({ bytes }) => bytes)
    assert.deepEqual(cut('n1'), cut(LONGEST_NAME))
  })

  it('become the record again in any order, with any of them twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 * SIZE }), fc.infiniteStream(fc.nat()), (length, stream) => {
        const whole = bytesOf(length, length)
        const parts = splitRecord(edition(1), whole)
        const order = [...parts.keys(), ...parts.keys()].map((part) => ({ part, at: stream.next().value ?? 0 }))
        const assembly = recordAssembly()
        const results = order
          .toSorted((a, b) => a.at - b.at)
          .map(({ part }) => assembleRecord(assembly, parts[part]!))
          .filter(({ kind }) => kind === 'whole')
        assert.deepEqual(results, [{ kind: 'whole', version: 1, bytes: whole }])
        assert.equal(assembly.got.size, 0)
      }),
      { numRuns: 200 },
    )
  })

  it('of the largest record are all taken', () => {
    const whole = bytesOf(LARGEST_RECORD_BYTES)
    for (const node of ['n', LONGEST_NAME]) {
      const last = afterAll(splitRecord({ ...edition(1), node }, whole))
      assert.ok(last.kind === 'whole')
      assert.equal(Buffer.compare(last.bytes, whole), 0)
    }
  })
})

describe('a part', () => {
  const part = NEW[0]!
  const table: [name: string, before: (RecordPart | undefined)[], part: RecordPart | undefined, result: string][] = [
    ['of a record is waited for', [], OLD[2], 'waiting for 2'],
    ['that is here already changes nothing', [OLD[2]], OLD[2], 'Stale'],
    ['of a record that is whole changes nothing', [...OLD], OLD[0], 'Stale'],
    ['of an older version changes nothing', [NEW[0]], OLD[0], 'Stale'],
    ['of an older version changes nothing, though the newer one is whole', [...NEW], OLD[0], 'Stale'],
    ['of a newer version throws away those of the older', [OLD[0], OLD[1]], NEW[2], 'waiting for 2'],
    ['of a newer version follows on a whole one', [...OLD], NEW[0], 'waiting for 2'],
    ['of another boot begins anew, whatever its version', [...NEW], { ...OLD[0]!, boot: NEXT_BOOT }, 'waiting for 2'],
    ['that is the last one missing makes it whole', [NEW[2], NEW[0]], NEW[1], 'whole 2'],
    ['behind the last does not fit', [], { ...part, part: 3 }, 'Misfit'],
    ['of none does not fit', [], { ...part, part: 0, parts: 0 }, 'Misfit'],
    ['of more than 1 MiB does not fit', [], { ...part, parts: 65_535 }, 'Misfit'],
    ['that is too short does not fit', [], { ...part, bytes: part.bytes.slice(1) }, 'Misfit'],
    ['that is too long does not fit', [], { ...part, bytes: bytesOf(SIZE + 1) }, 'Misfit'],
    ['that is the last and too long does not fit', [], { ...part, part: 2, bytes: bytesOf(SIZE + 1) }, 'Misfit'],
    ['that is the last and empty does not fit', [], { ...part, part: 2, bytes: new Uint8Array(0) }, 'Misfit'],
    ['of another number of parts does not fit', [NEW[0]], { ...part, part: 1, parts: 4 }, 'Misfit'],
    ['that does not fit throws nothing away', [OLD[0], OLD[1], { ...part, parts: 65_535 }], OLD[2], 'whole 1'],
  ]
  for (const [name, before, next, result] of table) {
    it(name, () => assert.equal(shown(afterAll([...before, next])), result))
  }
})

it('whatever parts come, no more than 1 MiB is kept', () => {
  const assembly = recordAssembly()
  const parts = Math.ceil(LARGEST_RECORD_BYTES / SIZE)
  for (let version = 1; version <= 3; version++) {
    for (let part = 0; part < parts - 1; part++) {
      assembleRecord(assembly, { kind: 'record', ...edition(version), part, parts, bytes: bytesOf(SIZE) })
    }
    assert.ok(held(assembly) <= LARGEST_RECORD_BYTES)
  }
})
