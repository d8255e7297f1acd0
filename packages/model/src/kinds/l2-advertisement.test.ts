import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, problemsWith, type RuleRow, verdictOf } from '../rule-rows.ts'

const preferred = (weight: unknown, preference: unknown): object => ({
  preferredNodeSelectors: [{ weight, preference }],
})
const RACK = { matchLabels: { rack: 'a' } }

const ROWS: readonly RuleRow[] = [
  {
    rule: 'no pool is named twice',
    refused: { ipAddressPools: ['a', 'a'] },
    path: 'spec.ipAddressPools[1]',
    tells: ['"a"', 'ipAddressPools[0]'],
    accepted: { ipAddressPools: ['a', 'A'] },
  },
  {
    rule: 'no pool selector stands twice',
    refused: { ipAddressPoolSelectors: [RACK, RACK] },
    path: 'spec.ipAddressPoolSelectors[1]',
    tells: ['"rack":"a"'],
    accepted: { ipAddressPoolSelectors: [RACK, {}] },
  },
  {
    rule: 'no node selector stands twice, two empty ones included',
    refused: { nodeSelectors: [{}, {}] },
    path: 'spec.nodeSelectors[1]',
    tells: ['{}'],
    accepted: { nodeSelectors: [{}] },
  },
  {
    rule: 'no service selector stands twice',
    refused: { serviceSelectors: [RACK, {}, RACK] },
    path: 'spec.serviceSelectors[2]',
    tells: ['serviceSelectors[0]'],
    accepted: { serviceSelectors: [RACK, {}] },
  },
  {
    rule: 'interfaces are names, and may repeat',
    refused: { interfaces: [1] },
    path: 'spec.interfaces[0]',
    tells: ['1', 'text'],
    accepted: { interfaces: ['eth0', 'eth0'] },
  },
  {
    rule: 'a weight is at least 1',
    refused: preferred(0, RACK),
    path: 'spec.preferredNodeSelectors[0].weight',
    tells: ['0', 'from 1 to 100'],
    accepted: preferred(1, RACK),
  },
  {
    rule: 'a weight is at most 100',
    refused: preferred(101, RACK),
    path: 'spec.preferredNodeSelectors[0].weight',
    tells: ['101', 'from 1 to 100'],
    accepted: preferred(100, RACK),
  },
  {
    rule: 'a preference is required, but may be empty',
    refused: preferred(1, undefined),
    path: 'spec.preferredNodeSelectors[0].preference',
    tells: ['missing', 'an object'],
    accepted: preferred(1, {}),
  },
  {
    rule: 'a list is no object',
    refused: { nodeSelectors: {} },
    path: 'spec.nodeSelectors',
    tells: ['found an object', 'a list'],
    accepted: { nodeSelectors: [] },
  },
  {
    rule: 'a spec is no list',
    refused: [],
    path: 'spec',
    tells: ['found a list', 'an object'],
    accepted: {},
  },
]

describe('the rules of an L2Advertisement', () => {
  for (const row of ROWS) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.l2Advertisement, row), verdictOf(row)))
  }
  it('may have no spec at all', () => assert.deepEqual(problemsWith(KINDS.l2Advertisement, undefined), []))
})
