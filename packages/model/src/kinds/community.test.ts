import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CommunityValue } from '../config.ts'
import { KINDS } from '../names.ts'
import { judge, problemsWith, type RuleRow, verdictOf } from '../rule-rows.ts'
import { parseCommunity } from './community.ts'

const aliases = (...entries: readonly (readonly [name: unknown, value: unknown])[]): object => ({
  communities: entries.map(([name, value]) => ({ name, value })),
})

const ROWS: readonly RuleRow[] = [
  {
    rule: 'a value is a literal',
    refused: aliases(['a', '1:2'], ['b', 'x:2']),
    path: 'spec.communities[1].value',
    tells: ['"x:2"', 'a:b', 'large:a:b:c'],
    accepted: aliases(['a', '1:2'], ['b', '2:2']),
  },
  {
    rule: 'a value has two parts',
    refused: aliases(['a', '1:2:3']),
    path: 'spec.communities[0].value',
    tells: ['"1:2:3"'],
    accepted: aliases(['a', 'large:1:2:3']),
  },
  {
    rule: 'the parts of a value are in range',
    refused: aliases(['a', '1:65536']),
    path: 'spec.communities[0].value',
    tells: ['"1:65536"', '65535'],
    accepted: aliases(['a', '1:65535']),
  },
  {
    rule: 'a value is text',
    refused: aliases(['a', 12]),
    path: 'spec.communities[0].value',
    tells: ['12'],
    accepted: aliases(['a', '1:2']),
  },
  {
    rule: 'an alias has a name',
    refused: aliases(['', '1:2']),
    path: 'spec.communities[0].name',
    tells: ['""', 'not empty'],
    accepted: aliases(['a', '1:2']),
  },
  {
    rule: 'no name stands twice in one object, but two names may have one value',
    refused: aliases(['a', '1:2'], ['a', '1:3']),
    path: 'spec.communities[1]',
    tells: ['"a"', 'communities[0]'],
    accepted: aliases(['a', '1:2'], ['b', '1:2']),
  },
]

const LITERALS: readonly (readonly [text: string, value: CommunityValue | undefined])[] = [
  ['0:0', { kind: 'standard', value: 0 }],
  ['65535:65281', { kind: 'standard', value: 0xffffff01 }],
  ['64512:7', { kind: 'standard', value: 0xfc000007 }],
  ['large:4294967295:0:1', { kind: 'large', words: [4294967295, 0, 1] }],
  ['64512', undefined],
  ['64512:', undefined],
  [':1', undefined],
  ['1:2 ', undefined],
  ['1:-1', undefined],
  ['1:0x1', undefined],
  ['large:1:2', undefined],
  ['large:1:2:3:4', undefined],
  ['Large:1:2:3', undefined],
  ['', undefined],
]

describe('the rules of a Community', () => {
  for (const row of ROWS) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.community, row), verdictOf(row)))
  }
  it('may have no spec at all', () => assert.deepEqual(problemsWith(KINDS.community, undefined), []))
})

describe('parseCommunity', () => {
  for (const [text, value] of LITERALS) {
    it(`takes "${text}" for ${JSON.stringify(value) ?? 'no community'}`, () =>
      assert.deepEqual(parseCommunity(text), value))
  }
})
