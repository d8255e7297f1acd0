import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KINDS } from '../names.ts'
import { judge, type RuleRow, verdictOf } from '../rule-rows.ts'

const selector = (...requirements: readonly object[]): object => ({ matchExpressions: requirements })

const ROWS: readonly RuleRow[] = [
  {
    rule: 'no expression stands twice in a selector',
    refused: {
      nodeSelectors: [
        selector({ key: 'a', operator: 'In', values: ['x', 'y'] }, { key: 'a', operator: 'In', values: ['y', 'x'] }),
      ],
    },
    path: 'spec.nodeSelectors[0].matchExpressions[1]',
    tells: ['"key":"a"', 'matchExpressions[0]'],
    accepted: {
      nodeSelectors: [selector({ key: 'a', operator: 'In', values: ['x'] }, { key: 'a', operator: 'Exists' })],
    },
  },
  {
    rule: 'no value stands twice in an expression',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'In', values: ['x', 'x'] })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].values[1]',
    tells: ['"x"', 'values[0]'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'In', values: ['x', 'X'] })] },
  },
  {
    rule: 'In needs a value',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'In', values: [] })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].values',
    tells: ['0 values with In', 'at least one'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'In', values: [''] })] },
  },
  {
    rule: 'NotIn needs a value',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'NotIn' })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].values',
    tells: ['NotIn'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'NotIn', values: ['b'] })] },
  },
  {
    rule: 'Exists takes no value',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'Exists', values: ['b'] })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].values',
    tells: ['1 values with Exists', 'no values'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'Exists', values: [] })] },
  },
  {
    rule: 'DoesNotExist takes no value',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'DoesNotExist', values: ['b'] })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].values',
    tells: ['DoesNotExist'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'DoesNotExist' })] },
  },
  {
    rule: 'an operator is one of four',
    refused: { nodeSelectors: [selector({ key: 'a', operator: 'Gt', values: ['1'] })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].operator',
    tells: ['"Gt"', 'In, NotIn, Exists, DoesNotExist'],
    accepted: { nodeSelectors: [selector({ key: 'a', operator: 'Exists' })] },
  },
  {
    rule: 'an expression has a key',
    refused: { nodeSelectors: [selector({ operator: 'Exists' })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].key',
    tells: ['missing'],
    accepted: { nodeSelectors: [selector({ key: 'a.b/c_d', operator: 'Exists' })] },
  },
  {
    rule: 'a key is a label key',
    refused: { nodeSelectors: [selector({ key: 'a/b/c', operator: 'Exists' })] },
    path: 'spec.nodeSelectors[0].matchExpressions[0].key',
    tells: ['"a/b/c"', 'label key'],
    accepted: { nodeSelectors: [selector({ key: 'kubernetes.io/hostname', operator: 'Exists' })] },
  },
  {
    rule: 'a key of matchLabels is a label key',
    refused: { nodeSelectors: [{ matchLabels: { 'UPPER.io/x': 'y' } }] },
    path: 'spec.nodeSelectors[0].matchLabels.UPPER.io/x',
    tells: ['"UPPER.io/x"'],
    accepted: { nodeSelectors: [{ matchLabels: { 'lower.io/X': 'y' } }] },
  },
  {
    rule: 'a name in a key has at most 63 characters',
    refused: { nodeSelectors: [{ matchLabels: { ['k'.repeat(64)]: 'y' } }] },
    path: `spec.nodeSelectors[0].matchLabels.${'k'.repeat(64)}`,
    tells: ['label key'],
    accepted: { nodeSelectors: [{ matchLabels: { ['k'.repeat(63)]: 'y' } }] },
  },
  {
    rule: 'a value is a label value',
    refused: { nodeSelectors: [{ matchLabels: { a: '-b' } }] },
    path: 'spec.nodeSelectors[0].matchLabels.a',
    tells: ['"-b"', 'label value'],
    accepted: { nodeSelectors: [{ matchLabels: { a: 'b-b' } }] },
  },
  {
    rule: 'matchLabels maps text to text',
    refused: { nodeSelectors: [{ matchLabels: { a: 1 } }] },
    path: 'spec.nodeSelectors[0].matchLabels.a',
    tells: ['1', 'text'],
    accepted: { nodeSelectors: [{ matchLabels: { a: '1' } }] },
  },
]

describe('the rules of a selector', () => {
  for (const row of ROWS) {
    it(row.rule, () => assert.deepEqual(judge(KINDS.l2Advertisement, row), verdictOf(row)))
  }
})
