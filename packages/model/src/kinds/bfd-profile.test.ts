import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, problemsWith, type RuleRow, verdictOf } from '../rule-rows.ts'
import { sampleObject } from '../sample-objects.ts'
import { readBfdProfile, resolveBfdProfile } from './bfd-profile.ts'

/** Field, the value just outside, the value just inside. */
const BOUNDS: readonly (readonly [field: string, outside: unknown, inside: unknown])[] = [
  ['receiveInterval', 9, 10],
  ['receiveInterval', 60_001, 60_000],
  ['transmitInterval', 9, 10],
  ['transmitInterval', 60_001, 60_000],
  ['echoInterval', 9, 10],
  ['echoInterval', 60_001, 60_000],
  ['detectMultiplier', 1, 2],
  ['detectMultiplier', 256, 255],
  ['minimumTtl', 0, 1],
  ['minimumTtl', 255, 254],
  ['echoMode', 'on', true],
  ['passiveMode', 0, false],
]

const rowOf = ([field, outside, inside]: (typeof BOUNDS)[number]): RuleRow => ({
  rule: `${field} may be ${String(inside)} but not ${String(outside)}`,
  refused: { [field]: outside },
  path: `spec.${field}`,
  tells: [JSON.stringify(outside)],
  accepted: { [field]: inside },
})

describe('the rules of a BFDProfile', () => {
  for (const row of BOUNDS.map(rowOf)) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.bfdProfile, row), verdictOf(row)))
  }
  it('may have no spec at all', () => assert.deepEqual(problemsWith(KINDS.bfdProfile, undefined), []))
  it('has the defaults that the schema leaves out', () => {
    const read = readBfdProfile(sampleObject(KINDS.bfdProfile, 'x', {}))
    assert.ok(read.ok)
    assert.deepEqual(resolveBfdProfile(read.value), {
      name: 'x',
      receiveIntervalMs: 300,
      transmitIntervalMs: 300,
      echoIntervalMs: 50,
      detectMultiplier: 3,
      minimumTtl: 254,
      echoMode: false,
      passiveMode: false,
    })
  })
})
