import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { age } from './age.ts'
import { COLOURED } from './paint.ts'
import { table } from './table.ts'

describe('an age', () => {
  const now = new Date('2026-03-01T12:00:00Z')
  const rows: readonly (readonly [since: string | undefined, text: string])[] = [
    ['2026-03-01T11:59:48Z', '12s'],
    ['2026-03-01T11:58:30Z', '90s'],
    ['2026-03-01T11:50:00Z', '10m'],
    ['2026-03-01T02:00:00Z', '10h'],
    ['2026-02-01T12:00:00Z', '28d'],
    ['2026-03-01T12:00:05Z', '0s'],
    [undefined, '?'],
    ['yesterday', '?'],
  ]
  for (const [since, text] of rows) it(`${since} is ${text}`, () => assert.equal(age(since, now), text))
})

describe('a table', () => {
  it('has columns as wide as their widest cell, whatever its colour', () => {
    const rows = [
      ['a', { text: 'long cell', paint: COLOURED.bad }, 'x'],
      ['longer', 'b', ''],
    ]
    assert.equal(
      table(['A', 'B', 'C'], rows, ''),
      'A        B           C\na        \u001B[31mlong cell\u001B[0m   x\nlonger   b\n',
    )
  })
  it('says that there is nothing', () => assert.equal(table(['A'], [], 'none'), 'none\n'))
})
